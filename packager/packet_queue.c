#include "packager/packet_queue.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"

enum { FIRST_CAP = 16 }; /* a power of two, and doubled: the ring is masked */

static struct packet *slot(const struct packet_queue *queue, size_t i)
{
    return &queue->packets[(queue->first + i) & (queue->cap - 1)];
}

void packager_packet_queue_finish(struct packet_queue *queue)
{
    while (queue->n > 0)
        packager_packet_queue_drop(queue);
    alloc_free(queue->packets);
    *queue = (struct packet_queue){0};
}

static void grow(struct packet_queue *queue)
{
    size_t cap = queue->cap > 0 ? queue->cap * 2 : FIRST_CAP;
    struct packet *packets = alloc_array(cap, sizeof *packets);
    for (size_t i = 0; i < queue->n; i++)
        packets[i] = *slot(queue, i);
    alloc_free(queue->packets);
    queue->packets = packets;
    queue->first = 0;
    queue->cap = cap;
}

void packager_packet_queue_push(struct packet_queue *queue, const struct packet *packet)
{
    if (queue->n == queue->cap)
        grow(queue);
    *slot(queue, queue->n++) = *packet;
    queue->n_bytes += buf_bytes(packet->data).len;
}

size_t packager_packet_queue_count(const struct packet_queue *queue)
{
    return queue->n;
}

size_t packager_packet_queue_bytes(const struct packet_queue *queue)
{
    return queue->n_bytes;
}

const struct packet *packager_packet_queue_peek(const struct packet_queue *queue,
                                                size_t i)
{
    return i < queue->n ? slot(queue, i) : NULL;
}

static void finish_packet(struct packet_queue *queue, struct packet *packet)
{
    queue->n_bytes -= buf_bytes(packet->data).len;
    media_packet_finish(packet);
}

void packager_packet_queue_drop(struct packet_queue *queue)
{
    require(queue->n > 0);
    finish_packet(queue, slot(queue, 0));
    queue->first = (queue->first + 1) & (queue->cap - 1);
    queue->n--;
}

void packager_packet_queue_drop_last(struct packet_queue *queue)
{
    require(queue->n > 0);
    finish_packet(queue, slot(queue, --queue->n));
}
