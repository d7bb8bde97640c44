/* HEVC as FLV and MP4 carry it: the HEVCDecoderConfigurationRecord (ISO 14496-15 8.3.3.1,
 * "hvcC") and access units of NAL units with a length in front. All input is a peer's.
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_HEVC_H
#define MEDIA_HEVC_H

#include "core/bytes.h"
#include "packager/media/track.h"

struct buf;
struct err;

/* The record is served to every viewer; x265 puts 2 KB of its settings into one. */
enum { HEVC_CONFIG_MAX = 8192 };

struct hevc_config {
    uint8_t profile_space, profile, level; /* general_*, as the record says */
    bool high_tier;
    uint32_t compatibility; /* flag 0 is the highest bit */
    uint8_t constraints[6];
    uint8_t nal_length_size;     /* 1, 2 or 4 */
    uint16_t width, height;      /* as shown, inside the conformance window */
    uint32_t rate_num, rate_den; /* frames a second; zeros when the SPS does not say */
    struct track_color color;
};

/* The record has to hold all three kinds of parameter sets: a sample entry "hvc1" has no
 * other place for them. */
int media_hevc_parse_config(struct bytes hvcc, struct hevc_config *ret,
                            struct err *err);
/* RFC 6381, by ISO 14496-15 E.3: "hvc1.1.6.L93.B0". */
void media_hevc_codecs(const struct hevc_config *config, char *out, size_t out_size);
/* The record as "hvc1" wants it: its lists of parameter sets are said to be complete.
 * hvcc is one that was parsed. */
struct buf *media_hevc_complete_config(struct bytes hvcc);

/* True for intra random access pictures: IDR, and CRA and BLA, with which encoders of open
 * GOPs start all of theirs but the first. A decoder that starts at one of the latter skips
 * the leading pictures that it cannot decode (H.265 8.1.3); all of them are sync samples
 * (ISO 14496-15 8.4.3). */
bool media_hevc_is_key(struct bytes au, const struct track *track);

/* Adds what the unit says of mastering and light levels to *color, unless it has it. */
void media_hevc_read_light(struct bytes au, const struct track *track,
                           struct track_color *color);

/* An access unit fit for MP4: *ret_au is a new reference to au itself, or to a copy
 * without empty NAL units and without parameter sets that the record has already.
 * ERR_MEDIA: lengths that do not fit, or no picture in it; to be dropped. */
int media_hevc_clean(struct buf *au, const struct track *track, struct buf **ret_au,
                     struct err *err);

#endif
