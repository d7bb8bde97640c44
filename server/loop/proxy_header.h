/* The PROXY protocol, versions 1 and 2, the receiver's side: what a load balancer says in
 * front of a connection's own bytes about where it comes from (haproxy's
 * doc/proxy-protocol.txt, sections 2.1 and 2.2).
 *
 * Not for other rooms. Pure: bytes in, an address out.
 * Limits: LOOP_PROXY_HEADER_MAX; what stands behind the addresses in version 2 is
 *   skipped. */
#ifndef LOOP_PROXY_HEADER_H
#define LOOP_PROXY_HEADER_H

#include <stdbool.h>
#include <sys/socket.h>

#include "core/bytes.h"

struct err;

/* Version 2 could say 64 KiB; what load balancers add is some hundred bytes. */
enum { LOOP_PROXY_HEADER_MAX = 4096 };

struct loop_proxy_header {
    /* False: the load balancer itself has connected (LOCAL), or it does not know or tell
     * (UNKNOWN, UNSPEC, UNIX): the socket's own address holds. */
    bool has_source;
    struct sockaddr_storage source;
};

/* Length of the header; 0: needs more; -ERR_PROTO: this is none; -ERR_LIMIT: too long. */
int loop_proxy_header_read(struct bytes in, struct loop_proxy_header *ret_header,
                           struct err *err);

#endif
