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

/* PART-TARGET in ms: wanted, rounded to whole frames, and one more for the rounding of
 * stamps. other (NULL: none) is the second rendition: its whole frames fill the part to
 * 85 % too. */
uint32_t segment_cadence_part_target(uint32_t wanted_ms, struct cadence cadence,
                                     const struct cadence *other);
/* EXT-X-TARGETDURATION in s. key_interval_ms 0: unknown. */
uint32_t segment_cadence_target_duration(uint32_t segment_ms, int64_t key_interval_ms);

#endif
