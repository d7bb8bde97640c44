#include "server/loop/tcp_queue.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"

void loop_tcp_queue_init(struct loop_tcp_queue *queue)
{
    *queue = (struct loop_tcp_queue){.cap = LOOP_TCP_QUEUE_INLINE};
    queue->ring = queue->inline_ring;
}

static struct buf *at(const struct loop_tcp_queue *queue, unsigned i)
{
    return queue->ring[(queue->first + i) & (queue->cap - 1)];
}

static void release_ring(struct loop_tcp_queue *queue)
{
    if (queue->ring != queue->inline_ring)
        alloc_free(queue->ring);
}

void loop_tcp_queue_finish(struct loop_tcp_queue *queue)
{
    for (unsigned i = 0; i < queue->n; i++)
        buf_unref(at(queue, i));
    release_ring(queue);
    loop_tcp_queue_init(queue);
}

/* The number of bufs is bounded by the connection's queue_max: empty ones are not
 * queued. */
static void grow(struct loop_tcp_queue *queue)
{
    struct buf **ring = alloc_array((size_t)queue->cap * 2, sizeof(struct buf *));
    for (unsigned i = 0; i < queue->n; i++)
        ring[i] = at(queue, i);
    release_ring(queue);
    queue->ring = ring;
    queue->first = 0;
    queue->cap *= 2;
}

void loop_tcp_queue_push(struct loop_tcp_queue *queue, struct buf *buf)
{
    size_t len = buf_bytes(buf).len;
    if (len == 0) {
        buf_unref(buf);
        return;
    }
    if (queue->n == queue->cap)
        grow(queue);
    queue->ring[(queue->first + queue->n) & (queue->cap - 1)] = buf;
    queue->n++;
    queue->len += len;
}

size_t loop_tcp_queue_len(const struct loop_tcp_queue *queue)
{
    return queue->len;
}

int loop_tcp_queue_peek(const struct loop_tcp_queue *queue, struct iovec *vectors,
                        int max)
{
    int n = 0;
    for (unsigned i = 0; i < queue->n && n < max; i++, n++) {
        struct bytes content =
            bytes_from(buf_bytes(at(queue, i)), i == 0 ? queue->offset : 0);
        /* An iovec is not const, sending does not write. */
        memcpy(&vectors[n].iov_base, &content.data, sizeof content.data);
        vectors[n].iov_len = content.len;
    }
    return n;
}

void loop_tcp_queue_advance(struct loop_tcp_queue *queue, size_t len)
{
    require(len <= queue->len);
    queue->len -= len;
    queue->offset += len;
    while (queue->n > 0 && queue->offset >= buf_bytes(at(queue, 0)).len) {
        struct buf *sent = at(queue, 0);
        queue->offset -= buf_bytes(sent).len;
        queue->first = (queue->first + 1) & (queue->cap - 1);
        queue->n--;
        buf_unref(sent);
    }
}
