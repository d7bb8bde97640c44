#include "packager/media/av1.h"

#include <stdio.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "packager/media/av1_obu.h"
#include "packager/media/av1_sequence.h"

enum {
    RECORD_MARKER_VERSION = 0x81,
    RECORD_HEAD = 4,
    SEQUENCE_WITH_SIZE = AV1_OBU_SEQUENCE_HEADER << 3 | 2, /* an OBU's first byte */
    SEQUENCE_MAX = 127, /* its size in one byte of LEB128; real ones have 10 to 20 */
};

int media_av1_parse_config(struct bytes av1c, struct av1_config *ret, struct err *err)
{
    if (av1c.len > AV1_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "AV1 configuration of %zu bytes, at most %d",
                       av1c.len, AV1_CONFIG_MAX);
    if (av1c.len < RECORD_HEAD)
        return err_set(err, ERR_MEDIA, "AV1 configuration is cut off");
    if (av1c.data[0] != RECORD_MARKER_VERSION)
        return err_set(err, ERR_MEDIA, "AV1 configuration version %u is not known",
                       av1c.data[0]);
    struct be_reader r = be_reader_of(bytes_from(av1c, RECORD_HEAD));
    struct av1_obu obu;
    while (media_av1_obu_next(&r, &obu))
        if (obu.type == AV1_OBU_SEQUENCE_HEADER)
            return media_av1_sequence_parse(obu.payload, ret, err);
    if (r.failed)
        return err_set(err, ERR_MEDIA, "AV1 configuration is cut off");
    *ret = (struct av1_config){0};
    return 0;
}

static uint8_t bit(bool set, unsigned at)
{
    return (uint8_t)(set ? 1u << at : 0);
}

/* 2.3.3; no delay of the first picture is told. */
static struct buf *make_record(const struct av1_config *config, struct bytes sequence)
{
    uint8_t depth = bit(config->bit_depth > 8, 6) | bit(config->bit_depth == 12, 5);
    uint8_t chroma = bit(config->monochrome, 4) | bit(config->subsampling_x, 3) |
                     bit(config->subsampling_y, 2) | (config->sample_position & 3);
    struct builder out;
    builder_init(&out, AV1_CONFIG_MAX);
    builder_u8(&out, RECORD_MARKER_VERSION);
    builder_u8(&out, (uint8_t)(config->profile << 5 | (config->level & 0x1f)));
    builder_u8(&out, bit(config->high_tier, 7) | depth | chroma);
    builder_u8(&out, 0);
    builder_u8(&out, SEQUENCE_WITH_SIZE);
    builder_u8(&out, (uint8_t)sequence.len);
    builder_put(&out, sequence);
    struct buf *record = builder_take(&out);
    builder_finish(&out);
    return record;
}

struct buf *media_av1_record_of(struct bytes tu)
{
    struct be_reader r = be_reader_of(tu);
    struct av1_obu obu;
    struct av1_config config;
    while (media_av1_obu_next(&r, &obu))
        if (obu.type == AV1_OBU_SEQUENCE_HEADER && obu.payload.len <= SEQUENCE_MAX &&
            media_av1_sequence_parse(obu.payload, &config, NULL) == 0)
            return make_record(&config, obu.payload);
    return NULL;
}

static bool has_default_colors(const struct av1_config *config)
{
    const struct track_color *color = &config->color;
    bool is_bt709 = color->primaries == 1 && color->transfer == 1 && color->matrix == 1;
    return !config->monochrome && config->subsampling_x && config->subsampling_y &&
           config->sample_position == 0 && (!color->known || is_bt709) &&
           !color->full_range;
}

void media_av1_codecs(const struct av1_config *config, char *out, size_t out_size)
{
    const struct track_color *color = &config->color;
    int len = snprintf(out, out_size, "av01.%u.%02u%c.%02u", config->profile,
                       config->level, config->high_tier ? 'H' : 'M', config->bit_depth);
    if (len < 0 || (size_t)len >= out_size || has_default_colors(config))
        return;
    (void)snprintf(out + len, out_size - (size_t)len, ".%d.%u%u%u.%02u.%02u.%02u.%d",
                   config->monochrome, config->subsampling_x, config->subsampling_y,
                   config->sample_position, color->primaries, color->transfer,
                   color->matrix, color->full_range);
}

static bool is_waste(const struct av1_obu *obu)
{
    return obu->type == AV1_OBU_TEMPORAL_DELIMITER || obu->type == AV1_OBU_PADDING ||
           obu->type == AV1_OBU_REDUNDANT_FRAME_HEADER ||
           obu->type == AV1_OBU_TILE_LIST;
}

static bool is_frame(const struct av1_obu *obu)
{
    return obu->type == AV1_OBU_FRAME_HEADER || obu->type == AV1_OBU_FRAME;
}

/* The first bits of a frame header (5.9.2): show_existing_frame 0, frame_type 0 for a key
 * frame, show_frame 1. */
static bool is_shown_key(const struct av1_obu *obu)
{
    return obu->payload.len > 0 && obu->payload.data[0] >> 4 == 1;
}

static struct buf *without_waste(struct bytes tu)
{
    struct builder out;
    builder_init(&out, tu.len);
    struct be_reader r = be_reader_of(tu);
    struct av1_obu obu;
    while (media_av1_obu_next(&r, &obu))
        if (!is_waste(&obu))
            builder_put(&out, obu.whole);
    struct buf *clean = builder_take(&out);
    builder_finish(&out);
    return clean;
}

int media_av1_clean(struct buf *tu, struct buf **ret_tu, bool *ret_key, struct err *err)
{
    struct be_reader r = be_reader_of(buf_bytes(tu));
    bool has_frame = false;
    bool has_waste = false;
    bool key = false;
    struct av1_obu obu;
    while (media_av1_obu_next(&r, &obu)) {
        if (!has_frame && is_frame(&obu))
            key = is_shown_key(&obu);
        has_frame = has_frame || is_frame(&obu);
        has_waste = has_waste || is_waste(&obu);
    }
    if (r.failed)
        return err_set(err, ERR_MEDIA, "AV1 temporal unit with sizes that do not fit");
    if (!has_frame)
        return err_set(err, ERR_MEDIA, "AV1 temporal unit without a frame");
    struct buf *clean = has_waste ? without_waste(buf_bytes(tu)) : buf_ref(tu);
    if (!clean)
        return err_set(err, ERR_NOMEM, "no memory for a temporal unit");
    *ret_tu = clean;
    *ret_key = key;
    return 0;
}
