/* H.264 as FLV and MP4 carry it: the AVCDecoderConfigurationRecord (ISO 14496-15
 * 5.3.3.1, "avcC"), the sequence parameter set in it (ITU-T H.264 7.3.2.1), and access
 * units of NAL units with a length in front (5.3.4.2). All input is a peer's.
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_H264_H
#define MEDIA_H264_H

#include "core/bytes.h"

struct buf;
struct err;
struct track;

/* The record is served to every viewer; real ones have 30 to 100 bytes. */
enum { H264_CONFIG_MAX = 4096 };

struct h264_config {
    uint8_t profile, compatibility,
        level;                   /* as the record says: RFC 6381's six digits */
    uint8_t nal_length_size;     /* 1, 2 or 4 */
    uint16_t width, height;      /* as shown, after cropping */
    uint32_t rate_num, rate_den; /* frames a second; zeros when the SPS does not say */
};

int media_h264_parse_config(struct bytes avcc, struct h264_config *ret,
                            struct err *err);

/* True when an instantaneous decoding refresh picture is in it: the only place where a
 * decoder may start. The container's key flag says the same of recovery points and is
 * not to be trusted. */
bool media_h264_is_idr(struct bytes au, const struct track *track);

/* An access unit fit for MP4: *ret_au is a new reference to au itself or, when some
 * encoder put empty NAL units in, to a copy without them (browsers' MP4 readers refuse
 * those). ERR_MEDIA: lengths that do not fit, or no picture in it; to be dropped. */
int media_h264_clean(struct buf *au, const struct track *track, struct buf **ret_au,
                     struct err *err);

#endif
