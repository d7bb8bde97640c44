/* What is measured in the first seconds of a show: the frame rate, and from it the
 * constants that players see and that never change again. Pure, in whole numbers.
 *
 * Publishers' stamps are whole milliseconds, so a rate is known to a millisecond over
 * the time that was looked at; a customary rate within that is taken instead. */
#ifndef SEGMENT_CADENCE_H
#define SEGMENT_CADENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CADENCE_TAIL_MS = 250 };

struct cadence {
    uint64_t num, den; /* frames per second */
};

/* starts: growing decode times. False when there are too few to tell. Lost frames do not
 * count. */
bool segment_cadence_measure(const int64_t *starts, size_t n, uint32_t timescale,
                             struct cadence *ret_cadence);
/* Frames per second with three decimals: 29970. */
uint32_t segment_cadence_milli_fps(struct cadence cadence);
/* A frame's duration in ticks. */
int64_t segment_cadence_frame(struct cadence cadence, uint32_t timescale);

/* PART-TARGET in ms. The leader's parts are wanted, rounded to whole frames such that a
 * segment of segment_ms (0: its length is not known) is whole parts, or leaves a last
 * one of CADENCE_TAIL_MS at least: hls.js takes anything shorter at a segment's end for
 * loaded, and stalls when it is not. One ms more is for the rounding of stamps.
 *
 * other (NULL: none) is the follower, whose parts end where the leader's do, at whole
 * frames of its own: PART-TARGET has room for one of them more. */
uint32_t segment_cadence_part_target(uint32_t wanted_ms, struct cadence cadence,
                                     const struct cadence *other, int64_t segment_ms);
/* How long the leader's own parts may be under this PART-TARGET: less than it, when the
 * follower's parts can end where the leader's do and still fill theirs to 85 %. */
uint32_t segment_cadence_leader_part(uint32_t part_target_ms,
                                     const struct cadence *other);
/* EXT-X-TARGETDURATION in s. key_interval_ms 0: unknown. */
uint32_t segment_cadence_target_duration(uint32_t segment_ms, int64_t key_interval_ms);

#endif
