#include "server/rtmp/flv_tag.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void reads_an_avc_configuration(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag = rtmp_flv_tag_read_video(BYTES(0x17, 0, 0, 0, 0, 1, 100));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_H264);
    assert_int_equal(tag.payload_at, 5);
}

static void reads_avc_frames_with_signed_composition_time(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag =
        rtmp_flv_tag_read_video(BYTES(0x17, 1, 0, 0, 67, 0, 0, 0, 1, 0x65));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_true(tag.key);
    assert_int_equal(tag.cts_ms, 67);
    tag = rtmp_flv_tag_read_video(BYTES(0x27, 1, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x41));
    assert_false(tag.key);
    assert_int_equal(tag.cts_ms, -1);
}

static void reads_aac_configuration_and_frames(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag = rtmp_flv_tag_read_audio(BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_AAC);
    assert_int_equal(tag.payload_at, 2);
    tag = rtmp_flv_tag_read_audio(BYTES(0xaf, 1, 0x21));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_true(tag.key);
}

static void finds_nothing_in_what_carries_nothing(void **state)
{
    (void)state;
    const struct bytes videos[] = {
        bytes_make(NULL, 0),
        BYTES(0x17),
        BYTES(0x17, 1),
        BYTES(0x17, 1, 0, 0),
        BYTES(0x17, 1, 0, 0, 0),
        BYTES(0x17, 0, 0, 0, 0), /* empty avcC */
        BYTES(0x17, 2, 0, 0, 0), /* end of sequence */
        BYTES(0x17, 2, 0, 0, 0, 1),
        BYTES(0x17, 3, 0, 0, 0, 1),                      /* no such packet type */
        BYTES(0x57, 0, 1),                               /* command frame */
        BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0),             /* one empty NAL unit */
        BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), /* two */
        BYTES(0x90, 'a', 'v', '0'),
        BYTES(0x90, 'a', 'v', '0', '1'),
        BYTES(0x92, 'a', 'v', '0', '1', 1),
        BYTES(0x94, 'a', 'v', '0', '1', 1),
    };
    for (size_t i = 0; i < sizeof videos / sizeof videos[0]; i++)
        assert_int_equal(rtmp_flv_tag_read_video(videos[i]).kind, RTMP_FLV_TAG_NOTHING);
    const struct bytes audios[] = {
        bytes_make(NULL, 0),
        BYTES(0xaf),
        BYTES(0xaf, 0), /* empty configuration */
        BYTES(0xaf, 1),
        BYTES(0xaf, 2, 1),
        BYTES(0x2f),
        BYTES(0x91, 'O', 'p', 'u', 's'),
        BYTES(0x95, 'O', 'p', 'u', 's', 1),
    };
    for (size_t i = 0; i < sizeof audios / sizeof audios[0]; i++)
        assert_int_equal(rtmp_flv_tag_read_audio(audios[i]).kind, RTMP_FLV_TAG_NOTHING);
}

static void keeps_access_units_with_some_empty_nal_units(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag =
        rtmp_flv_tag_read_video(BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x41));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
}

static void names_other_codecs_by_their_number(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag = rtmp_flv_tag_read_video(BYTES(0x1c, 1, 0, 0, 0, 9));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_int_equal(tag.codec, RTMP_CODEC_OTHER);
    assert_int_equal(tag.codec_id, 12);
    assert_true(tag.key);
    tag = rtmp_flv_tag_read_audio(BYTES(0x2f, 0xff, 0xfb));
    assert_int_equal(tag.codec, RTMP_CODEC_OTHER);
    assert_int_equal(tag.codec_id, 2);
    assert_int_equal(tag.payload_at, 1);
}

static void names_extended_codecs_by_their_fourcc(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag =
        rtmp_flv_tag_read_video(BYTES(0x90, 'h', 'v', 'c', '1', 1, 2));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_OTHER);
    assert_int_equal(tag.codec_id, 0x68766331);
    assert_true(tag.key);
    assert_int_equal(tag.payload_at, 5);
    tag = rtmp_flv_tag_read_video(BYTES(0xa3, 'a', 'v', '0', '1', 1));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_false(tag.key);
    tag = rtmp_flv_tag_read_audio(BYTES(0x90, 'O', 'p', 'u', 's', 1));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec_id, 0x4f707573);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_avc_configuration),
        cmocka_unit_test(reads_avc_frames_with_signed_composition_time),
        cmocka_unit_test(reads_aac_configuration_and_frames),
        cmocka_unit_test(finds_nothing_in_what_carries_nothing),
        cmocka_unit_test(keeps_access_units_with_some_empty_nal_units),
        cmocka_unit_test(names_other_codecs_by_their_number),
        cmocka_unit_test(names_extended_codecs_by_their_fourcc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
