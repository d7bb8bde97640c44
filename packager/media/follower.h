/* The clock of a further track (another size of the pictures, another language): it has
 * the stamps of the first of its kind, so it lands where the timeline says that they lie,
 * and is only kept in order by itself. The timeline is never moved by it.
 *
 * - DTS grows strictly, by at least a tick.
 * - Audio times come from the count of samples; the stamps correct it when they are off by
 *   more than two frames, as in the timeline.
 *
 * Ownership: a value. Threads: one at a time. */
#ifndef MEDIA_FOLLOWER_H
#define MEDIA_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

struct timeline;

struct follower {
    /* private */
    bool started;
    int64_t last;       /* DTS given out last, in ticks of timescale */
    uint32_t timescale; /* of last */
    uint32_t n_samples; /* audio: in the frame at last */
};

/* As media_timeline_video() and _audio(). */
void media_follower_video(struct follower *follower, const struct timeline *timeline,
                          uint32_t stamp_ms, int32_t cts_ms, int64_t *ret_dts,
                          int64_t *ret_pts);
int64_t media_follower_audio(struct follower *follower, const struct timeline *timeline,
                             uint32_t stamp_ms, uint32_t sample_rate,
                             uint32_t n_samples);

#endif
