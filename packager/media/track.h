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

enum track_codec {
    TRACK_H264,
    TRACK_HEVC,
    TRACK_AV1,
    TRACK_VP9,
    TRACK_AAC,
    TRACK_OPUS,
};

enum {
    TRACK_VIDEO_TIMESCALE = 90000, /* audio: its sample rate */
    TRACK_CODECS_MAX = 48,
};

/* Code points of ISO/IEC 23091-2 that decide how players show pictures. */
enum { TRACK_COLOR_UNSPECIFIED = 2, TRACK_TRANSFER_PQ = 16, TRACK_TRANSFER_HLG = 18 };

/* What a picture's numbers mean. The first four fields are ISO/IEC 23091-2's. */
struct track_color {
    bool known;
    uint8_t primaries, transfer, matrix;
    bool full_range;
    /* SMPTE ST 2086: chromaticity in 0.00002 (green, blue, red, white; x and y),
     * luminance in 0.0001 cd/m2. */
    bool has_mastering;
    uint16_t mastering_xy[4][2];
    uint32_t luminance_max, luminance_min;
    /* CTA 861.3: cd/m2. */
    bool has_light_level;
    uint16_t max_cll, max_fall;
};

/* The fields of VP9's record. */
struct track_vp9 {
    uint8_t profile;
    uint8_t level;     /* 0 until the size is known, when the encoder did not say */
    uint8_t bit_depth; /* 8, 10, 12 */
    uint8_t chroma;    /* 0, 1: 4:2:0; 2: 4:2:2; 3: 4:4:4 */
};

struct track {
    enum track_kind kind;
    enum track_codec codec;
    uint32_t timescale; /* ticks per second of packet times */
    /* avcC or hvcC (ISO 14496-15), av1C, vpcC's fields, AudioSpecificConfig or OpusHead
     * (RFC 7845 5.1) */
    struct buf *config;
    char codecs[TRACK_CODECS_MAX]; /* RFC 6381: "avc1.64001f", "mp4a.40.2" */
    uint16_t width, height; /* video: as shown, after cropping; zeros: not known yet */
    uint32_t rate_num, rate_den; /* video: frames a second, zeros when not declared */
    uint8_t nal_length_size;  /* H.264, HEVC: bytes of a NAL unit's length: 1, 2, 4 */
    struct track_vp9 vp9;     /* VP9: what the sample entry is made of */
    struct track_color color; /* video */
    uint32_t sample_rate, channels; /* audio */
    uint32_t frame_samples; /* audio: samples a frame (1024; 960 is legal; HE-AAC has
                             * twice as many); Opus: of most frames */
};

/* Reads a configuration record. ERR_MEDIA with words when it is not usable; nothing of
 * config is kept on failure; on success a reference is taken, or the record kept in the
 * form that MP4 wants (HEVC, Opus). */
int media_track_create(enum track_codec codec, struct buf *config,
                       struct track **ret_track, struct err *err);
/* A copy that differs in one thing. */
struct track *media_track_with_color(const struct track *track,
                                     const struct track_color *color);
struct track *media_track_with_size(const struct track *track, uint16_t width,
                                    uint16_t height);
struct track *media_track_with_frame(const struct track *track, uint32_t frame_samples);
struct track *media_track_ref(struct track *track); /* NULL gives NULL */
void media_track_unref(struct track *track);        /* NULL: nothing */

/* False: the first key frame has to tell the size. */
bool media_track_is_complete(const struct track *track);
/* Same codec, configuration byte for byte, size and colour: the same initialisation
 * section. */
bool media_track_equal(const struct track *a, const struct track *b);

#endif
