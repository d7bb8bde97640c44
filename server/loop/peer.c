#include "server/loop/peer.h"

#include <netinet/in.h>
#include <string.h>

static bool is_v4_loopback(uint32_t host)
{
    return host >> 24 == IN_LOOPBACKNET;
}

static bool is_v6_loopback(const struct sockaddr_storage *address)
{
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    return v6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    struct sockaddr_in v4;
    memcpy(&v4, address, sizeof v4);
    if (address->ss_family == AF_INET)
        return is_v4_loopback(ntohl(v4.sin_addr.s_addr));
    return address->ss_family == AF_INET6 ? is_v6_loopback(address) : true;
}

void loop_peer_set(struct loop_peer *peer, const struct sockaddr_storage *address)
{
    (void)loop_address_print(address, peer->text);
    (void)loop_address_print_host(address, peer->host);
    peer->is_loopback = is_loopback(address);
}

void loop_peer_ask(struct loop_peer *peer, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    (void)getpeername(fd, (struct sockaddr *)&address, &len);
    loop_peer_set(peer, &address);
}
