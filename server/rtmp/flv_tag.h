/* The first bytes of audio and video messages, which are FLV tag headers ("Adobe Flash
 * Video File Format" 10.1, E.4.2.1 and E.4.3.1; "Enhanced RTMP" v2 for the extended
 * ones). Pure.
 *
 * What we do not know is told by its codec id or FourCC and never an error; what carries
 * nothing (end of sequence, empty payloads, access units of empty NAL units) is NOTHING. */
#ifndef RTMP_FLV_TAG_H
#define RTMP_FLV_TAG_H

#include "server/rtmp/session.h"

enum rtmp_flv_tag_kind {
    RTMP_FLV_TAG_NOTHING,
    RTMP_FLV_TAG_CONFIG, /* the payload is a configuration record */
    RTMP_FLV_TAG_FRAME,  /* the payload is one access unit */
};

struct rtmp_flv_tag {
    enum rtmp_flv_tag_kind kind;
    enum rtmp_codec codec;
    uint32_t codec_id; /* FLV's number, or a FourCC */
    bool key;
    int32_t cts_ms;
    size_t payload_at; /* where the payload begins */
};

struct rtmp_flv_tag rtmp_flv_tag_read_video(struct bytes body);
struct rtmp_flv_tag rtmp_flv_tag_read_audio(struct bytes body);

#endif
