#include "packager/media/h264.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/h264_sps.h"
#include "packager/media/track.h"

/* Configuration records as x264 writes them. */
#define PROGRESSIVE_1080                                                               \
    "01640028ffe1001b67640028acd940780227e5c044000003000400000300f03c60c65801000668eb" \
    "e3"                                                                               \
    "cb22c0fdf8f800"
#define INTERLACED_1080                                                                \
    "01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000668fba3" \
    "cb"                                                                               \
    "22c0fdf8f800"
#define BASELINE_720 \
    "0142c01fffe100176742c01fd900b40a1b011000003e90000bb800f183248001000568cb83cb20"
#define CHROMA_444                                                                     \
    "01f4000affe1001967f4000a919b288fdc7e0220000003002000000781e244b2c001000668ebe3c4" \
    "4844fff8f800"
#define CHROMA_422                                                                     \
    "017a000affe10019677a000abcd9447ea3f0110000030001000003003c0f12259601000668ebe3cb" \
    "22c0fef8f800"
#define SCALING_LISTS                                                                  \
    "0164000affe100186764000aacd9447f9f0110000003001000000780f122596001000768ebe3cb30" \
    "02c0fdf8f800"

enum { HEX_MAX = 256 };

struct sample {
    uint8_t data[HEX_MAX];
    size_t len;
};

static struct sample unhex(const char *hex)
{
    struct sample out = {0};
    for (; hex[0] && hex[1]; hex += 2) {
        const char digits[3] = {hex[0], hex[1], 0};
        assert_true(out.len < HEX_MAX);
        out.data[out.len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return out;
}

static int parse(const struct sample *sample, struct h264_config *ret, struct err *err)
{
    return media_h264_parse_config(bytes_make(sample->data, sample->len), ret, err);
}

static void check(const char *hex, unsigned width, unsigned height, uint64_t rate_num,
                  uint64_t rate_den)
{
    struct sample sample = unhex(hex);
    struct h264_config config;
    assert_int_equal(parse(&sample, &config, NULL), 0);
    assert_int_equal(config.profile, sample.data[1]);
    assert_int_equal(config.compatibility, sample.data[2]);
    assert_int_equal(config.level, sample.data[3]);
    assert_int_equal(config.nal_length_size, 4);
    assert_int_equal(config.width, width);
    assert_int_equal(config.height, height);
    assert_true(config.rate_den > 0);
    assert_int_equal(config.rate_num * rate_den, config.rate_den * rate_num);
}

static void reads_size_and_rate_of_real_configurations(void **state)
{
    (void)state;
    check(PROGRESSIVE_1080, 1920, 1080, 30, 1);
    check(INTERLACED_1080, 1920, 1080, 25, 1);
    check(BASELINE_720, 720, 1280, 24000, 1001);
    check(CHROMA_444, 62, 34, 30, 1);
    check(CHROMA_422, 62, 34, 30, 1);
    check(SCALING_LISTS, 64, 36, 60, 1);
}

static void refuses_every_record_that_is_cut_off(void **state)
{
    (void)state;
    struct sample sample = unhex(BASELINE_720);
    for (size_t len = 0; len < sample.len; len++) {
        /* On the heap, so that a sanitizer sees a read behind the end. */
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, sample.data, len);
        struct h264_config config;
        struct err err = {0};
        assert_int_equal(media_h264_parse_config(bytes_make(exact, len), &config, &err),
                         -ERR_MEDIA);
        assert_true(strlen(err.text) > 0);
        free(exact);
    }
}

static void refuses_broken_heads(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } faults[] = {
        {0, 0},     /* version */
        {4, 0xfe},  /* lengths of 3 bytes */
        {5, 0xe0},  /* no SPS */
        {5, 0xe2},  /* more sets than there are */
        {8, 0x68},  /* a PPS among SPS */
        {31, 0},    /* no PPS */
        {34, 0x67}, /* an SPS among PPS */
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct sample sample = unhex(BASELINE_720);
        struct h264_config config;
        sample.data[faults[i].at] = faults[i].value;
        assert_int_equal(parse(&sample, &config, NULL), -ERR_MEDIA);
    }
}

