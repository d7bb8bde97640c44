/* What a rule of the coach looks at, and how it says what it sees. For the rules. */
#ifndef SHOW_COACH_LOOK_H
#define SHOW_COACH_LOOK_H

#include <stdio.h>

#include "server/show/coach_rules.h"

enum {
    COACH_SETTLE_MS = 3000, /* say nothing about what an encoder still begins with */
    /* Players that come in wait for a key frame: 2 s is what everybody asks for, YouTube's
     * most is 4 s. */
    COACH_GOP_LONG_MS = 4100,
    COACH_FRAMES_PERCENT = 85, /* of those declared: fewer are missed */
};

/* Milliseconds as seconds with one digit, rounded. */
#define COACH_SECONDS(ms) \
    (long long)(((ms) + 50) / 1000), (long long)(((ms) + 50) % 1000 / 100)
#define COACH_SAY(text, ...) (void)snprintf(text, COACH_TEXT_MAX, __VA_ARGS__)

static inline const struct show_meter_reading_track *
show_coach_look_track(const struct coach_look *look, enum track_kind kind)
{
    return &look->reading->tracks[kind];
}

static inline bool show_coach_look_is_settled(const struct coach_look *look)
{
    return look->reading->age_ms >= COACH_SETTLE_MS;
}

/* Between key frames, the running distance included. */
static inline int64_t
show_coach_look_longest_gop(const struct show_meter_reading *reading)
{
    return reading->keyframe_open_ms > reading->keyframe_max_ms
               ? reading->keyframe_open_ms
               : reading->keyframe_max_ms;
}

#endif
