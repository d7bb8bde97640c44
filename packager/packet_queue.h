/* Packets waiting in order. Ownership: init/finish; holds the packets' data. Threads: one
 * at a time. Limits: none of its own; whoever pushes has one. */
#ifndef PACKET_QUEUE_H
#define PACKET_QUEUE_H

#include "packager/media/packet.h"

struct packet_queue {
    /* private */
    struct packet *packets; /* ring */
    size_t first, n, cap;
    size_t n_bytes;
};

void packager_packet_queue_finish(
    struct packet_queue *queue); /* also of a zeroed one */
/* Takes the packet's data. */
void packager_packet_queue_push(struct packet_queue *queue,
                                const struct packet *packet);
size_t packager_packet_queue_count(const struct packet_queue *queue);
size_t packager_packet_queue_bytes(const struct packet_queue *queue); /* their data */
/* i from the front; NULL behind the end; until the next push or drop. */
const struct packet *packager_packet_queue_peek(const struct packet_queue *queue,
                                                size_t i);
void packager_packet_queue_drop(struct packet_queue *queue);      /* the front one */
void packager_packet_queue_drop_last(struct packet_queue *queue); /* the newest */

#endif
