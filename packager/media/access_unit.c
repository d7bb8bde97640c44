#include "packager/media/access_unit.h"

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/av1.h"
#include "packager/media/h264.h"
#include "packager/media/hevc.h"
#include "packager/media/opus.h"
#include "packager/media/vp9.h"

static int clean_h264(const struct track *track, struct buf *data, struct packet *ret,
                      struct err *err)
{
    int failed = media_h264_clean(data, track, &ret->data, err);
    if (failed)
        return failed;
    ret->key = media_h264_is_idr(buf_bytes(ret->data), track);
    return 0;
}

static int clean_hevc(const struct track *track, struct buf *data, struct packet *ret,
                      struct err *err)
{
    int failed = media_hevc_clean(data, track, &ret->data, err);
    if (failed)
        return failed;
    ret->key = media_hevc_is_key(buf_bytes(ret->data), track);
    return 0;
}

static int clean_vp9(struct buf *data, struct packet *ret, struct err *err)
{
    struct vp9_frame frame;
    int failed = media_vp9_read_frame(buf_bytes(data), &frame, err);
    if (failed)
        return failed;
    ret->key = frame.key;
    ret->data = buf_ref(data);
    return 0;
}

static int clean_opus(struct buf *data, struct packet *ret, struct err *err)
{
    int failed = media_opus_samples(buf_bytes(data), &ret->n_samples, err);
    if (failed)
        return failed;
    ret->key = true;
    ret->data = buf_ref(data);
    return 0;
}

static int clean_aac(const struct track *track, struct buf *data, struct packet *ret)
{
    ret->key = true;
    ret->n_samples = track->frame_samples;
    ret->data = buf_ref(data);
    return 0;
}

static int clean(const struct track *track, struct buf *data, struct packet *ret,
                 struct err *err)
{
    switch (track->codec) {
    case TRACK_H264:
        return clean_h264(track, data, ret, err);
    case TRACK_HEVC:
        return clean_hevc(track, data, ret, err);
    case TRACK_AV1:
        return media_av1_clean(data, &ret->data, &ret->key, err);
    case TRACK_VP9:
        return clean_vp9(data, ret, err);
    case TRACK_AAC:
        return clean_aac(track, data, ret);
    case TRACK_OPUS:
        return clean_opus(data, ret, err);
    }
    return -ERR_UNSUPPORTED;
}

int media_access_unit_clean(const struct track *track, struct buf *data,
                            struct packet *ret, struct err *err)
{
    struct packet packet = {.kind = track->kind};
    int failed = clean(track, data, &packet, err);
    if (!failed)
        *ret = packet;
    return failed;
}

static struct track *refine_vp9(struct track *track, const struct packet *unit)
{
    struct vp9_frame frame;
    if (!unit->key || media_vp9_read_frame(buf_bytes(unit->data), &frame, NULL) < 0 ||
        (frame.width == track->width && frame.height == track->height))
        return media_track_ref(track);
    return media_track_with_size(track, frame.width, frame.height);
}

static struct track *refine_av1(struct track *track, const struct packet *unit)
{
    struct buf *record = NULL;
    struct track *refined = NULL;
    if (unit->key && !media_track_is_complete(track))
        record = media_av1_record_of(buf_bytes(unit->data));
    bool is_read = record && media_track_create(TRACK_AV1, record, &refined, NULL) == 0;
    buf_unref(record);
    return is_read ? refined : media_track_ref(track);
}

static struct track *refine_hevc(struct track *track, const struct packet *unit)
{
    struct track_color color = track->color;
    if (unit->key)
        media_hevc_read_light(buf_bytes(unit->data), track, &color);
    bool is_news = color.has_mastering != track->color.has_mastering ||
                   color.has_light_level != track->color.has_light_level;
    return is_news ? media_track_with_color(track, &color) : media_track_ref(track);
}

struct track *media_access_unit_refine(struct track *track, const struct packet *unit)
{
    if (track->codec == TRACK_VP9)
        return refine_vp9(track, unit);
    if (track->codec == TRACK_AV1)
        return refine_av1(track, unit);
    if (track->codec == TRACK_HEVC)
        return refine_hevc(track, unit);
    if (track->codec == TRACK_OPUS && unit->n_samples != track->frame_samples)
        return media_track_with_frame(track, unit->n_samples);
    return media_track_ref(track);
}
