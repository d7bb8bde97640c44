/* AV1 as FLV and MP4 carry it ("AV1 Codec ISO Media File Format Binding" 2.3 and 2.4): the
 * AV1CodecConfigurationRecord ("av1C") with the sequence header in it, and temporal units
 * of OBUs (AV1 specification 5). All input is a peer's.
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_AV1_H
#define MEDIA_AV1_H

#include "core/bytes.h"
#include "packager/media/track.h"

struct buf;
struct err;

/* The record is served to every viewer; real ones have 15 to 30 bytes. */
enum { AV1_CONFIG_MAX = 4096 };

struct av1_config {
    uint8_t profile, level, bit_depth;
    bool high_tier, monochrome;
    uint8_t subsampling_x, subsampling_y, sample_position;
    uint16_t width, height;      /* the largest that the sequence allows */
    uint32_t rate_num, rate_den; /* frames a second; zeros when not declared */
    struct track_color color;    /* known: it says something */
};

/* A record may leave the sequence header to the first key frame: then all is zero. */
int media_av1_parse_config(struct bytes av1c, struct av1_config *ret, struct err *err);
/* The record as it would be with the sequence header of this temporal unit; NULL: the unit
 * has none that can be read. */
struct buf *media_av1_record_of(struct bytes tu);
/* RFC 6381, by section 5 of the binding: "av01.0.04M.08", and with all of the optional
 * fields when one has not its default value. */
void media_av1_codecs(const struct av1_config *config, char *out, size_t out_size);

/* A temporal unit fit for MP4: *ret_tu is a new reference to tu itself, or to a copy
 * without the OBUs that do not belong there (temporal delimiters, padding, redundant
 * headers, tile lists). *ret_key: its first frame is a key frame that is shown.
 * ERR_MEDIA: sizes that do not fit, or no frame in it; to be dropped. */
int media_av1_clean(struct buf *tu, struct buf **ret_tu, bool *ret_key,
                    struct err *err);

#endif
