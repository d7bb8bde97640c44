/* Turns a publisher's clock into the show's media axis: unwrapped, anchored, monotonic.
 * RTMP stamps are 32-bit milliseconds (some encoders wrap at 31 bits), start anywhere,
 * jump, repeat, and jitter by a millisecond around audio frames.
 *
 * One timeline serves one epoch: all tracks of one publisher share its anchor, so the
 * offset between sound and picture is kept.
 *
 * - The first packet of any track lands on base_ms; the others keep their distance. A
 *   track whose first stamp is nowhere near has a clock of its own and lands beside the
 *   other.
 * - Jumps of more than TIMELINE_JUMP_FORWARD_MS or back by more than
 *   TIMELINE_JUMP_BACK_MS are not believed: the packet follows its predecessor at the
 *   track's own pace, and so do those behind it. When the other track follows to the new
 *   clock, both are anchored jointly again and keep the distance that their stamps have;
 *   when the track comes back, nothing has happened but a count. A track that, after a
 *   silence of its own, lands near the other track's time had a hole: it is believed. So
 *   is a step that is as long as nothing came: the publisher paused, its clock did not.
 * - DTS grows strictly in each track, by at least a tick, and is never negative.
 * - Audio times come from the count of samples; the stamps correct it only when they
 *   are off by more than two frames.
 * - Video PTS = DTS + signed composition time; it may lie below DTS by the session's
 *   offset (old encoders are off by one). A composition time outside the limits below is
 *   taken as 0.
 *
 * Ownership: create/destroy. Threads: one at a time. Time: only what is passed in. */
#ifndef MEDIA_TIMELINE_H
#define MEDIA_TIMELINE_H

#include "core/bytes.h"
#include "packager/media/track.h"

enum {
    TIMELINE_JUMP_FORWARD_MS = 3000, /* a longer step is a new clock, not a pause */
    TIMELINE_JUMP_BACK_MS = 1000,    /* more is a restarted clock, less is disorder */
    TIMELINE_CTS_MIN_MS = -1000,     /* encoders' offsets are a few frames */
    TIMELINE_CTS_MAX_MS = 10000,     /* 16 frames of reordering at 2 fps, and some */
};

struct timeline;

struct timeline_stats {
    uint64_t n_reanchored; /* joint jumps */
    uint64_t n_clamped;    /* jumps of one track alone, which were not believed */
    uint64_t n_resynced;   /* audio count corrected by its stamps */
};

/* base_ms: where on the show's axis the first packet lands. */
struct timeline *media_timeline_create(int64_t base_ms);
void media_timeline_destroy(struct timeline *timeline); /* NULL: nothing */

/* What follows came at now_ms, monotonic. Never called: nothing is known of arrivals. */
void media_timeline_arrive(struct timeline *timeline, int64_t now_ms);
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

/* The rules that a follower shares. PTS of a picture, in 90 kHz ticks. */
int64_t media_timeline_pts(int64_t dts, int32_t cts_ms);
/* The frame's stamp is near enough to the count of samples, both in ticks: it is counted. */
bool media_timeline_is_counted(int64_t stamped, int64_t counted, uint32_t n_samples);

#endif
