#include "server/rtmp/flv_tag.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

#define HVC1 'h', 'v', 'c', '1'
#define AV01 'a', 'v', '0', '1'
#define OPUS 'O', 'p', 'u', 's'

enum { VIDEO = true, AUDIO = false };

/* The only tag of a message. */
static struct rtmp_flv_tag read_one(bool is_video, struct bytes body)
{
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(is_video, body);
    struct rtmp_flv_tag tag, none;
    assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_false(rtmp_flv_tag_next(&reader, &none));
    assert_false(reader.is_broken);
    return tag;
}

static void check_payload(const struct rtmp_flv_tag *tag, struct bytes body, size_t at)
{
    assert_ptr_equal(tag->payload.data, body.data + at);
    assert_int_equal(tag->payload.len, body.len - at);
}

static void reads_an_avc_configuration(void **state)
{
    (void)state;
    struct bytes body = BYTES(0x17, 0, 0, 0, 0, 1, 100);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_H264);
    assert_int_equal(tag.track_id, 0);
    check_payload(&tag, body, 5);
}

static void reads_avc_frames_with_signed_composition_time(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag =
        read_one(VIDEO, BYTES(0x17, 1, 0, 0, 67, 0, 0, 0, 1, 0x65));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_true(tag.key);
    assert_int_equal(tag.cts_ms, 67);
    tag = read_one(VIDEO, BYTES(0x27, 1, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x41));
    assert_false(tag.key);
    assert_int_equal(tag.cts_ms, -1);
}

static void reads_aac_configuration_and_frames(void **state)
{
    (void)state;
    struct bytes body = BYTES(0xaf, 0, 0x12, 0x10);
    struct rtmp_flv_tag tag = read_one(AUDIO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_AAC);
    check_payload(&tag, body, 2);
    tag = read_one(AUDIO, BYTES(0xaf, 1, 0x21));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_true(tag.key);
}

static void reads_hevc_under_the_number_of_before_fourccs(void **state)
{
    (void)state;
    struct bytes body = BYTES(0x1c, 0, 0, 0, 0, 1, 1);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.codec, RTMP_CODEC_HEVC);
    assert_int_equal(tag.codec_id, 12);
    check_payload(&tag, body, 5);
    tag = read_one(VIDEO, BYTES(0x2c, 1, 0, 0, 33, 0, 0, 0, 1, 2));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_int_equal(tag.cts_ms, 33);
}

static void reads_fourcc_forms_of_every_codec(void **state)
{
    (void)state;
    static const struct {
        enum rtmp_codec codec;
        bool is_video;
        char fourcc[5];
    } codecs[] = {
        {RTMP_CODEC_H264, true, "avc1"},  {RTMP_CODEC_HEVC, true, "hvc1"},
        {RTMP_CODEC_AV1, true, "av01"},   {RTMP_CODEC_VP9, true, "vp09"},
        {RTMP_CODEC_AAC, false, "mp4a"},  {RTMP_CODEC_OPUS, false, "Opus"},
        {RTMP_CODEC_OTHER, true, "vvc1"}, {RTMP_CODEC_OTHER, false, "fLaC"},
        {RTMP_CODEC_OTHER, true, "Opus"}, {RTMP_CODEC_OTHER, false, "hvc1"},
    };
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        const char *name = codecs[i].fourcc;
        struct bytes body = BYTES(0x90, (uint8_t)name[0], (uint8_t)name[1],
                                  (uint8_t)name[2], (uint8_t)name[3], 1, 2);
        struct rtmp_flv_tag tag = read_one(codecs[i].is_video, body);
        assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
        assert_int_equal(tag.codec, codecs[i].codec);
        assert_true(tag.key);
        check_payload(&tag, body, 5);
    }
}

