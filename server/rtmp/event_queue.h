/* Events that wait to be pulled, in order. It grows with the input of one feed, which the
 * owner bounds; each event is worth at least a byte of that input.
 *
 * Ownership: init/finish; push takes the event over, shift gives it away. */
#ifndef RTMP_EVENT_QUEUE_H
#define RTMP_EVENT_QUEUE_H

#include "server/rtmp/session.h"

struct rtmp_event_queue {
    /* private */
    struct rtmp_event *events;
    size_t first, n, cap;
};

void rtmp_event_queue_init(struct rtmp_event_queue *queue);
void rtmp_event_queue_finish(struct rtmp_event_queue *queue);
void rtmp_event_queue_push(struct rtmp_event_queue *queue,
                           const struct rtmp_event *event);
bool rtmp_event_queue_shift(struct rtmp_event_queue *queue,
                            struct rtmp_event *ret_event);

#endif
