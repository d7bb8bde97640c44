#include "packager/media/track.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/list.h"
#include "core/refs.h"
#include "packager/media/aac.h"
#include "packager/media/av1.h"
#include "packager/media/h264.h"
#include "packager/media/hevc.h"
#include "packager/media/opus.h"
#include "packager/media/vp9.h"

/* The count stands beside the fields, so that these can be looked at as values. */
struct counted {
    struct refs refs;
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
    track->width = h264.width;
    track->height = h264.height;
    track->rate_num = h264.rate_num;
    track->rate_den = h264.rate_den;
    track->nal_length_size = h264.nal_length_size;
    (void)snprintf(track->codecs, sizeof track->codecs, "avc1.%02x%02x%02x",
                   h264.profile, h264.compatibility, h264.level);
    return 0;
}

static int read_hevc(struct bytes config, struct track *track, struct err *err)
{
    struct hevc_config hevc;
    int rc = media_hevc_parse_config(config, &hevc, err);
    if (rc < 0)
        return rc;
    track->width = hevc.width;
    track->height = hevc.height;
    track->rate_num = hevc.rate_num;
    track->rate_den = hevc.rate_den;
    track->nal_length_size = hevc.nal_length_size;
    track->color = hevc.color;
    track->config = media_hevc_complete_config(config);
    media_hevc_codecs(&hevc, track->codecs, sizeof track->codecs);
    return 0;
}

/* What the record leaves out, the first key frame tells. */
static int read_av1(struct bytes config, struct track *track, struct err *err)
{
    struct av1_config av1;
    int rc = media_av1_parse_config(config, &av1, err);
    if (rc < 0)
        return rc;
    track->width = av1.width;
    track->height = av1.height;
    track->rate_num = av1.rate_num;
    track->rate_den = av1.rate_den;
    track->color = av1.color;
    if (av1.width > 0)
        media_av1_codecs(&av1, track->codecs, sizeof track->codecs);
    return 0;
}

/* The record does not tell the size: the first key frame does. */
static int read_vp9(struct bytes config, struct track *track, struct err *err)
{
    struct vp9_config vp9;
    int rc = media_vp9_parse_config(config, &vp9, err);
    if (rc < 0)
        return rc;
    track->vp9 = vp9.fields;
    track->color = vp9.color;
    media_vp9_codecs(&vp9.fields, &vp9.color, track->codecs, sizeof track->codecs);
    return 0;
}

static int read_aac(struct bytes config, struct track *track, struct err *err)
{
    struct aac_config aac;
    int rc = media_aac_parse_config(config, &aac, err);
    if (rc < 0)
        return rc;
    track->sample_rate = aac.sample_rate;
    track->channels = aac.channels;
    track->frame_samples = aac.frame_samples;
    (void)snprintf(track->codecs, sizeof track->codecs, "mp4a.40.%u", aac.object_type);
    return 0;
}

static int read_opus(struct bytes config, struct track *track, struct err *err)
{
    struct opus_config opus;
    int rc = media_opus_parse_config(config, &opus, err);
    if (rc < 0)
        return rc;
    track->sample_rate = OPUS_SAMPLE_RATE;
    track->channels = opus.channels;
    track->frame_samples = OPUS_FRAME_SAMPLES;
    track->config = media_opus_head(config);
    (void)snprintf(track->codecs, sizeof track->codecs, "opus");
    return 0;
}

static int read_config(struct bytes config, struct track *track, struct err *err)
{
    switch (track->codec) {
    case TRACK_H264:
        return read_h264(config, track, err);
    case TRACK_HEVC:
        return read_hevc(config, track, err);
    case TRACK_AV1:
        return read_av1(config, track, err);
    case TRACK_VP9:
        return read_vp9(config, track, err);
    case TRACK_AAC:
        return read_aac(config, track, err);
    case TRACK_OPUS:
        return read_opus(config, track, err);
    }
    return -ERR_UNSUPPORTED;
}

/* Takes the configuration's reference. */
static struct track *make(const struct track *track)
{
    struct counted *counted = alloc_zero(sizeof *counted);
    refs_init(&counted->refs);
    counted->track = *track;
    return &counted->track;
}

int media_track_create(enum track_codec codec, struct buf *config,
                       struct track **ret_track, struct err *err)
{
    bool is_sound = codec == TRACK_AAC || codec == TRACK_OPUS;
    struct track track = {
        .codec = codec,
        .kind = is_sound ? TRACK_AUDIO : TRACK_VIDEO,
    };
    int rc = read_config(buf_bytes(config), &track, err);
    if (rc < 0)
        return rc;
    track.timescale = is_sound ? track.sample_rate : TRACK_VIDEO_TIMESCALE;
    if (!track.config)
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
    if (track->codec == TRACK_VP9 && track->vp9.level == 0) {
        copy.vp9.level = media_vp9_level_of(width, height);
        media_vp9_codecs(&copy.vp9, &copy.color, copy.codecs, sizeof copy.codecs);
    }
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
        refs_add(&counted_of(track)->refs);
    return track;
}

void media_track_unref(struct track *track)
{
    if (!track)
        return;
    struct counted *counted = counted_of(track);
    if (!refs_drop(&counted->refs))
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
