#include "packager/media/follower.h"

#include "core/require.h"
#include "packager/media/packet.h"
#include "packager/media/timeline.h"

enum { AUDIO_SLACK_FRAMES = 2 }; /* jitter of stamps, and a frame lost here and there */

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
    if (cts_ms < TIMELINE_CTS_MIN_MS || cts_ms > TIMELINE_CTS_MAX_MS)
        cts_ms = 0;
    const int64_t ticks_per_ms = TRACK_VIDEO_TIMESCALE / 1000;
    int64_t dts =
        give(follower, media_timeline_locate_ms(timeline, stamp_ms) * ticks_per_ms);
    int64_t pts = dts + cts_ms * ticks_per_ms;
    *ret_dts = dts;
    *ret_pts = pts < 0 ? 0 : pts;
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
    int64_t slack = (int64_t)n_samples * AUDIO_SLACK_FRAMES;
    bool counts =
        follower->started && stamped - counted <= slack && counted - stamped <= slack;
    follower->n_samples = n_samples;
    return give(follower, counts ? counted : stamped);
}
