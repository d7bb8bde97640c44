#include "server/rtmp/event_queue.h"

#include <string.h>

#include "core/alloc.h"

enum { FIRST_CAP = 8 };

void rtmp_event_queue_init(struct rtmp_event_queue *queue)
{
    *queue = (struct rtmp_event_queue){0};
}

void rtmp_event_queue_finish(struct rtmp_event_queue *queue)
{
    struct rtmp_event event;
    while (rtmp_event_queue_shift(queue, &event))
        rtmp_session_event_finish(&event);
    alloc_free(queue->events);
    rtmp_event_queue_init(queue);
}

/* Room at the end: by moving down what has been read, else by growing. */
static void make_room(struct rtmp_event_queue *queue)
{
    if (queue->first + queue->n < queue->cap)
        return;
    if (queue->first > queue->cap / 2) {
        memmove(queue->events, queue->events + queue->first,
                queue->n * sizeof queue->events[0]);
        queue->first = 0;
        return;
    }
    queue->cap = queue->cap ? 2 * queue->cap : FIRST_CAP;
    queue->events = alloc_resize(queue->events, queue->cap * sizeof queue->events[0]);
}

void rtmp_event_queue_push(struct rtmp_event_queue *queue,
                           const struct rtmp_event *event)
{
    make_room(queue);
    queue->events[queue->first + queue->n++] = *event;
}

bool rtmp_event_queue_shift(struct rtmp_event_queue *queue,
                            struct rtmp_event *ret_event)
{
    if (queue->n == 0)
        return false;
    *ret_event = queue->events[queue->first++];
    if (--queue->n == 0)
        queue->first = 0;
    return true;
}
