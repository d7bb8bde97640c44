/* One elementary stream: what it is, and the configuration record that decoders need.
 * Immutable once made.
 *
 * Ownership: counted.
 * Threads:   ref and unref from any thread. */
#ifndef MEDIA_TRACK_H
#define MEDIA_TRACK_H

#include "core/bytes.h"

struct buf;
struct err;

enum track_kind { TRACK_VIDEO, TRACK_AUDIO };
enum { TRACK_KINDS = 2 };

enum track_codec { TRACK_H264, TRACK_AAC };

enum {
    TRACK_VIDEO_TIMESCALE = 90000, /* audio: its sample rate */
    TRACK_CODECS_MAX = 32,
};

struct track {
    enum track_kind kind;
    enum track_codec codec;
    uint32_t timescale; /* ticks per second of packet times */
    struct buf *config; /* avcC (ISO 14496-15 5.3.3.1) or AudioSpecificConfig */
    char codecs[TRACK_CODECS_MAX]; /* RFC 6381: "avc1.64001f", "mp4a.40.2" */
    uint16_t width, height;        /* video: as shown, after cropping */
    uint32_t rate_num, rate_den;   /* video: frames a second, zeros when not declared */
    uint8_t nal_length_size;       /* H.264: bytes of a NAL unit's length, 1, 2 or 4 */
    uint32_t sample_rate, channels; /* audio */
    uint32_t frame_samples; /* audio: samples a frame (1024; 960 is legal; HE-AAC
                                     * has twice as many) */
};

/* Reads a configuration record. ERR_MEDIA with words when it is not usable; nothing of
 * config is kept on failure, a reference is taken on success. */
int media_track_create(enum track_codec codec, struct buf *config,
                       struct track **ret_track, struct err *err);
struct track *media_track_ref(struct track *track); /* NULL gives NULL */
void media_track_unref(struct track *track);        /* NULL: nothing */

/* Same codec and configuration, byte for byte. */
bool media_track_equal(const struct track *a, const struct track *b);

#endif
