/* A listening socket of one loop; every loop has its own on the same port
 * (SO_REUSEPORT), the kernel spreads the connections. */
#ifndef LOOP_LISTENER_H
#define LOOP_LISTENER_H

#include <stdint.h>

struct err;
struct loop;
struct loop_listener;

/* address: "host:port", numeric, "[::]:8080" for IPv6, ":8080" for every address of both;
 * port 0 picks a free one. ERR_INVALID for the text, ERR_IO with the system's words. */
int loop_listener_open(struct loop *loop, const char *address,
                       void (*accepted)(void *ctx, int fd), void *ctx,
                       struct loop_listener **ret_listener, struct err *err);
/* Before the first loop_listener_open() of an address: ERR_IO when another process listens
 * there. Sharing a port is for the loops of one process; two servers on one port would
 * each get half of the viewers. */
int loop_listener_claim(const char *address, struct err *err);
uint16_t loop_listener_port(const struct loop_listener *listener);
void loop_listener_close(
    struct loop_listener *listener); /* NULL: nothing; no more accepts */

#endif
