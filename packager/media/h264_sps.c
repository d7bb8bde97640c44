#include "packager/media/h264_sps.h"

#include "core/err.h"
#include "packager/media/bits.h"
#include "packager/media/h264.h"
#include "packager/media/nal.h"

enum { EXTENDED_SAR = 255 };

static void skip_scaling_list(struct bits *bits, unsigned size)
{
    int32_t next = 8;
    for (unsigned i = 0; i < size && next != 0; i++)
        next = (next + media_bits_se(bits) % 256 + 256) % 256;
}

static bool has_chroma_format(uint32_t profile)
{
    switch (profile) {
    case 44:
    case 83:
    case 86:
    case 100:
    case 110:
    case 118:
    case 122:
    case 128:
    case 134:
    case 135:
    case 138:
    case 139:
    case 244:
        return true;
    default:
        return false;
    }
}

/* Gives the chroma format as cropping counts it: 0 when each plane is coded apart. */
static uint32_t read_chroma_format(struct bits *bits)
{
    uint32_t chroma = media_bits_ue(bits);
    if (chroma > 3) {
        bits->failed = true;
        return 0;
    }
    unsigned n_lists = chroma == 3 ? 12 : 8;
    if (chroma == 3 && media_bits_flag(bits)) /* separate_colour_plane_flag */
        chroma = 0;
    (void)media_bits_ue(bits);  /* bit_depth_luma_minus8 */
    (void)media_bits_ue(bits);  /* bit_depth_chroma_minus8 */
    media_bits_skip(bits, 1);   /* qpprime_y_zero_transform_bypass_flag */
    if (!media_bits_flag(bits)) /* seq_scaling_matrix_present_flag */
        return chroma;
    for (unsigned i = 0; i < n_lists; i++)
        if (media_bits_flag(bits))
            skip_scaling_list(bits, i < 6 ? 16 : 64);
    return chroma;
}

static void skip_order_count(struct bits *bits)
{
    uint32_t type = media_bits_ue(bits);
    if (type == 0) {
        (void)media_bits_ue(bits); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        media_bits_skip(bits, 1);
        (void)media_bits_se(bits);
        (void)media_bits_se(bits);
        uint32_t n = media_bits_ue(bits);
        if (n > 255) /* 7.4.2.1.1 */
            bits->failed = true;
        for (uint32_t i = 0; i < n && !media_bits_failed(bits); i++)
            (void)media_bits_se(bits);
    }
}

static void read_frame_rate(struct bits *bits, struct h264_sps *sps)
{
    if (media_bits_flag(bits)) { /* aspect_ratio_info_present_flag */
        if (media_bits_read(bits, 8) == EXTENDED_SAR)
            media_bits_skip(bits, 32);
    }
    if (media_bits_flag(bits)) /* overscan_info_present_flag */
        media_bits_skip(bits, 1);
    if (media_bits_flag(bits)) { /* video_signal_type_present_flag */
        media_bits_skip(bits, 4);
        if (media_bits_flag(bits))
            media_bits_skip(bits, 24);
    }
    if (media_bits_flag(bits)) { /* chroma_loc_info_present_flag */
        (void)media_bits_ue(bits);
        (void)media_bits_ue(bits);
    }
    if (!media_bits_flag(bits)) /* timing_info_present_flag */
        return;
    uint32_t units = media_bits_read(bits, 32);
    uint32_t scale = media_bits_read(bits, 32);
    /* A frame is two ticks, because a tick is a field (E.2.1). */
    if (media_bits_failed(bits) || units == 0 || scale == 0 || units > UINT32_MAX / 2)
        return;
    sps->rate_num = scale;
    sps->rate_den = units * 2;
}

struct crop {
    uint32_t left, right, top, bottom;
};

/* A picture's size as it is coded. */
struct coded {
    uint64_t n_wide, n_high; /* macroblocks */
    uint32_t chroma;         /* as cropping counts it */
    bool frames_only;
    struct crop crop;
};

