#include "packager/media/opus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/unit/packager/coded/coded.h"

#define HEAD "OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\0"
#define DOPS "\0\2\1\x38\0\0\xbb\x80\0\0\0"

static int parse(const char *data, size_t len, struct opus_config *ret, struct err *err)
{
    char *exact = malloc(len + 1); /* reads behind the end are seen by ASan */
    memcpy(exact, data, len);
    int rc = media_opus_parse_config(bytes_make(exact, len), ret, err);
    free(exact);
    return rc;
}

static void reads_what_a_playlist_needs(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_OPUS, "opus");
    const struct track *track = coded->track;
    assert_int_equal(track->kind, TRACK_AUDIO);
    assert_int_equal(track->timescale, 48000);
    assert_int_equal(track->sample_rate, 48000);
    assert_int_equal(track->channels, 2);
    assert_int_equal(track->frame_samples, 960);
    assert_string_equal(track->codecs, "opus");
    for (size_t i = 0; i < coded->n_units; i++) {
        struct packet packet;
        assert_int_equal(
            media_access_unit_clean(track, coded->units[i].data, &packet, NULL), 0);
        assert_int_equal(packet.n_samples, 960);
        assert_true(packet.key);
        assert_ptr_equal(packet.data, coded->units[i].data);
        media_packet_finish(&packet);
    }
    coded_free(coded);
}

static void both_forms_of_the_header_make_the_same_track(void **state)
{
    (void)state;
    struct opus_config config;
    assert_int_equal(parse(HEAD, sizeof HEAD - 1, &config, NULL), 0);
    assert_int_equal(config.channels, 2);
    assert_int_equal(config.pre_skip, 312);
    assert_int_equal(parse(DOPS, sizeof DOPS - 1, &config, NULL), 0);
    assert_int_equal(config.pre_skip, 312);
    struct buf *head = media_opus_head(bytes_make(HEAD, sizeof HEAD - 1));
    struct buf *same = media_opus_head(bytes_make(DOPS, sizeof DOPS - 1));
    assert_true(bytes_equal(buf_bytes(head), bytes_make(HEAD, sizeof HEAD - 1)));
    assert_true(bytes_equal(buf_bytes(same), buf_bytes(head)));
    buf_unref(head);
    buf_unref(same);
    head = media_opus_head(bytes_make(HEAD "more", sizeof HEAD + 3));
    assert_true(bytes_equal(buf_bytes(head), bytes_make(HEAD, sizeof HEAD - 1)));
    buf_unref(head);
}

static void takes_channels_that_are_mapped(void **state)
{
    (void)state;
    static const char surround[] =
        "OpusHead\1\6\x38\1\x80\xbb\0\0\0\0\1\4\2\0\4\1\2\3\5";
    struct opus_config config;
    assert_int_equal(parse(surround, sizeof surround - 1, &config, NULL), 0);
    assert_int_equal(config.channels, 6);
    for (size_t len = 0; len < sizeof surround - 1; len++)
        assert_int_equal(parse(surround, len, &config, NULL), -ERR_MEDIA);
}

static void refuses_headers_that_are_none(void **state)
{
    (void)state;
    struct opus_config config;
    struct err err = {0};
    for (size_t len = 0; len < sizeof HEAD - 1; len++)
        assert_int_equal(parse(HEAD, len, &config, &err), -ERR_MEDIA);
    for (size_t len = 0; len < sizeof DOPS - 1; len++)
        assert_int_equal(parse(DOPS, len, &config, &err), -ERR_MEDIA);
    assert_string_equal(err.text, "Opus configuration is cut off");
    assert_int_equal(parse("OpusHead\x10\2\x38\1\x80\xbb\0\0\0\0\0", 19, &config, &err),
                     -ERR_MEDIA);
    assert_non_null(strstr(err.text, "version 16"));
    assert_int_equal(parse("OpusHead\1\0\x38\1\x80\xbb\0\0\0\0\0", 19, &config, &err),
                     -ERR_MEDIA);
    assert_non_null(strstr(err.text, "no channels"));
    assert_int_equal(parse("OpusHead\1\3\x38\1\x80\xbb\0\0\0\0\0", 19, &config, &err),
                     -ERR_MEDIA);
    assert_non_null(strstr(err.text, "not mapped"));
    char large[OPUS_CONFIG_MAX + 1] = {0};
    assert_int_equal(parse(large, sizeof large, &config, &err), -ERR_MEDIA);
}

/* RFC 6716, table 2 and 3.2. */
static void a_packet_tells_how_long_it_lasts(void **state)
{
    (void)state;
    static const struct {
        uint8_t toc, count;
        uint32_t samples; /* 0: refused */
    } cases[] = {
        {0 << 3, 0, 480},       {1 << 3, 0, 960},          {2 << 3, 0, 1920},
        {3 << 3, 0, 2880},      {11 << 3, 0, 2880},        {12 << 3, 0, 480},
        {13 << 3, 0, 960},      {15 << 3, 0, 960},         {16 << 3, 0, 120},
        {17 << 3, 0, 240},      {18 << 3, 0, 480},         {31 << 3, 0, 960},
        {31 << 3 | 1, 0, 1920}, {3 << 3 | 2, 0, 5760},     {16 << 3 | 3, 48, 5760},
        {16 << 3 | 3, 49, 0},   {31 << 3 | 3, 0x86, 5760}, {31 << 3 | 3, 0x80, 0},
        {3 << 3 | 3, 3, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t packet[] = {cases[i].toc, cases[i].count, 0};
        uint32_t samples = 0;
        int rc = media_opus_samples(bytes_make(packet, sizeof packet), &samples, NULL);
        assert_int_equal(rc, cases[i].samples > 0 ? 0 : -ERR_MEDIA);
        assert_int_equal(samples, cases[i].samples);
    }
    uint32_t samples;
    assert_int_equal(media_opus_samples(bytes_make(NULL, 0), &samples, NULL),
                     -ERR_MEDIA);
    assert_int_equal(media_opus_samples(bytes_make("\x03", 1), &samples, NULL),
                     -ERR_MEDIA);
}

static void frames_of_another_length_make_a_copy_of_the_track(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_OPUS, "opus");
    struct packet packet = {.kind = TRACK_AUDIO, .n_samples = 480};
    struct track *shorter = media_access_unit_refine(coded->track, &packet);
    assert_int_equal(shorter->frame_samples, 480);
    assert_true(media_track_equal(shorter, coded->track));
    struct track *same = media_access_unit_refine(shorter, &packet);
    assert_ptr_equal(same, shorter);
    media_track_unref(same);
    media_track_unref(shorter);
    coded_free(coded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_playlist_needs),
        cmocka_unit_test(both_forms_of_the_header_make_the_same_track),
        cmocka_unit_test(takes_channels_that_are_mapped),
        cmocka_unit_test(refuses_headers_that_are_none),
        cmocka_unit_test(a_packet_tells_how_long_it_lasts),
        cmocka_unit_test(frames_of_another_length_make_a_copy_of_the_track),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
