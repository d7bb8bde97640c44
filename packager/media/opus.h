/* Opus as Enhanced RTMP and MP4 carry it: the identification header ("OpusHead", RFC 7845
 * 5.1), and packets without framing (RFC 6716 3). All input is a peer's.
 *
 * The samples before the start that a decoder has to throw away (pre-skip) stay in the
 * record; a live stream has no beginning, so nothing is cut for them.
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_OPUS_H
#define MEDIA_OPUS_H

#include "core/bytes.h"

struct buf;
struct err;

enum {
    OPUS_CONFIG_MAX = 512,      /* 19 bytes; with a table for 255 channels 276 */
    OPUS_SAMPLE_RATE = 48000,   /* always, whatever was put in */
    OPUS_FRAME_SAMPLES = 960,   /* 20 ms: what nearly all encoders make */
    OPUS_PACKET_SAMPLES = 5760, /* 120 ms: the longest packet */
};

struct opus_config {
    uint8_t channels;
    uint16_t pre_skip; /* samples */
};

/* Both the header of Ogg and the body of MP4's box "dOps" are taken. */
int media_opus_parse_config(struct bytes head, struct opus_config *ret,
                            struct err *err);
/* The header of Ogg, of either of them; head is one that was parsed. */
struct buf *media_opus_head(struct bytes head);
/* How long a packet lasts. */
int media_opus_samples(struct bytes packet, uint32_t *ret, struct err *err);

#endif