static void refuses_a_record_beyond_the_limit(void **state)
{
    (void)state;
    static uint8_t large[H264_CONFIG_MAX + 1];
    struct sample sample = unhex(BASELINE_720);
    memcpy(large, sample.data, sample.len); /* extensions may follow, up to the limit */
    struct h264_config config;
    assert_int_equal(
        media_h264_parse_config(bytes_make(large, H264_CONFIG_MAX), &config, NULL), 0);
    assert_int_equal(
        media_h264_parse_config(bytes_make(large, H264_CONFIG_MAX + 1), &config, NULL),
        -ERR_MEDIA);
}

static void takes_short_lengths(void **state)
{
    (void)state;
    static const uint8_t heads[] = {0xfc, 0xfd, 0xff};
    static const unsigned sizes[] = {1, 2, 4};
    for (size_t i = 0; i < 3; i++) {
        struct sample sample = unhex(BASELINE_720);
        struct h264_config config;
        sample.data[4] = heads[i];
        assert_int_equal(parse(&sample, &config, NULL), 0);
        assert_int_equal(config.nal_length_size, sizes[i]);
    }
}

static void refuses_pictures_too_large_and_cropped_to_nothing(void **state)
{
    (void)state;
    /* Baseline by hand: ue(0) ue(0) ue(2) ue(0) 0, then width - 1 and height - 1 in
     * macroblocks, 1 1, and cropping. */
    static const uint8_t wide[] = {0x67, 0x42, 0x00, 0x0a, 0xdc,
                                   0x00, 0x41, 0xfe, 0x00};
    static const uint8_t too_wide[] = {0x67, 0x42, 0x00, 0x0a, 0xdc,
                                       0x00, 0x42, 0x0e, 0x00};
    static const uint8_t narrow[] = {0x67, 0x42, 0x00, 0x0a, 0xdd, 0xf1, 0x1c};
    static const uint8_t nothing[] = {0x67, 0x42, 0x00, 0x0a, 0xdd, 0xf1, 0x3c};
    struct h264_sps sps = {0};
    assert_int_equal(media_h264_sps_parse(bytes_make(wide, sizeof wide), &sps, NULL),
                     0);
    assert_int_equal(sps.width, 16880);
    assert_int_equal(sps.rate_den, 0); /* not declared */
    assert_int_equal(
        media_h264_sps_parse(bytes_make(too_wide, sizeof too_wide), &sps, NULL),
        -ERR_MEDIA);
    assert_int_equal(
        media_h264_sps_parse(bytes_make(narrow, sizeof narrow), &sps, NULL), 0);
    assert_int_equal(sps.width, 2);
    assert_int_equal(
        media_h264_sps_parse(bytes_make(nothing, sizeof nothing), &sps, NULL),
        -ERR_MEDIA);
}

static const struct track track_4 = {.nal_length_size = 4};
static const struct track track_2 = {.nal_length_size = 2};
static const struct track track_1 = {.nal_length_size = 1};

#define AU(text) bytes_make(text, sizeof(text) - 1)
#define SLICE "\0\0\0\2\x41\x9a"
#define IDR "\0\0\0\3\x65\x88\x84"
#define SEI "\0\0\0\2\x06\x05"
#define EMPTY "\0\0\0\0"

static void finds_the_idr_whatever_stands_before_it(void **state)
{
    (void)state;
    assert_true(media_h264_is_idr(AU(IDR), &track_4));
    assert_true(media_h264_is_idr(AU(SEI IDR), &track_4));
    assert_true(media_h264_is_idr(AU(EMPTY SEI IDR IDR), &track_4));
    assert_true(media_h264_is_idr(AU("\0\1\x06\0\1\x65"), &track_2));
    assert_true(media_h264_is_idr(AU("\1\x06\1\x25"), &track_1));
}

