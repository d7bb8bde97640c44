/* The codecs of RTMP: their numbers in FLV ("Adobe Flash Video File Format" 10.1, E.4.2.1,
 * E.4.3.1), their FourCCs ("Enhanced RTMP" v2) and whether a viewer gets to see or hear
 * them, which is what connect is told. One table, one place. Pure. */
#ifndef RTMP_CODEC_H
#define RTMP_CODEC_H

#include "server/rtmp/session.h"

struct rtmp_codec_entry {
    enum rtmp_codec codec;
    bool is_video;
    bool forwarded; /* goes all the way from a publisher to a viewer */
    uint8_t flv_id; /* 0: has none */
    char fourcc[5];
};

extern const struct rtmp_codec_entry rtmp_codec_table[];
extern const size_t rtmp_codec_table_n;

/* What connect is told of our own capsEx, of enum rtmp_caps. */
enum { RTMP_CODEC_CAPS = RTMP_CAPS_RECONNECT | RTMP_CAPS_MULTITRACK | RTMP_CAPS_MODEX };

/* RTMP_CODEC_OTHER when it is not in the table. */
enum rtmp_codec rtmp_codec_of_fourcc(bool is_video, uint32_t fourcc);
enum rtmp_codec rtmp_codec_of_flv_id(bool is_video, unsigned id);

#endif
