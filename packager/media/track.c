#include "packager/media/track.h"

#include <stdatomic.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/list.h"
#include "core/require.h"
#include "packager/media/aac.h"
#include "packager/media/h264.h"

/* The count stands beside the fields, so that these can be looked at as values. */
struct counted {
    atomic_uint refs;
    struct track track;
};

static struct counted *counted_of(struct track *track)
{
    return container_of(track, struct counted, track);
}

static int read_h264(struct bytes config, struct track *track, struct err *err)
{
    struct h264_config h264;
    int rc = media_h264_parse_config(config, &h264, err);
    if (rc < 0)
        return rc;
    track->kind = TRACK_VIDEO;
    track->timescale = TRACK_VIDEO_TIMESCALE;
    track->width = h264.width;
    track->height = h264.height;
    track->rate_num = h264.rate_num;
    track->rate_den = h264.rate_den;
    track->nal_length_size = h264.nal_length_size;
    (void)snprintf(track->codecs, sizeof track->codecs, "avc1.%02x%02x%02x",
                   h264.profile, h264.compatibility, h264.level);
    return 0;
}

static int read_aac(struct bytes config, struct track *track, struct err *err)
{
    struct aac_config aac;
    int rc = media_aac_parse_config(config, &aac, err);
    if (rc < 0)
        return rc;
    track->kind = TRACK_AUDIO;
    track->timescale = aac.sample_rate;
    track->sample_rate = aac.sample_rate;
    track->channels = aac.channels;
    track->frame_samples = aac.frame_samples;
    (void)snprintf(track->codecs, sizeof track->codecs, "mp4a.40.%u", aac.object_type);
    return 0;
}

/* Takes the configuration's reference. */
static struct track *make(const struct track *track)
{
    struct counted *counted = alloc_zero(sizeof *counted);
    atomic_init(&counted->refs, 1);
    counted->track = *track;
    return &counted->track;
}

int media_track_create(enum track_codec codec, struct buf *config,
                       struct track **ret_track, struct err *err)
{
    struct track track = {.codec = codec};
    int rc = -ERR_UNSUPPORTED;
    switch (codec) {
    case TRACK_H264:
        rc = read_h264(buf_bytes(config), &track, err);
        break;
    case TRACK_AAC:
        rc = read_aac(buf_bytes(config), &track, err);
        break;
    case TRACK_HEVC:
    case TRACK_AV1:
    case TRACK_VP9:
    case TRACK_OPUS:
        (void)err_set(err, ERR_UNSUPPORTED, "a codec that is not supported");
        break;
    }
    if (rc < 0)
        return rc;
    track.config = buf_ref(config);
    *ret_track = make(&track);
    return 0;
}

struct track *media_track_with_color(const struct track *track,
                                     const struct track_color *color)
{
    struct track copy = *track;
    copy.config = buf_ref(track->config);
    copy.color = *color;
    return make(&copy);
}

struct track *media_track_with_size(const struct track *track, uint16_t width,
                                    uint16_t height)
{
    struct track copy = *track;
    copy.config = buf_ref(track->config);
    copy.width = width;
    copy.height = height;
    return make(&copy);
}

struct track *media_track_with_frame(const struct track *track, uint32_t frame_samples)
{
    struct track copy = *track;
    copy.config = buf_ref(track->config);
    copy.frame_samples = frame_samples;
    return make(&copy);
}

struct track *media_track_ref(struct track *track)
{
    if (track)
        atomic_fetch_add_explicit(&counted_of(track)->refs, 1, memory_order_relaxed);
    return track;
}

void media_track_unref(struct track *track)
{
    if (!track)
        return;
    struct counted *counted = counted_of(track);
    unsigned before =
        atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel);
    require(before > 0);
    if (before > 1)
        return;
    buf_unref(track->config);
    alloc_free(counted);
}

bool media_track_is_complete(const struct track *track)
{
    return track->kind == TRACK_AUDIO || (track->width > 0 && track->height > 0);
}

static bool is_same_mastering(const struct track_color *a, const struct track_color *b)
{
    if (a->has_mastering != b->has_mastering)
        return false;
    for (int i = 0; i < 4; i++)
        if (a->mastering_xy[i][0] != b->mastering_xy[i][0] ||
            a->mastering_xy[i][1] != b->mastering_xy[i][1])
            return false;
    return a->luminance_max == b->luminance_max && a->luminance_min == b->luminance_min;
}

static bool is_same_color(const struct track_color *a, const struct track_color *b)
{
    return a->known == b->known && a->primaries == b->primaries &&
           a->transfer == b->transfer && a->matrix == b->matrix &&
           a->full_range == b->full_range && is_same_mastering(a, b) &&
           a->has_light_level == b->has_light_level && a->max_cll == b->max_cll &&
           a->max_fall == b->max_fall;
}

bool media_track_equal(const struct track *a, const struct track *b)
{
    return a->codec == b->codec &&
           bytes_equal(buf_bytes(a->config), buf_bytes(b->config)) &&
           a->width == b->width && a->height == b->height &&
           is_same_color(&a->color, &b->color);
}
