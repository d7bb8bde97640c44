#include "packager/media/hevc_sps.h"

#include "core/err.h"
#include "packager/media/bits.h"
#include "packager/media/hevc.h"
#include "packager/media/nal.h"

enum {
    EXTENDED_SAR = 255,
    PROFILE_BITS =
        88, /* general_profile_space to the reserved bit, without the level */
    LEVEL_BITS = 8,
    REF_SETS_MAX = 64,
    REF_PICTURES_MAX = 16,
    LONG_TERM_MAX = 32,
    ORDER_BITS_MAX = 16,
};

static void skip_profile_tier_level(struct bits *bits, unsigned n_more_layers)
{
    media_bits_skip(bits, PROFILE_BITS + LEVEL_BITS);
    if (n_more_layers == 0)
        return;
    bool has_profile[8] = {false};
    bool has_level[8] = {false};
    for (unsigned i = 0; i < 8; i++) { /* reserved bits fill up to eight */
        has_profile[i] = media_bits_flag(bits);
        has_level[i] = media_bits_flag(bits);
    }
    for (unsigned i = 0; i < n_more_layers; i++)
        media_bits_skip(bits, (has_profile[i] ? (size_t)PROFILE_BITS : 0) +
                                  (has_level[i] ? (size_t)LEVEL_BITS : 0));
}

/* 7.3.4 */
static void skip_scaling_lists(struct bits *bits)
{
    for (unsigned size = 0; size < 4; size++) {
        unsigned n_coefficients = size == 0 ? 16 : 64;
        for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (!media_bits_flag(bits)) {
                (void)media_bits_ue(bits);
                continue;
            }
            if (size > 1)
                (void)media_bits_se(bits);
            for (unsigned i = 0; i < n_coefficients; i++)
                (void)media_bits_se(bits);
        }
    }
}

static unsigned skip_told_ref_set(struct bits *bits)
{
    uint32_t n_negative = media_bits_ue(bits);
    uint32_t n_positive = media_bits_ue(bits);
    if (n_negative > REF_PICTURES_MAX || n_positive > REF_PICTURES_MAX) {
        bits->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i < n_negative + n_positive; i++) {
        (void)media_bits_ue(bits); /* delta_poc_minus1 */
        media_bits_skip(bits, 1);  /* used_by_curr_pic */
    }
    return n_negative + n_positive;
}

static unsigned skip_predicted_ref_set(struct bits *bits, unsigned n_before)
{
    media_bits_skip(bits, 1);  /* delta_rps_sign */
    (void)media_bits_ue(bits); /* abs_delta_rps_minus1 */
    unsigned n = 0;
    for (unsigned i = 0; i <= n_before; i++)
        if (media_bits_flag(bits) || media_bits_flag(bits)) /* used, or kept */
            n++;
    return n;
}

/* 7.3.7: each may be told by how it differs from the one before. */
static void skip_ref_sets(struct bits *bits)
{
    uint32_t n = media_bits_ue(bits);
    if (n > REF_SETS_MAX) {
        bits->failed = true;
        return;
    }
    unsigned n_pictures = 0;
    for (uint32_t i = 0; i < n && !bits->failed; i++) {
        bool predicted = i > 0 && media_bits_flag(bits);
        n_pictures = predicted ? skip_predicted_ref_set(bits, n_pictures)
                               : skip_told_ref_set(bits);
    }
}

static void skip_long_term(struct bits *bits, unsigned order_bits)
{
    if (!media_bits_flag(bits))
        return;
    uint32_t n = media_bits_ue(bits);
    if (n > LONG_TERM_MAX)
        bits->failed = true;
    else
        media_bits_skip(bits, (size_t)n * (order_bits + 1));
}

static void skip_pcm(struct bits *bits)
{
    if (!media_bits_flag(bits))
        return;
    media_bits_skip(bits, 8);
    (void)media_bits_ue(bits);
    (void)media_bits_ue(bits);
    media_bits_skip(bits, 1);
}

/* From the bit depths to the VUI. */
static void skip_coding_tools(struct bits *bits, unsigned n_more_layers)
{
    (void)media_bits_ue(bits); /* bit_depth_luma_minus8 */
    (void)media_bits_ue(bits); /* bit_depth_chroma_minus8 */
    uint32_t order_bits = media_bits_ue(bits) + 4;
    if (order_bits > ORDER_BITS_MAX) {
        bits->failed = true;
        return;
    }
    unsigned n_told = media_bits_flag(bits) ? n_more_layers + 1 : 1;
    for (unsigned i = 0; i < 3 * n_told; i++)
        (void)media_bits_ue(bits); /* buffering, reorder, latency */
    for (unsigned i = 0; i < 6; i++)
        (void)media_bits_ue(bits); /* block sizes and depths */
    if (media_bits_flag(bits) && media_bits_flag(bits))
        skip_scaling_lists(bits);
    media_bits_skip(bits, 2); /* amp, sample_adaptive_offset */
    skip_pcm(bits);
    skip_ref_sets(bits);
    skip_long_term(bits, order_bits);
    media_bits_skip(bits, 2); /* temporal_mvp, strong_intra_smoothing */
}

