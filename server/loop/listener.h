/* A listening socket of one loop. Every loop has its own on the same port (SO_REUSEPORT),
 * and the kernel spreads the connections; or several loops poll one socket, and whoever is
 * first has the connection. */
#ifndef LOOP_LISTENER_H
#define LOOP_LISTENER_H

#include <stdint.h>

struct err;
struct loop;
struct loop_listener;

/* address as for loop_socket_open(). */
int loop_listener_open(struct loop *loop, const char *address,
                       void (*accepted)(void *ctx, int fd), void *ctx,
                       struct loop_listener **ret_listener, struct err *err);
/* Takes the socket, which listens, also on failure. */
int loop_listener_adopt(struct loop *loop, int fd, void (*accepted)(void *ctx, int fd),
                        void *ctx, struct loop_listener **ret_listener,
                        struct err *err);
/* Before the first loop_listener_open() of an address: ERR_IO when another process listens
 * there. Sharing a port is for the loops of one process; two servers on one port would
 * each get half of the viewers. */
int loop_listener_claim(const char *address, struct err *err);
uint16_t loop_listener_port(const struct loop_listener *listener);
/* Another descriptor of the socket, which listens until that is closed too; -1: none is
 * left. Closed on exec. */
int loop_listener_copy(const struct loop_listener *listener);
void loop_listener_close(
    struct loop_listener *listener); /* NULL: nothing; no more accepts */

#endif