static void finds_no_idr_in_other_access_units(void **state)
{
    (void)state;
    assert_false(media_h264_is_idr(AU(SEI SLICE), &track_4));
    assert_false(media_h264_is_idr(AU(""), &track_4));
    assert_false(media_h264_is_idr(AU(EMPTY), &track_4));
    /* The byte 0x65 inside another unit, and behind lengths that lie. */
    assert_false(media_h264_is_idr(AU("\0\0\0\2\x41\x65"), &track_4));
    assert_false(media_h264_is_idr(AU("\0\0\0\x09\x65\x88"), &track_4));
    assert_false(media_h264_is_idr(AU("\xff\xff\xff\xff\x65"), &track_4));
    assert_false(media_h264_is_idr(AU("\0\0\0"), &track_4));
}

static int clean(struct bytes au, const struct track *track, struct buf **ret)
{
    struct buf *in = buf_copy(au);
    struct err err = {0};
    int rc = media_h264_clean(in, track, ret, &err);
    assert_int_equal(rc<0, strlen(err.text)> 0);
    if (rc == 0 && *ret == in)
        assert_true(bytes_equal(buf_bytes(*ret), au));
    buf_unref(in);
    return rc;
}

static void clean_access_units_pass_without_a_copy(void **state)
{
    (void)state;
    struct buf *in = buf_copy(AU(SEI IDR));
    struct buf *out = NULL;
    assert_int_equal(media_h264_clean(in, &track_4, &out, NULL), 0);
    assert_ptr_equal(in, out);
    buf_unref(out);
    buf_unref(in);
}

static void empty_units_are_taken_out(void **state)
{
    (void)state;
    struct buf *out = NULL;
    assert_int_equal(clean(AU(EMPTY SEI EMPTY EMPTY SLICE EMPTY), &track_4, &out), 0);
    assert_true(bytes_equal(buf_bytes(out), AU(SEI SLICE)));
    buf_unref(out);
    assert_int_equal(clean(AU("\0\0\0\1\x41"), &track_2, &out), 0);
    assert_true(bytes_equal(buf_bytes(out), AU("\0\1\x41")));
    buf_unref(out);
}

static void access_units_without_a_picture_are_refused(void **state)
{
    (void)state;
    struct buf *out = NULL;
    assert_int_equal(clean(AU(""), &track_4, &out), -ERR_MEDIA);
    assert_int_equal(clean(AU(EMPTY), &track_4, &out), -ERR_MEDIA);
    assert_int_equal(clean(AU(SEI), &track_4, &out), -ERR_MEDIA);
    assert_null(out);
}

static void access_units_with_lengths_that_lie_are_refused(void **state)
{
    (void)state;
    struct buf *out = NULL;
    assert_int_equal(clean(AU(SLICE "\0"), &track_4, &out), -ERR_MEDIA);
    assert_int_equal(clean(AU(SLICE "\0\0\0\1"), &track_4, &out), -ERR_MEDIA);
    assert_int_equal(clean(AU("\xff\xff\xff\xff\x65"), &track_4, &out), -ERR_MEDIA);
    /* Start codes instead of lengths. */
    assert_int_equal(clean(AU("\0\0\0\1\x65\x88\x84\x00\x10"), &track_4, &out),
                     -ERR_MEDIA);
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_size_and_rate_of_real_configurations),
        cmocka_unit_test(refuses_every_record_that_is_cut_off),
        cmocka_unit_test(refuses_broken_heads),
        cmocka_unit_test(refuses_a_record_beyond_the_limit),
        cmocka_unit_test(takes_short_lengths),
        cmocka_unit_test(refuses_pictures_too_large_and_cropped_to_nothing),
        cmocka_unit_test(finds_the_idr_whatever_stands_before_it),
        cmocka_unit_test(finds_no_idr_in_other_access_units),
        cmocka_unit_test(clean_access_units_pass_without_a_copy),
        cmocka_unit_test(empty_units_are_taken_out),
        cmocka_unit_test(access_units_without_a_picture_are_refused),
        cmocka_unit_test(access_units_with_lengths_that_lie_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