static void read_color(struct bits *bits, struct track_color *color)
{
    if (!media_bits_flag(bits)) /* video_signal_type_present_flag */
        return;
    media_bits_skip(bits, 3); /* video_format */
    bool full_range = media_bits_flag(bits);
    if (!media_bits_flag(bits)) /* colour_description_present_flag */
        return;
    color->known = true;
    color->full_range = full_range;
    color->primaries = (uint8_t)media_bits_read(bits, 8);
    color->transfer = (uint8_t)media_bits_read(bits, 8);
    color->matrix = (uint8_t)media_bits_read(bits, 8);
}

static void skip_aspect_and_overscan(struct bits *bits)
{
    if (media_bits_flag(bits) && media_bits_read(bits, 8) == EXTENDED_SAR)
        media_bits_skip(bits, 32);
    if (media_bits_flag(bits))
        media_bits_skip(bits, 1);
}

/* Zeros for rates that are none. */
static void read_timing(struct bits *bits, struct hevc_sps *sps)
{
    if (!media_bits_flag(bits))
        return;
    uint32_t den = media_bits_read(bits, 32);
    uint32_t num = media_bits_read(bits, 32);
    if (num == 0 || den == 0)
        return;
    sps->rate_num = num;
    sps->rate_den = den;
}

static void read_vui(struct bits *bits, struct hevc_sps *sps)
{
    skip_aspect_and_overscan(bits);
    read_color(bits, &sps->color);
    if (media_bits_flag(bits)) { /* chroma_loc_info_present_flag */
        (void)media_bits_ue(bits);
        (void)media_bits_ue(bits);
    }
    media_bits_skip(bits, 3);
    if (media_bits_flag(bits)) /* default_display_window_flag */
        for (unsigned i = 0; i < 4; i++)
            (void)media_bits_ue(bits);
    read_timing(bits, sps);
}

static bool is_size(uint64_t coded, uint64_t cropped)
{
    return coded > 0 && coded <= HEVC_SPS_SIDE_MAX && cropped < coded;
}

static int read_size(struct bits *bits, struct hevc_sps *sps, struct err *err)
{
    uint32_t chroma = media_bits_ue(bits);
    bool separate = chroma == 3 && media_bits_flag(bits);
    uint64_t width = media_bits_ue(bits);
    uint64_t height = media_bits_ue(bits);
    uint64_t crop[4] = {0}; /* left, right, top, bottom */
    if (media_bits_flag(bits))
        for (unsigned i = 0; i < 4; i++)
            crop[i] = media_bits_ue(bits);
    unsigned unit_x = !separate && (chroma == 1 || chroma == 2) ? 2 : 1;
    unsigned unit_y = chroma == 1 ? 2 : 1;
    uint64_t off_x = unit_x * (crop[0] + crop[1]);
    uint64_t off_y = unit_y * (crop[2] + crop[3]);
    if (media_bits_failed(bits))
        return err_set(err, ERR_MEDIA, "HEVC sequence parameter set is cut off");
    if (chroma > 3 || !is_size(width, off_x) || !is_size(height, off_y))
        return err_set(err, ERR_MEDIA,
                       "HEVC sequence parameter set has an impossible size");
    sps->width = (uint16_t)(width - off_x);
    sps->height = (uint16_t)(height - off_y);
    return 0;
}

int media_hevc_sps_parse(struct bytes nal, struct hevc_sps *ret, struct err *err)
{
    uint8_t plain[HEVC_CONFIG_MAX];
    if (nal.len > sizeof plain)
        return err_set(err, ERR_MEDIA, "HEVC sequence parameter set of %zu bytes",
                       nal.len);
    size_t len = media_nal_unescape(nal, plain, sizeof plain);
    struct bits bits = media_bits_of(bytes_make(plain, len));
    media_bits_skip(&bits, 16 + 4); /* NAL unit header, video parameter set */
    unsigned n_more_layers = media_bits_read(&bits, 3);
    media_bits_skip(&bits, 1);
    skip_profile_tier_level(&bits, n_more_layers);
    (void)media_bits_ue(&bits); /* sps_seq_parameter_set_id */
    struct hevc_sps sps = {0};
    int failed = read_size(&bits, &sps, err);
    if (failed)
        return failed;
    struct hevc_sps with_vui = sps;
    skip_coding_tools(&bits, n_more_layers);
    if (media_bits_flag(&bits))
        read_vui(&bits, &with_vui);
    /* Some encoders get the rest wrong; decoders need not read it to show the picture. */
    *ret = media_bits_failed(&bits) ? sps : with_vui;
    return 0;
}
