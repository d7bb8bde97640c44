/* The listening sockets of one name on one lane: one that it opens, or those that came with
 * the start of the process.
 *
 * Ownership: open/close.
 * Threads:   the loop's, or before it runs. */
#ifndef ENTRANCE_H
#define ENTRANCE_H

#include <stdint.h>

struct entrance;
struct err;
struct loop;
struct sockets;

struct entrance_place {
    const char *name;          /* as in server/sockets.h; outlives the entrance */
    const char *address;       /* as for loop_socket_open(); NULL: off */
    struct sockets *inherited; /* those of the name are used first */
    unsigned lane, n_lanes;    /* of those that have such an entrance */
};

int server_entrance_open(struct loop *loop, const struct entrance_place *place,
                         void (*accepted)(void *ctx, int fd), void *ctx,
                         struct entrance **ret_entrance, struct err *err);
uint16_t server_entrance_port(const struct entrance *entrance);
/* Adds copies of its sockets, with which they outlive it. */
void server_entrance_keep(const struct entrance *entrance, struct sockets *sockets);
/* Nobody comes in any more; NULL: nothing. */
void server_entrance_close(struct entrance *entrance);

#endif
