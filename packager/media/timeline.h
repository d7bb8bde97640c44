/* Turns a publisher's clock into the show's media axis: unwrapped, anchored, monotonic.
 * facts: RTMP stamps are 32-bit milliseconds (some encoders wrap at 31 bits), start
 * anywhere, jump, repeat, and jitter by a millisecond around audio frames.
 *
 * One timeline serves one epoch: all tracks of one publisher share its anchor, so the
 * offset between sound and picture is kept.
 *
 * - The first packet of any track lands on base_ms; the others keep their distance.
 * - Jumps of more than TIMELINE_JUMP_FORWARD_MS or back by more than
 *   TIMELINE_JUMP_BACK_MS: when both tracks follow (or there is one track only), both
 *   are anchored again jointly, right behind the last packet; in one track alone the
 *   stamp is clamped to the smallest step and counted. A track that, after a silence of
 *   its own, lands near the other track's time had a hole: no clamp, no anchor.
 * - DTS grows strictly in each track (at least one tick).
 * - Audio times come from the count of samples; the stamps correct it only when they
 *   are off by more than two frames.
 * - Video PTS = DTS + signed composition time; it may lie below DTS by the session's
 *   offset (old encoders are off by one).
 *
 * Ownership: create/destroy. Threads: one at a time. Time: only what is passed in. */
#ifndef MEDIA_TIMELINE_H
#define MEDIA_TIMELINE_H

#include "core/bytes.h"
#include "packager/media/track.h"

enum {
    TIMELINE_JUMP_FORWARD_MS = 3000, /* a longer step is a new clock, not a pause */
    TIMELINE_JUMP_BACK_MS = 1000,    /* more is a restarted clock, less is disorder */
};

struct timeline;

struct timeline_stats {
    uint64_t n_reanchored; /* joint jumps */
    uint64_t n_clamped;    /* stamps of one track that were not believed */
    uint64_t n_resynced;   /* audio count corrected by its stamps */
};

/* base_ms: where on the show's axis the first packet lands. */
struct timeline *media_timeline_create(int64_t base_ms);
void media_timeline_destroy(struct timeline *timeline); /* NULL: nothing */

/* stamp_ms: as on the wire, 32 bits. cts_ms: signed composition time.
 * Times out in 90 kHz ticks. */
void media_timeline_video(struct timeline *timeline, uint32_t stamp_ms, int32_t cts_ms,
                          int64_t *ret_dts, int64_t *ret_pts);
/* Times out in ticks of sample_rate; the frame has n_samples. */
int64_t media_timeline_audio(struct timeline *timeline, uint32_t stamp_ms,
                             uint32_t sample_rate, uint32_t n_samples);
/* For messages that are no media (cues): where a stamp lies, without moving anything. */
int64_t media_timeline_locate_ms(const struct timeline *timeline, uint32_t stamp_ms);
struct timeline_stats media_timeline_stats(const struct timeline *timeline);

#endif
