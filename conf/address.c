#include "conf/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/parse.h"

enum { HOST_MAX = INET6_ADDRSTRLEN };

static bool is_host(int family, struct bytes text)
{
    char host[HOST_MAX];
    struct in6_addr out; /* the larger of the two */
    if (text.len >= sizeof host)
        return false;
    memcpy(host, text.data, text.len);
    host[text.len] = '\0';
    return strlen(host) == text.len && inet_pton(family, host, &out) == 1;
}

static bool is_port(struct bytes text)
{
    uint64_t port;
    return text.len <= 5 && parse_u64(text, &port) && port <= 65535;
}

bool conf_address_is_valid(struct bytes text)
{
    size_t colon = text.len; /* the last one: IPv6 has others */
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == ':')
            colon = i;
    if (colon == text.len || !is_port(bytes_from(text, colon + 1)))
        return false;
    struct bytes host = bytes_first(text, colon);
    if (host.len == 0)
        return true;
    if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        return is_host(AF_INET6, bytes_first(bytes_from(host, 1), host.len - 2));
    return is_host(AF_INET, host);
}
