#include "packager/media/h264.h"

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/h264_sps.h"
#include "packager/media/nal.h"
#include "packager/media/track.h"

enum {
    NAL_TYPE_MASK = 0x1f,
    NAL_SLICE = 1, /* 1 to 5 are parts of a picture (7.4.1) */
    NAL_IDR = 5,
    NAL_SPS = 7,
    NAL_PPS = 8,
};

static unsigned nal_type(struct bytes nal)
{
    return nal.len > 0 ? nal.data[0] & NAL_TYPE_MASK : 0;
}

/* Reads a list of parameter sets, gives the first. */
static int read_sets(struct be_reader *r, unsigned n, unsigned type,
                     struct bytes *ret_first, struct err *err)
{
    for (unsigned i = 0; i < n; i++) {
        struct bytes set = be_read_bytes(r, be_read_u16(r));
        if (r->failed)
            break;
        if (nal_type(set) != type)
            return err_set(err, ERR_MEDIA,
                           "H.264 configuration: NAL unit of type %u where %u belongs",
                           nal_type(set), type);
        if (i == 0)
            *ret_first = set;
    }
    if (r->failed)
        return err_set(err, ERR_MEDIA, "H.264 configuration is cut off");
    if (n == 0)
        return err_set(err, ERR_MEDIA, "H.264 configuration has no %s",
                       type == NAL_SPS ? "sequence parameter set"
                                       : "picture parameter set");
    return 0;
}

int media_h264_parse_config(struct bytes avcc, struct h264_config *ret, struct err *err)
{
    if (avcc.len > H264_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "H.264 configuration of %zu bytes, at most %d",
                       avcc.len, H264_CONFIG_MAX);
    struct h264_config config = {0};
    struct be_reader r = be_reader_of(avcc);
    uint8_t version = be_read_u8(&r);
    config.profile = be_read_u8(&r);
    config.compatibility = be_read_u8(&r);
    config.level = be_read_u8(&r);
    config.nal_length_size = (uint8_t)((be_read_u8(&r) & 3) + 1);
    if (r.failed)
        return err_set(err, ERR_MEDIA, "H.264 configuration is cut off");
    if (version != 1)
        return err_set(err, ERR_MEDIA, "H.264 configuration version %u is not known",
                       version);
    if (config.nal_length_size == 3)
        return err_set(err, ERR_MEDIA, "H.264 configuration: NAL lengths of 3 bytes");

    struct bytes sps = {0};
    struct bytes pps = {0};
    int rc = read_sets(&r, be_read_u8(&r) & 0x1f, NAL_SPS, &sps, err);
    if (rc == 0)
        rc = read_sets(&r, be_read_u8(&r), NAL_PPS, &pps, err);
    if (rc < 0)
        return rc;

    struct h264_sps fields;
    rc = media_h264_sps_parse(sps, &fields, err);
    if (rc < 0)
        return rc;
    config.width = fields.width;
    config.height = fields.height;
    config.rate_num = fields.rate_num;
    config.rate_den = fields.rate_den;
    *ret = config;
    return 0;
}

bool media_h264_is_idr(struct bytes au, const struct track *track)
{
    struct be_reader r = be_reader_of(au);
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal))
        if (nal_type(nal) == NAL_IDR)
            return true;
    return false;
}

int media_h264_clean(struct buf *au, const struct track *track, struct buf **ret_au,
                     struct err *err)
{
    struct be_reader r = be_reader_of(buf_bytes(au));
    bool has_picture = false;
    bool has_empty = false;
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal)) {
        unsigned type = nal_type(nal);
        has_picture = has_picture || (type >= NAL_SLICE && type <= NAL_IDR);
        has_empty = has_empty || nal.len == 0;
    }
    if (r.failed)
        return err_set(err, ERR_MEDIA,
                       "H.264 access unit with NAL lengths that do not "
                       "fit its size");
    if (!has_picture)
        return err_set(err, ERR_MEDIA, "H.264 access unit without a picture");
    if (!has_empty) {
        *ret_au = buf_ref(au);
        return 0;
    }
    struct buf *clean = media_nal_without_empty(buf_bytes(au), track->nal_length_size);
    if (!clean)
        return err_set(err, ERR_NOMEM, "no memory for an access unit");
    *ret_au = clean;
    return 0;
}
