/* Where publishers come in on one lane: a listener and its porch, for RTMP or RTMPS.
 *
 * Ownership: open/destroy; the hub outlives it.
 * Threads:   the loop's, or before it runs; server_door_renew() from any. */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>

struct door;
struct entrance;
struct entrance_place;
struct err;
struct loop_tls;
struct show_hub;

struct door_options {
    bool proxy;           /* connections begin with a PROXY header */
    struct loop_tls *tls; /* NULL: plain; a reference is taken */
    unsigned per_address; /* handshakes of one address at once; 0: any number */
};

int server_door_open(struct show_hub *hub, const struct entrance_place *place,
                     const struct door_options *options, struct door **ret_door,
                     struct err *err);
const struct entrance *server_door_entrance(const struct door *door);
/* A connected socket that came another way. */
void server_door_accept(struct door *door, int fd);
/* New certificates, of a door with TLS, before its loop is asked to end. A reference is
 * taken. */
void server_door_renew(struct door *door, struct loop_tls *tls);
void server_door_close(
    struct door *door); /* nobody comes in any more; again: nothing */
void server_door_destroy(struct door *door); /* NULL: nothing */

#endif
