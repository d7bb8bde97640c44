#include "packager/media/access_unit.h"

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/h264.h"

static int clean_h264(const struct track *track, struct buf *data, struct packet *ret,
                      struct err *err)
{
    int failed = media_h264_clean(data, track, &ret->data, err);
    if (failed)
        return failed;
    ret->key = media_h264_is_idr(buf_bytes(ret->data), track);
    return 0;
}

static int clean_aac(const struct track *track, struct buf *data, struct packet *ret)
{
    ret->key = true;
    ret->n_samples = track->frame_samples;
    ret->data = buf_ref(data);
    return 0;
}

int media_access_unit_clean(const struct track *track, struct buf *data,
                            struct packet *ret, struct err *err)
{
    struct packet packet = {.kind = track->kind};
    int failed = -ERR_UNSUPPORTED;
    switch (track->codec) {
    case TRACK_H264:
        failed = clean_h264(track, data, &packet, err);
        break;
    case TRACK_AAC:
        failed = clean_aac(track, data, &packet);
        break;
    case TRACK_HEVC:
    case TRACK_AV1:
    case TRACK_VP9:
    case TRACK_OPUS:
        break;
    }
    if (!failed)
        *ret = packet;
    return failed;
}

int media_access_unit_refine(struct track *track, const struct packet *unit,
                             struct track **ret, struct err *err)
{
    (void)unit;
    (void)err;
    *ret = media_track_ref(track);
    return 0;
}
