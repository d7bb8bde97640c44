/* What audio and video messages carry: FLV tags ("Adobe Flash Video File Format" 10.1,
 * E.4.2.1 and E.4.3.1) and the extended ones of "Enhanced RTMP" v2 ("Enhanced Audio",
 * "Enhanced Video"), of which one may hold several tracks. Pure.
 *
 * What we do not know is told by its codec id or FourCC and never an error; what carries
 * nothing (empty payloads, access units of empty NAL units, silence, commands) gives no
 * tag. Modifiers (ModEx) are stepped over: nanoseconds are finer than our clock.
 *
 * Ownership: payloads point into the message. */
#ifndef RTMP_FLV_TAG_H
#define RTMP_FLV_TAG_H

#include "core/be.h"
#include "server/rtmp/session.h"

/* Of one message; encoders send under ten. What lies behind is not read. */
enum { RTMP_FLV_TAG_TRACKS_MAX = 32 };

enum { RTMP_FLV_TAG_AVC = 7 }; /* FLV's number of it */

enum rtmp_flv_tag_kind {
    RTMP_FLV_TAG_CONFIG,   /* the payload is a configuration record */
    RTMP_FLV_TAG_FRAME,    /* the payload is one access unit */
    RTMP_FLV_TAG_END,      /* the track has ended; no payload */
    RTMP_FLV_TAG_METADATA, /* of video: the payload is AMF0, a name and a value */
};

struct rtmp_flv_tag {
    enum rtmp_flv_tag_kind kind;
    enum rtmp_codec codec;
    uint32_t codec_id; /* FLV's number, or a FourCC */
    uint8_t track_id;  /* 0 unless the message says otherwise */
    bool key;
    int32_t cts_ms;
    struct bytes payload;
};

struct rtmp_flv_tag_reader {
    /* private, but is_broken may be read */
    struct be_reader in;
    struct rtmp_flv_tag common; /* what all tracks of the message share */
    bool is_video;
    bool is_extended;
    bool has_track_ids, has_sizes, has_fourccs;
    uint8_t packet_type;
    unsigned n_tracks;
    bool is_done;
    bool is_broken; /* something was cut short, or of a kind that we do not know */
};

struct rtmp_flv_tag_reader rtmp_flv_tag_reader_of(bool is_video, struct bytes body);
/* False at the end. */
bool rtmp_flv_tag_next(struct rtmp_flv_tag_reader *reader,
                       struct rtmp_flv_tag *ret_tag);

#endif
