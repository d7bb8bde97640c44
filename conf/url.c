#include "conf/url.h"

#include <string.h>

#include "core/parse.h"

static bool is_visible_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return true;
}

static bool is_port(struct bytes text)
{
    uint64_t port;
    return parse_u64(text, &port) && port >= 1 && port <= 65535;
}

static bool has_only(struct bytes text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !strchr(others, c))
            return false;
    }
    return text.len > 0;
}

/* A name or a number, and perhaps a port; an IPv6 number stands in brackets. */
static bool is_host_and_port(struct bytes text)
{
    bool bracketed = text.len > 0 && text.data[0] == '[';
    size_t end = bytes_index(text, 0, bracketed ? ']' : ':');
    struct bytes host = bytes_first(text, end);
    if (bracketed) {
        if (end == text.len)
            return false;
        host = bytes_from(host, 1);
        end++;
    }
    if (!has_only(host, bracketed ? ":." : "-._"))
        return false;
    if (end == text.len)
        return true;
    return text.data[end] == ':' && is_port(bytes_from(text, end + 1));
}

/* What stands before the path, the query or the fragment. */
static struct bytes authority_of(struct bytes text)
{
    size_t end = 0;
    while (end < text.len && !strchr("/?#", text.data[end]))
        end++;
    return bytes_first(text, end);
}

bool conf_url_is_valid(struct bytes text)
{
    if (!is_visible_ascii(text) || bytes_index(text, 0, '#') < text.len)
        return false;
    if (bytes_has_prefix(text, "https://"))
        text = bytes_from(text, strlen("https://"));
    else if (bytes_has_prefix(text, "http://"))
        text = bytes_from(text, strlen("http://"));
    else
        return false;
    struct bytes authority = authority_of(text);
    size_t at = bytes_index(authority, 0, '@');
    return is_host_and_port(at < authority.len ? bytes_from(authority, at + 1)
                                               : authority);
}
