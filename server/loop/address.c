#include "server/loop/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/err.h"
#include "core/parse.h"

static bool parse_port(struct bytes text, in_port_t *ret_port)
{
    uint64_t port;
    if (text.len == 0 || text.len > 5 || !parse_u64(text, &port) || port > UINT16_MAX)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

static void set_v6(struct loop_address *address, const struct in6_addr *host,
                   in_port_t port, bool any_family)
{
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = *host};
    *address = (struct loop_address){.len = sizeof v6, .any_family = any_family};
    memcpy(&address->socket, &v6, sizeof v6);
}

static void set_v4(struct loop_address *address, struct in_addr host, in_port_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port, .sin_addr = host};
    *address = (struct loop_address){.len = sizeof v4};
    memcpy(&address->socket, &v4, sizeof v4);
}

/* The last colon parts host and port; an IPv6 host stands in brackets. */
int loop_address_parse(const char *text, struct loop_address *ret_address,
                       struct err *err)
{
    const char *colon = text ? strrchr(text, ':') : NULL;
    char host[LOOP_ADDRESS_MAX];
    in_port_t port;
    if (!colon || (size_t)(colon - text) >= sizeof host ||
        !parse_port(bytes_text(colon + 1), &port))
        return err_set(err, ERR_INVALID, "address \"%.80s\" is not host:port",
                       text ? text : "");
    size_t len = (size_t)(colon - text);
    memcpy(host, text, len);
    host[len] = '\0';
    struct in_addr v4;
    struct in6_addr v6;
    if (len == 0) {
        set_v6(ret_address, &in6addr_any, port, true);
        return 0;
    }
    if (inet_pton(AF_INET, host, &v4) == 1) {
        set_v4(ret_address, v4, port);
        return 0;
    }
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &v6) == 1) {
            set_v6(ret_address, &v6, port, false);
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "address \"%.80s\" needs a numeric host, IPv6 in brackets", text);
}

const char *loop_address_print_host(const struct sockaddr_storage *socket,
                                    char out[LOOP_ADDRESS_MAX])
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, socket, sizeof v4);
    memcpy(&v6, socket, sizeof v6);
    (void)snprintf(out, LOOP_ADDRESS_MAX, "local");
    if (socket->ss_family == AF_INET)
        (void)inet_ntop(AF_INET, &v4.sin_addr, out, LOOP_ADDRESS_MAX);
    else if (socket->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        (void)inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], out, LOOP_ADDRESS_MAX);
    else if (socket->ss_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, out, LOOP_ADDRESS_MAX);
    return out;
}

const char *loop_address_print(const struct sockaddr_storage *socket,
                               char out[LOOP_ADDRESS_MAX])
{
    char host[LOOP_ADDRESS_MAX];
    (void)loop_address_print_host(socket, host);
    unsigned port = loop_address_port(socket);
    if (socket->ss_family != AF_INET && socket->ss_family != AF_INET6)
        (void)snprintf(out, LOOP_ADDRESS_MAX, "%s", host);
    else if (strchr(host, ':'))
        (void)snprintf(out, LOOP_ADDRESS_MAX, "[%.50s]:%u", host, port);
    else
        (void)snprintf(out, LOOP_ADDRESS_MAX, "%.50s:%u", host, port);
    return out;
}

uint16_t loop_address_port(const struct sockaddr_storage *socket)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    memcpy(&v6, socket, sizeof v6);
    memcpy(&v4, socket, sizeof v4);
    if (socket->ss_family == AF_INET6)
        return ntohs(v6.sin6_port);
    return socket->ss_family == AF_INET ? ntohs(v4.sin_port) : 0;
}
