#include "core/bytes.h"

#include <string.h>

#include "core/alloc.h"

struct bytes bytes_make(const void *data, size_t len)
{
    return (struct bytes){.data = data, .len = len};
}

struct bytes bytes_text(const char *text)
{
    return bytes_make(text, text ? strlen(text) : 0);
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bytes_equal_text(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_text(text));
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
    return difference == 0;
}

bool bytes_has_prefix(struct bytes a, const char *prefix)
{
    size_t len = strlen(prefix);
    return a.len >= len && (len == 0 || memcmp(a.data, prefix, len) == 0);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.data, b.data, len) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

struct bytes bytes_from(struct bytes a, size_t start)
{
    if (start > a.len)
        start = a.len;
    return bytes_make(a.data ? a.data + start : NULL, a.len - start);
}

struct bytes bytes_first(struct bytes a, size_t len)
{
    return bytes_make(a.data, len < a.len ? len : a.len);
}

size_t bytes_index(struct bytes a, size_t from, uint8_t c)
{
    if (from >= a.len)
        return a.len;
    const uint8_t *found = memchr(a.data + from, c, a.len - from);
    return found ? (size_t)(found - a.data) : a.len;
}

bool bytes_cut(struct bytes *rest, uint8_t separator, struct bytes *ret_head)
{
    if (!rest->data)
        return false;
    size_t at = bytes_index(*rest, 0, separator);
    *ret_head = bytes_first(*rest, at);
    *rest = at < rest->len ? bytes_from(*rest, at + 1) : bytes_make(NULL, 0);
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct bytes bytes_trim(struct bytes a)
{
    while (a.len > 0 && is_blank(a.data[0]))
        a = bytes_from(a, 1);
    while (a.len > 0 && is_blank(a.data[a.len - 1]))
        a.len--;
    return a;
}

/* Length of the UTF-8 sequence at the start of a, or 0 when it is not one. */
static size_t utf8_sequence(struct bytes a)
{
    const uint8_t *p = a.data;
    if (p[0] == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] < 0xe0   ? 2
               : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
               : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                             : 0;
    if (n == 0 || a.len < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
    bool beyond = p[0] == 0xf4 && p[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : n;
}

bool bytes_is_utf8(struct bytes a)
{
    while (a.len > 0) {
        size_t n = utf8_sequence(a);
        if (n == 0)
            return false;
        a = bytes_from(a, n);
    }
    return true;
}

char *bytes_to_text(struct bytes a)
{
    char *text = alloc_zero(a.len + 1);
    if (a.len > 0)
        memcpy(text, a.data, a.len);
    return text;
}
