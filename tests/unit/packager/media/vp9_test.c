#include "packager/media/vp9.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/unit/packager/coded/coded.h"

static void the_first_key_frame_tells_the_size(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_VP9, "vp9");
    assert_int_equal(coded->track->timescale, 90000);
    assert_int_equal(coded->track->width, 0);
    assert_false(media_track_is_complete(coded->track));
    struct packet packet;
    assert_int_equal(
        media_access_unit_clean(coded->track, coded->units[0].data, &packet, NULL), 0);
    struct track *track = media_access_unit_refine(coded->track, &packet);
    assert_int_equal(track->width, 66);
    assert_int_equal(track->height, 66);
    assert_true(media_track_is_complete(track));
    assert_string_equal(track->codecs, "vp09.00.10.08");
    /* The same picture says nothing new, one between key frames says nothing at all. */
    struct track *again = media_access_unit_refine(track, &packet);
    assert_ptr_equal(again, track);
    media_track_unref(again);
    packet.key = false;
    again = media_access_unit_refine(coded->track, &packet);
    assert_ptr_equal(again, coded->track);
    media_track_unref(again);
    media_track_unref(track);
    media_packet_finish(&packet);
    coded_free(coded);
}

static void key_frames_are_found_in_the_bytes(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_VP9, "vp9");
    for (size_t i = 0; i < coded->n_units; i++) {
        struct packet packet;
        assert_int_equal(
            media_access_unit_clean(coded->track, coded->units[i].data, &packet, NULL),
            0);
        assert_int_equal(packet.key, coded->units[i].key);
        assert_ptr_equal(packet.data, coded->units[i].data);
        media_packet_finish(&packet);
    }
    coded_free(coded);
}

static int parse(const char *data, size_t len, struct vp9_config *ret, struct err *err)
{
    return media_vp9_parse_config(bytes_make(data, len), ret, err);
}

static void takes_a_record_with_and_without_the_box_in_front(void **state)
{
    (void)state;
    struct vp9_config config;
    char codecs[TRACK_CODECS_MAX];
    assert_int_equal(parse("\2\x1f\xa3\x09\x10\x09\0\0", 8, &config, NULL), 0);
    assert_int_equal(config.fields.profile, 2);
    assert_int_equal(config.fields.bit_depth, 10);
    assert_int_equal(config.fields.chroma, 1);
    assert_true(config.color.known);
    assert_true(config.color.full_range);
    media_vp9_codecs(&config.fields, &config.color, codecs, sizeof codecs);
    assert_string_equal(codecs, "vp09.02.31.10.01.09.16.09.01");
    assert_int_equal(parse("\1\0\0\0\0\x1e\x82\1\1\1\0\0", 12, &config, NULL), 0);
    media_vp9_codecs(&config.fields, &config.color, codecs, sizeof codecs);
    assert_string_equal(codecs, "vp09.00.30.08");
    assert_int_equal(config.fields.chroma, 1);
    assert_int_equal(parse("\1\x1e\x86\2\2\2\0\0", 8, &config, NULL), 0);
    media_vp9_codecs(&config.fields, &config.color, codecs, sizeof codecs);
    assert_string_equal(codecs, "vp09.01.30.08.03.02.02.02.00");
}

static void refuses_records_that_are_none(void **state)
{
    (void)state;
    struct vp9_config config;
    struct err err = {0};
    for (size_t len = 0; len < 8; len++)
        assert_int_equal(parse("\0\x1e\x82\1\1\1\0\0", len, &config, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "VP9 configuration is cut off"));
    assert_int_equal(parse("\4\x1e\x82\1\1\1\0\0", 8, &config, &err), -ERR_MEDIA);
    assert_int_equal(parse("\0\x3f\x82\1\1\1\0\0", 8, &config, &err), -ERR_MEDIA);
    assert_int_equal(parse("\0\x1e\x92\1\1\1\0\0", 8, &config, &err), -ERR_MEDIA);
    assert_int_equal(parse("\0\x1e\x88\1\1\1\0\0", 8, &config, &err), -ERR_MEDIA);
    char large[VP9_CONFIG_MAX + 1] = {0};
    assert_int_equal(parse(large, sizeof large, &config, &err), -ERR_MEDIA);
}

static void a_level_that_is_not_told_comes_from_the_size(void **state)
{
    (void)state;
    assert_int_equal(media_vp9_level_of(256, 144), 10);
    assert_int_equal(media_vp9_level_of(1280, 720), 31);
    assert_int_equal(media_vp9_level_of(1920, 1080), 40);
    assert_int_equal(media_vp9_level_of(3840, 2160), 50);
    assert_int_equal(media_vp9_level_of(UINT16_MAX, UINT16_MAX), 62);
    struct buf *record = buf_copy(bytes_make("\0\0\x82\1\1\1\0\0", 8));
    struct track *track;
    assert_int_equal(media_track_create(TRACK_VP9, record, &track, NULL), 0);
    struct track *sized = media_track_with_size(track, 1280, 720);
    assert_string_equal(sized->codecs, "vp09.00.31.08");
    media_track_unref(sized);
    media_track_unref(track);
    buf_unref(record);
}

static void refuses_frames_that_are_none(void **state)
{
    (void)state;
    struct vp9_frame frame;
    static const struct {
        const char *bytes;
        size_t len;
        int result;
    } cases[] = {
        {"", 0, -ERR_MEDIA},
        {"\x42", 1, -ERR_MEDIA},                                  /* no marker */
        {"\x82\x49\x83\x42\0\4\x10\4\x10", 9, 0},                 /* 66x66 */
        {"\x82\x49\x83\x43\0\4\x10\4\x10", 9, -ERR_MEDIA},        /* no sync code */
        {"\x82\x49\x83\x42\0\4\x10", 7, -ERR_MEDIA},              /* cut off */
        {"\x82\x49\x83\x42\x0f\xff\xf4\x10\0\0", 10, -ERR_MEDIA}, /* 65536 wide */
        {"\x86", 1, 0},                                           /* inter */
        {"\x8a", 1, 0}, /* shows a frame again */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(media_vp9_read_frame(bytes_make(cases[i].bytes, cases[i].len),
                                              &frame, NULL),
                         cases[i].result);
    assert_false(frame.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_key_frame_tells_the_size),
        cmocka_unit_test(key_frames_are_found_in_the_bytes),
        cmocka_unit_test(takes_a_record_with_and_without_the_box_in_front),
        cmocka_unit_test(refuses_records_that_are_none),
        cmocka_unit_test(a_level_that_is_not_told_comes_from_the_size),
        cmocka_unit_test(refuses_frames_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