static void only_nal_unit_codecs_have_composition_time(void **state)
{
    (void)state;
    struct bytes hevc = BYTES(0xa1, HVC1, 0xff, 0xff, 0xfe, 0, 0, 0, 1, 2);
    struct rtmp_flv_tag tag = read_one(VIDEO, hevc);
    assert_int_equal(tag.cts_ms, -2);
    assert_false(tag.key);
    check_payload(&tag, hevc, 8);
    struct bytes av1 = BYTES(0x91, AV01, 0x12, 0, 1, 1);
    tag = read_one(VIDEO, av1);
    assert_int_equal(tag.cts_ms, 0);
    assert_true(tag.key);
    check_payload(&tag, av1, 5);
    struct bytes vvc = BYTES(0xa1, 'v', 'v', 'c', '1', 0, 0, 5, 1);
    tag = read_one(VIDEO, vvc);
    assert_int_equal(tag.cts_ms, 5);
    check_payload(&tag, vvc, 8);
}

static void frames_x_have_none(void **state)
{
    (void)state;
    struct bytes body = BYTES(0xa3, HVC1, 0, 0, 0, 1, 2);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_int_equal(tag.cts_ms, 0);
    check_payload(&tag, body, 5);
}

static void tells_the_end_of_a_sequence(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag = read_one(VIDEO, BYTES(0x92, AV01));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_END);
    assert_int_equal(tag.payload.len, 0);
    tag = read_one(AUDIO, BYTES(0x95, 0x02, OPUS, 3));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_END);
    assert_int_equal(tag.track_id, 3);
}

static void gives_out_metadata_of_video_whatever_the_frame_type(void **state)
{
    (void)state;
    struct bytes body = BYTES(0xd4, HVC1, 2, 0, 1, 'x');
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_METADATA);
    check_payload(&tag, body, 5);
}

static void one_track_has_an_id(void **state)
{
    (void)state;
    struct bytes body = BYTES(0x96, 0x01, HVC1, 2, 0, 0, 7, 0, 0, 0, 1, 2);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_int_equal(tag.codec, RTMP_CODEC_HEVC);
    assert_int_equal(tag.track_id, 2);
    assert_int_equal(tag.cts_ms, 7);
    assert_true(tag.key);
    check_payload(&tag, body, 10);
    struct bytes audio = BYTES(0x95, 0x00, OPUS, 1, 9, 9);
    tag = read_one(AUDIO, audio);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.track_id, 1);
    check_payload(&tag, audio, 7);
}

static void many_tracks_share_a_codec(void **state)
{
    (void)state;
    struct bytes body =
        BYTES(0x96, 0x13, AV01, 0, 0, 0, 2, 11, 12, 1, 0, 0, 0, 4, 0, 0, 1, 13);
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(VIDEO, body);
    struct rtmp_flv_tag tag;
    assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_int_equal(tag.track_id, 0);
    assert_int_equal(tag.payload.len, 2);
    assert_int_equal(tag.payload.data[0], 11);
    assert_true(rtmp_flv_tag_next(&reader, &tag)); /* track 1 is empty */
    assert_int_equal(tag.track_id, 4);
    assert_int_equal(tag.codec, RTMP_CODEC_AV1);
    assert_int_equal(tag.payload.data[0], 13);
    assert_false(rtmp_flv_tag_next(&reader, &tag));
    assert_false(reader.is_broken);
}

static void many_tracks_have_many_codecs(void **state)
{
    (void)state;
    struct bytes body =
        BYTES(0x95, 0x21, OPUS, 0, 0, 0, 1, 11, 'm', 'p', '4', 'a', 1, 0, 0, 2, 12, 13);
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(AUDIO, body);
    struct rtmp_flv_tag tag;
    assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_int_equal(tag.codec, RTMP_CODEC_OPUS);
    assert_int_equal(tag.payload.len, 1);
    assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_int_equal(tag.codec, RTMP_CODEC_AAC);
    assert_int_equal(tag.track_id, 1);
    assert_int_equal(tag.payload.len, 2);
    assert_false(rtmp_flv_tag_next(&reader, &tag));
}

