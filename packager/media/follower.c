#include "packager/media/follower.h"

#include "core/require.h"
#include "packager/media/packet.h"
#include "packager/media/timeline.h"

enum { TICKS_PER_MS = TRACK_VIDEO_TIMESCALE / 1000 };

static int64_t give(struct follower *follower, int64_t wanted)
{
    follower->last =
        follower->started && wanted <= follower->last ? follower->last + 1 : wanted;
    follower->started = true;
    return follower->last;
}

void media_follower_video(struct follower *follower, const struct timeline *timeline,
                          uint32_t stamp_ms, int32_t cts_ms, int64_t *ret_dts,
                          int64_t *ret_pts)
{
    *ret_dts =
        give(follower, media_timeline_locate_ms(timeline, stamp_ms) * TICKS_PER_MS);
    *ret_pts = media_timeline_pts(*ret_dts, cts_ms);
}

int64_t media_follower_audio(struct follower *follower, const struct timeline *timeline,
                             uint32_t stamp_ms, uint32_t sample_rate,
                             uint32_t n_samples)
{
    require(sample_rate > 0 && n_samples > 0);
    if (follower->started && follower->timescale != sample_rate)
        follower->last =
            media_packet_rescale(follower->last, follower->timescale, sample_rate);
    follower->timescale = sample_rate;
    int64_t stamped = media_packet_rescale(media_timeline_locate_ms(timeline, stamp_ms),
                                           1000, sample_rate);
    int64_t counted = follower->last + follower->n_samples;
    bool counts =
        follower->started && media_timeline_is_counted(stamped, counted, n_samples);
    follower->n_samples = n_samples;
    return give(follower, counts ? counted : stamped);
}