static struct crop read_crop(struct bits *bits)
{
    struct crop crop = {0};
    if (media_bits_flag(bits)) {
        crop.left = media_bits_ue(bits);
        crop.right = media_bits_ue(bits);
        crop.top = media_bits_ue(bits);
        crop.bottom = media_bits_ue(bits);
    }
    return crop;
}

/* Whole size less both margins, or 0 when nothing is left. */
static uint16_t cropped(uint64_t whole, uint64_t unit, uint32_t a, uint32_t b)
{
    uint64_t margins = unit * ((uint64_t)a + b);
    return margins < whole ? (uint16_t)(whole - margins) : 0;
}

/* From the profile up to what is cropped. */
static struct coded read_coded(struct bits *bits)
{
    struct coded coded = {0};
    uint32_t profile = media_bits_read(bits, 8);
    media_bits_skip(bits, 16);
    (void)media_bits_ue(bits); /* seq_parameter_set_id */
    coded.chroma = has_chroma_format(profile) ? read_chroma_format(bits) : 1;
    (void)media_bits_ue(bits); /* log2_max_frame_num_minus4 */
    skip_order_count(bits);
    (void)media_bits_ue(bits); /* max_num_ref_frames */
    media_bits_skip(bits, 1);
    coded.n_wide = (uint64_t)media_bits_ue(bits) + 1;
    coded.n_high = (uint64_t)media_bits_ue(bits) + 1;
    coded.frames_only = media_bits_flag(bits);
    if (!coded.frames_only) {
        coded.n_high *= 2; /* counted in fields */
        media_bits_skip(bits, 1);
    }
    media_bits_skip(bits, 1); /* direct_8x8_inference_flag */
    coded.crop = read_crop(bits);
    return coded;
}

static int set_size(struct h264_sps *sps, const struct coded *coded, struct err *err)
{
    if (coded->n_wide > H264_SPS_MACROBLOCKS_MAX ||
        coded->n_high > H264_SPS_MACROBLOCKS_MAX)
        return err_set(err, ERR_MEDIA, "H.264 picture of %llu x %llu is too large",
                       (unsigned long long)coded->n_wide * 16,
                       (unsigned long long)coded->n_high * 16);
    const struct crop *crop = &coded->crop;
    uint64_t unit_x = coded->chroma == 1 || coded->chroma == 2 ? 2 : 1;
    uint64_t unit_y = (coded->chroma == 1 ? 2U : 1U) * (coded->frames_only ? 1U : 2U);
    sps->width = cropped(coded->n_wide * 16, unit_x, crop->left, crop->right);
    sps->height = cropped(coded->n_high * 16, unit_y, crop->top, crop->bottom);
    if (sps->width == 0 || sps->height == 0)
        return err_set(err, ERR_MEDIA, "H.264 picture is cropped to nothing");
    return 0;
}

int media_h264_sps_parse(struct bytes nal, struct h264_sps *ret, struct err *err)
{
    uint8_t plain[H264_CONFIG_MAX];
    if (nal.len > sizeof plain)
        return err_set(err, ERR_MEDIA, "H.264 sequence parameter set of %zu bytes",
                       nal.len);
    size_t len = media_nal_unescape(nal, plain, sizeof plain);
    struct bits bits = media_bits_of(bytes_make(plain, len));
    media_bits_skip(&bits, 8); /* NAL unit header */
    struct coded coded = read_coded(&bits);
    bool has_vui = media_bits_flag(&bits);
    if (media_bits_failed(&bits))
        return err_set(err, ERR_MEDIA, "H.264 sequence parameter set is damaged");
    struct h264_sps sps = {0};
    int failed = set_size(&sps, &coded, err);
    if (failed)
        return failed;
    if (has_vui)
        read_frame_rate(&bits, &sps); /* damage behind the size does no harm */
    *ret = sps;
    return 0;
}