static void what_a_cut_message_has_whole_is_given_out(void **state)
{
    (void)state;
    struct bytes body = BYTES(0x96, 0x13, AV01, 0, 0, 0, 1, 11, 1, 0, 0, 9, 12);
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(VIDEO, body);
    struct rtmp_flv_tag tag;
    assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_int_equal(tag.payload.data[0], 11);
    assert_false(rtmp_flv_tag_next(&reader, &tag));
    assert_true(reader.is_broken);
}

static void tracks_of_one_message_are_limited(void **state)
{
    (void)state;
    uint8_t body[6 + 5 * (RTMP_FLV_TAG_TRACKS_MAX + 1)] = {0x96, 0x13, AV01};
    for (size_t i = 6; i < sizeof body; i += 5)
        body[i + 3] = 1;
    struct rtmp_flv_tag_reader reader =
        rtmp_flv_tag_reader_of(VIDEO, bytes_make(body, sizeof body));
    struct rtmp_flv_tag tag;
    for (int i = 0; i < RTMP_FLV_TAG_TRACKS_MAX; i++)
        assert_true(rtmp_flv_tag_next(&reader, &tag));
    assert_false(rtmp_flv_tag_next(&reader, &tag));
    assert_true(reader.is_broken);
}

static void steps_over_modifiers(void **state)
{
    (void)state;
    /* Nanoseconds, then one of an unknown kind, then coded frames. */
    struct bytes body =
        BYTES(0x97, 2, 0x0f, 0x42, 0x3f, 0x07, 0, 99, 0x51, AV01, 1, 2, 3);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    check_payload(&tag, body, 13);
    struct bytes audio = BYTES(0x97, 2, 0, 0, 1, 0x05, 0x01, OPUS, 6, 8);
    tag = read_one(AUDIO, audio);
    assert_int_equal(tag.track_id, 6);
    check_payload(&tag, audio, 12);
}

static void steps_over_long_modifiers(void **state)
{
    (void)state;
    uint8_t body[4 + 300 + 1 + 4 + 1] = {0x97, 255, 300 >> 8, (300 & 0xff) - 1};
    body[304] = 0x01;
    static const uint8_t rest[] = {AV01, 7};
    for (size_t i = 0; i < sizeof rest; i++)
        body[305 + i] = rest[i];
    struct bytes in = bytes_make(body, sizeof body);
    struct rtmp_flv_tag tag = read_one(VIDEO, in);
    check_payload(&tag, in, 309);
}

static void an_empty_opus_configuration_is_one(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag = read_one(AUDIO, BYTES(0x90, OPUS));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_CONFIG);
    assert_int_equal(tag.payload.len, 0);
}

static void check_nothing(bool is_video, struct bytes body, bool is_broken)
{
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(is_video, body);
    struct rtmp_flv_tag tag;
    assert_false(rtmp_flv_tag_next(&reader, &tag));
    assert_false(rtmp_flv_tag_next(&reader, &tag));
    assert_int_equal(reader.is_broken, is_broken);
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
        BYTES(0x57, 0, 1),                               /* command frame */
        BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0),             /* one empty NAL unit */
        BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), /* two */
        BYTES(0xa1, HVC1, 0, 0, 0, 0, 0, 0, 0),
        BYTES(0x90, AV01),
        BYTES(0xd1, 1),       /* command frame */
        BYTES(0x95, AV01, 1), /* descriptor of MPEG-2 TS */
    };
    for (size_t i = 0; i < sizeof videos / sizeof videos[0]; i++)
        check_nothing(VIDEO, videos[i], false);
    const struct bytes audios[] = {
        bytes_make(NULL, 0),
        BYTES(0xaf),
        BYTES(0xaf, 0), /* empty configuration */
        BYTES(0xaf, 1),
        BYTES(0xaf, 2, 1),
        BYTES(0x2f),
        BYTES(0x91, OPUS),                   /* silence */
        BYTES(0x94, OPUS, 1, 2, 0, 0, 0, 3), /* channels */
    };
    for (size_t i = 0; i < sizeof audios / sizeof audios[0]; i++)
        check_nothing(AUDIO, audios[i], false);
}

