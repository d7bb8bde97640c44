#include "packager/media/av1_sequence.h"

#include "core/err.h"
#include "packager/media/bits.h"

enum {
    TIER_LEVEL_MIN = 8, /* lower ones have no tiers */
    PROFILE_PROFESSIONAL = 2,
    SELECT = 2,
    PRIMARIES_BT709 = 1,
    TRANSFER_SRGB = 13,
    MATRIX_IDENTITY = 0,
};

/* 4.10.3 */
static void skip_uvlc(struct bits *bits)
{
    (void)media_bits_ue(bits);
}

struct decoder_model {
    bool present;
    unsigned delay_bits;
};

static struct decoder_model read_timing(struct bits *bits, struct av1_config *config)
{
    struct decoder_model model = {0};
    if (!media_bits_flag(bits)) /* timing_info_present_flag */
        return model;
    uint32_t den = media_bits_read(bits, 32); /* num_units_in_display_tick */
    uint32_t num = media_bits_read(bits, 32);
    if (media_bits_flag(bits)) { /* equal_picture_interval */
        skip_uvlc(bits);         /* num_ticks_per_picture_minus_1: 0 as a rule */
        config->rate_num = num > 0 && den > 0 ? num : 0;
        config->rate_den = num > 0 && den > 0 ? den : 0;
    }
    model.present = media_bits_flag(bits);
    if (!model.present)
        return model;
    model.delay_bits = media_bits_read(bits, 5) + 1;
    media_bits_skip(bits, 32 + 5 + 5);
    return model;
}

/* Profile and level of the first operating point are those of the stream. */
static void read_operating_points(struct bits *bits, struct decoder_model model,
                                  struct av1_config *config)
{
    bool has_display_delay = media_bits_flag(bits);
    unsigned n = media_bits_read(bits, 5) + 1;
    for (unsigned i = 0; i < n; i++) {
        media_bits_skip(bits, 12); /* operating_point_idc */
        uint8_t level = (uint8_t)media_bits_read(bits, 5);
        bool high_tier = level >= TIER_LEVEL_MIN && media_bits_flag(bits);
        if (model.present && media_bits_flag(bits))
            media_bits_skip(bits, 2 * (size_t)model.delay_bits + 1);
        if (has_display_delay && media_bits_flag(bits))
            media_bits_skip(bits, 4);
        if (i > 0)
            continue;
        config->level = level;
        config->high_tier = high_tier;
    }
}

static void read_size(struct bits *bits, struct av1_config *config)
{
    unsigned width_bits = media_bits_read(bits, 4) + 1;
    unsigned height_bits = media_bits_read(bits, 4) + 1;
    uint32_t width = media_bits_read(bits, width_bits) + 1;
    uint32_t height = media_bits_read(bits, height_bits) + 1;
    bits->failed = bits->failed || width > UINT16_MAX || height > UINT16_MAX;
    config->width = (uint16_t)width;
    config->height = (uint16_t)height;
}

static void skip_tools(struct bits *bits)
{
    if (media_bits_flag(bits)) /* frame_id_numbers_present_flag */
        media_bits_skip(bits, 4 + 3);
    media_bits_skip(bits, 3); /* superblocks, filter_intra, intra_edge_filter */
    media_bits_skip(bits, 4); /* interintra, masked, warped, dual_filter */
    bool has_order = media_bits_flag(bits);
    if (has_order)
        media_bits_skip(bits, 2);
    unsigned screen = media_bits_flag(bits) ? SELECT : media_bits_read(bits, 1);
    if (screen > 0 && !media_bits_flag(bits))
        media_bits_skip(bits, 1);
    if (has_order)
        media_bits_skip(bits, 3);
    media_bits_skip(bits, 3); /* superres, cdef, restoration */
}

static void read_subsampling(struct bits *bits, struct av1_config *config)
{
    config->color.full_range = media_bits_flag(bits);
    config->subsampling_x = config->subsampling_y = config->profile == 0;
    if (config->profile == PROFILE_PROFESSIONAL) {
        config->subsampling_x =
            config->bit_depth < 12 ? 1 : (uint8_t)media_bits_read(bits, 1);
        config->subsampling_y = config->bit_depth == 12 && config->subsampling_x
                                    ? (uint8_t)media_bits_read(bits, 1)
                                    : 0;
    }
    if (config->subsampling_x && config->subsampling_y)
        config->sample_position = (uint8_t)media_bits_read(bits, 2);
}

/* 5.5.2 */
static void read_color(struct bits *bits, struct av1_config *config)
{
    struct track_color *color = &config->color;
    bool high = media_bits_flag(bits);
    bool twelve =
        config->profile == PROFILE_PROFESSIONAL && high && media_bits_flag(bits);
    config->bit_depth = twelve ? 12 : high ? 10 : 8;
    config->monochrome = config->profile != 1 && media_bits_flag(bits);
    color->primaries = color->transfer = color->matrix = TRACK_COLOR_UNSPECIFIED;
    color->known = media_bits_flag(bits);
    if (color->known) {
        color->primaries = (uint8_t)media_bits_read(bits, 8);
        color->transfer = (uint8_t)media_bits_read(bits, 8);
        color->matrix = (uint8_t)media_bits_read(bits, 8);
    }
    if (config->monochrome) {
        color->full_range = media_bits_flag(bits);
        config->subsampling_x = config->subsampling_y = 1;
    } else if (color->primaries == PRIMARIES_BT709 &&
               color->transfer == TRANSFER_SRGB && color->matrix == MATRIX_IDENTITY) {
        color->full_range = true;
    } else {
        read_subsampling(bits, config);
    }
}

int media_av1_sequence_parse(struct bytes payload, struct av1_config *ret,
                             struct err *err)
{
    struct bits bits = media_bits_of(payload);
    struct av1_config config = {.profile = (uint8_t)media_bits_read(&bits, 3)};
    media_bits_skip(&bits, 1);  /* still_picture */
    if (media_bits_flag(&bits)) /* reduced_still_picture_header */
        return err_set(err, ERR_MEDIA, "AV1 sequence header of a still picture");
    struct decoder_model model = read_timing(&bits, &config);
    read_operating_points(&bits, model, &config);
    read_size(&bits, &config);
    skip_tools(&bits);
    read_color(&bits, &config);
    if (media_bits_failed(&bits))
        return err_set(err, ERR_MEDIA, "AV1 sequence header is cut off");
    if (config.profile > PROFILE_PROFESSIONAL)
        return err_set(err, ERR_MEDIA, "AV1 profile %u is not known", config.profile);
    *ret = config;
    return 0;
}
