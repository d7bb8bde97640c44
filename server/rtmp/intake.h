/* Audio, video, data and aggregate messages of an accepted publisher, made into events.
 * Nothing in them is an error: what is not understood is counted and left. */
#ifndef RTMP_INTAKE_H
#define RTMP_INTAKE_H

#include "core/bytes.h"

struct rtmp_event_queue;
struct rtmp_message;

struct rtmp_intake {
    /* private; zeroed at first */
    bool avc_is_hevc; /* the last configuration under AVC's number was HEVC's */
};

/* Takes the message over. False when it was, or held, something unknown. */
bool rtmp_intake_take(struct rtmp_intake *intake, struct rtmp_message *message,
                      struct rtmp_event_queue *events);

#endif
