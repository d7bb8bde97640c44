/* What waits to be sent on one connection: references to bufs in a ring, and how much of
 * the first has left already.
 *
 * Ownership: init/finish; the queue holds one reference to each buf. */
#ifndef LOOP_TCP_QUEUE_H
#define LOOP_TCP_QUEUE_H

#include <stdint.h>
#include <sys/uio.h>

#include "core/bytes.h"

struct buf;

/* Most answers are a head and one to three bufs: no memory of its own for them. A power of
 * two. */
enum { LOOP_TCP_QUEUE_INLINE = 8 };

struct loop_tcp_queue {
    /* private */
    struct buf **ring; /* inline_ring or allocated */
    unsigned cap;      /* a power of two */
    unsigned first;
    unsigned n;
    size_t offset; /* bytes of the first buf that have left */
    size_t len;    /* bytes that wait */
    struct buf *inline_ring[LOOP_TCP_QUEUE_INLINE];
};

void loop_tcp_queue_init(struct loop_tcp_queue *queue);
void loop_tcp_queue_finish(struct loop_tcp_queue *queue); /* drops everything */
void loop_tcp_queue_push(struct loop_tcp_queue *queue, struct buf *buf); /* takes it */
size_t loop_tcp_queue_len(const struct loop_tcp_queue *queue);
/* Fills at most max vectors with what comes first; gives their number. */
int loop_tcp_queue_peek(const struct loop_tcp_queue *queue, struct iovec *vectors,
                        int max);
/* len bytes have left. */
void loop_tcp_queue_advance(struct loop_tcp_queue *queue, size_t len);

#endif