static void tells_what_it_does_not_understand(void **state)
{
    (void)state;
    const struct bytes videos[] = {
        BYTES(0x17, 3, 0, 0, 0, 1), /* no such packet type */
        BYTES(0x90, 'a', 'v', '0'),
        BYTES(0x98, AV01, 1),          /* reserved packet type */
        BYTES(0x96),                   /* multitrack, cut */
        BYTES(0x96, 0x31, AV01, 0, 1), /* reserved kind of multitrack */
        BYTES(0x96, 0x06, AV01, 0, 1), /* multitrack in multitrack */
        BYTES(0x96, 0x01, AV01),       /* no track id */
        BYTES(0x97),                   /* modifiers, cut */
        BYTES(0x97, 5, 1),
        BYTES(0x97, 255, 255),
    };
    for (size_t i = 0; i < sizeof videos / sizeof videos[0]; i++)
        check_nothing(VIDEO, videos[i], true);
    check_nothing(AUDIO, BYTES(0x93, OPUS, 1), true);
    check_nothing(AUDIO, BYTES(0x96, OPUS, 1), true);
}

static void keeps_access_units_with_some_empty_nal_units(void **state)
{
    (void)state;
    struct rtmp_flv_tag tag =
        read_one(VIDEO, BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x41));
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
}

static void names_other_codecs_by_their_number(void **state)
{
    (void)state;
    struct bytes body = BYTES(0x14, 1, 0, 0, 0, 9);
    struct rtmp_flv_tag tag = read_one(VIDEO, body);
    assert_int_equal(tag.kind, RTMP_FLV_TAG_FRAME);
    assert_int_equal(tag.codec, RTMP_CODEC_OTHER);
    assert_int_equal(tag.codec_id, 4);
    assert_true(tag.key);
    check_payload(&tag, body, 1);
    body = BYTES(0x2f, 0xff, 0xfb);
    tag = read_one(AUDIO, body);
    assert_int_equal(tag.codec, RTMP_CODEC_OTHER);
    assert_int_equal(tag.codec_id, 2);
    check_payload(&tag, body, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_avc_configuration),
        cmocka_unit_test(reads_avc_frames_with_signed_composition_time),
        cmocka_unit_test(reads_aac_configuration_and_frames),
        cmocka_unit_test(reads_hevc_under_the_number_of_before_fourccs),
        cmocka_unit_test(reads_fourcc_forms_of_every_codec),
        cmocka_unit_test(only_nal_unit_codecs_have_composition_time),
        cmocka_unit_test(frames_x_have_none),
        cmocka_unit_test(tells_the_end_of_a_sequence),
        cmocka_unit_test(gives_out_metadata_of_video_whatever_the_frame_type),
        cmocka_unit_test(one_track_has_an_id),
        cmocka_unit_test(many_tracks_share_a_codec),
        cmocka_unit_test(many_tracks_have_many_codecs),
        cmocka_unit_test(what_a_cut_message_has_whole_is_given_out),
        cmocka_unit_test(tracks_of_one_message_are_limited),
        cmocka_unit_test(steps_over_modifiers),
        cmocka_unit_test(steps_over_long_modifiers),
        cmocka_unit_test(an_empty_opus_configuration_is_one),
        cmocka_unit_test(finds_nothing_in_what_carries_nothing),
        cmocka_unit_test(tells_what_it_does_not_understand),
        cmocka_unit_test(keeps_access_units_with_some_empty_nal_units),
        cmocka_unit_test(names_other_codecs_by_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
