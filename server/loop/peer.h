/* Where a connection's peer is, in the forms that logs and limits want.
 *
 * Not for other rooms: they ask the parcel or the connection. */
#ifndef LOOP_PEER_H
#define LOOP_PEER_H

#include "server/loop/address.h"

struct loop_peer {
    char text[LOOP_ADDRESS_MAX]; /* with the port */
    char host[LOOP_ADDRESS_MAX]; /* without */
    bool is_loopback;
};

void loop_peer_set(struct loop_peer *peer, const struct sockaddr_storage *address);
/* The other end of the socket, as the system knows it. */
void loop_peer_ask(struct loop_peer *peer, int fd);

#endif
