/* How many connections each address has, so that one cannot take them all. The machine
 * itself is not counted: a proxy in front and load tests come from there.
 *
 * Ownership: create/destroy.
 * Threads:   one a loop.
 * Limits:    an entry lives while its address has connections, so there are never more
 *   entries than connections. */
#ifndef HTTP_PEERS_H
#define HTTP_PEERS_H

#include <stdbool.h>

struct http_peers;

struct http_peers *http_peers_create(unsigned connections_max);
void http_peers_destroy(struct http_peers *peers); /* NULL: nothing */
/* peer: address and port as loop_tcp_peer() gives them. False: it has too many. */
bool http_peers_enter(struct http_peers *peers, const char *peer);
/* Once for each enter() that was true. */
void http_peers_leave(struct http_peers *peers, const char *peer);

#endif
