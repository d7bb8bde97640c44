#include "packager/media/hevc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "tests/unit/packager/coded/coded.h"

static struct coded *coded;

static void load(void)
{
    coded = coded_load(TRACK_HEVC, "hevc");
}

static struct bytes record(void)
{
    return buf_bytes(coded->record);
}

static int parse(const uint8_t *data, size_t len, struct err *err)
{
    struct hevc_config config;
    return media_hevc_parse_config(bytes_make(data, len), &config, err);
}

static void reads_what_a_playlist_needs(void **state)
{
    (void)state;
    load();
    const struct track *track = coded->track;
    assert_int_equal(track->kind, TRACK_VIDEO);
    assert_int_equal(track->timescale, 90000);
    assert_int_equal(track->width, 66); /* 72 coded: the conformance window */
    assert_int_equal(track->height, 66);
    assert_int_equal(track->nal_length_size, 4);
    assert_int_equal((uint64_t)track->rate_num, (uint64_t)track->rate_den * 30);
    assert_string_equal(track->codecs, "hvc1.1.6.L30.90");
    assert_false(track->color.known);
    coded_free(coded);
}

static void reads_colours_of_ten_bits(void **state)
{
    (void)state;
    coded = coded_load(TRACK_HEVC, "hevc-pq");
    assert_string_equal(coded->track->codecs, "hvc1.2.4.L30.90");
    assert_true(coded->track->color.known);
    assert_int_equal(coded->track->color.primaries, 9);
    assert_int_equal(coded->track->color.transfer, TRACK_TRANSFER_PQ);
    assert_int_equal(coded->track->color.matrix, 9);
    assert_false(coded->track->color.full_range);
    coded_free(coded);
}

/* The examples of ISO 14496-15 E.3 and Apple's list. */
static void writes_codecs_as_the_standard_does(void **state)
{
    (void)state;
    static const struct {
        struct hevc_config config;
        const char *text;
    } cases[] = {
        {{.profile = 1,
          .level = 93,
          .compatibility = 0x60000000,
          .constraints = {0xb0}},
         "hvc1.1.6.L93.B0"},
        {{.profile = 2,
          .level = 150,
          .compatibility = 0x20000000,
          .constraints = {0xb0}},
         "hvc1.2.4.L150.B0"},
        {{.profile = 2, .level = 153, .high_tier = true, .compatibility = 0x20000000},
         "hvc1.2.4.H153"},
        {{.profile = 4,
          .level = 120,
          .profile_space = 1,
          .compatibility = 0x08000000,
          .constraints = {0xb5, 0, 0x08}},
         "hvc1.A4.10.L120.B5.0.8"},
        {{.profile = 31,
          .level = 255,
          .profile_space = 3,
          .compatibility = 0xffffffff,
          .constraints = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
         "hvc1.C31.FFFFFFFF.L255.FF.FF.FF.FF.FF.FF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[TRACK_CODECS_MAX];
        media_hevc_codecs(&cases[i].config, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

static void refuses_a_record_that_is_cut_off_anywhere(void **state)
{
    (void)state;
    load();
    for (size_t len = 0; len < record().len; len++) {
        struct err err = {0};
        uint8_t *exact = malloc(len + 1); /* reads behind the end are seen by ASan */
        memcpy(exact, record().data, len);
        assert_int_equal(parse(exact, len, &err), -ERR_MEDIA);
        assert_non_null(strstr(err.text, "HEVC"));
        free(exact);
    }
    coded_free(coded);
}

static void refuses_other_versions_and_lengths_of_three(void **state)
{
    (void)state;
    load();
    struct err err = {0};
    uint8_t changed[256];
    assert_true(record().len < sizeof changed);
    memcpy(changed, record().data, record().len);
    changed[0] = 0; /* old encoders' */
    assert_int_equal(parse(changed, record().len, &err), 0);
    changed[0] = 2;
    assert_int_equal(parse(changed, record().len, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "version 2"));
    changed[0] = 1;
    changed[21] = (uint8_t)((changed[21] & ~3) | 2);
    assert_int_equal(parse(changed, record().len, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "3 bytes"));
    coded_free(coded);
}

static void refuses_a_record_without_a_parameter_set(void **state)
{
    (void)state;
    load();
    static const char *const words[] = {"video", "sequence", "picture"};
    for (int missing = 0; missing < 3; missing++) {
        uint8_t changed[256];
        size_t at = 22;
        memcpy(changed, record().data, 23);
        changed[at++] = 2;
        size_t from = 23;
        for (int i = 0; i < 3; i++) {
            size_t len = 5 + (size_t)record().data[from + 4];
            if (i != missing) {
                memcpy(changed + at, record().data + from, len);
                at += len;
            }
            from += len;
        }
        struct err err = {0};
        assert_int_equal(parse(changed, at, &err), -ERR_MEDIA);
        assert_non_null(strstr(err.text, words[missing]));
    }
    coded_free(coded);
}

static void refuses_a_record_that_is_too_large(void **state)
{
    (void)state;
    static uint8_t large[HEVC_CONFIG_MAX + 1];
    struct err err = {0};
    assert_int_equal(parse(large, sizeof large, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "at most"));
}

static void says_that_its_parameter_sets_are_complete(void **state)
{
    (void)state;
    load();
    uint8_t changed[256];
    memcpy(changed, record().data, record().len);
    changed[0] = 0;
    changed[23] &= 0x7f; /* of the first list */
    struct buf *config = buf_copy(bytes_make(changed, record().len));
    struct track *track;
    assert_int_equal(media_track_create(TRACK_HEVC, config, &track, NULL), 0);
    assert_true(bytes_equal(buf_bytes(track->config), record()));
    assert_true(media_track_equal(track, coded->track));
    buf_unref(config);
    media_track_unref(track);
    coded_free(coded);
}

/* x265 opens its GOPs: IDR first, CRA then. */
static void a_decoder_may_start_at_every_random_access_picture(void **state)
{
    (void)state;
    load();
    size_t n_keys = 0;
    for (size_t i = 0; i < coded->n_units; i++) {
        bool key = media_hevc_is_key(buf_bytes(coded->units[i].data), coded->track);
        assert_int_equal(key, coded->units[i].key);
        n_keys += key;
    }
    assert_int_equal(n_keys, 3);
    struct {
        uint8_t type;
        bool key;
    } cases[] = {{0, false}, {1, false}, {8, false},  {9, false},  {15, false},
                 {16, true}, {17, true}, {18, true},  {19, true},  {20, true},
                 {21, true}, {23, true}, {24, false}, {31, false}, {39, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t au[] = {0, 0, 0, 3, (uint8_t)(cases[i].type << 1), 1, 0};
        assert_int_equal(media_hevc_is_key(bytes_make(au, sizeof au), coded->track),
                         cases[i].key);
    }
    coded_free(coded);
}

static int clean(const char *bytes, size_t len, struct buf **ret)
{
    struct buf *in = buf_copy(bytes_make(bytes, len));
    struct err err = {0};
    int rc = media_hevc_clean(in, coded->track, ret, &err);
    assert_true(rc == 0 || strstr(err.text, "HEVC"));
    buf_unref(in);
    return rc;
}

#define SLICE "\0\0\0\3\x02\1z"
#define SEI "\0\0\0\3\x4e\1s"
#define EMPTY "\0\0\0\0"

static void takes_empty_units_and_known_parameter_sets_out(void **state)
{
    (void)state;
    load();
    struct buf *out = NULL;
    assert_int_equal(
        clean(EMPTY SEI EMPTY SLICE, sizeof(EMPTY SEI EMPTY SLICE) - 1, &out), 0);
    assert_true(bytes_equal(buf_bytes(out), bytes_make(SEI SLICE, 14)));
    buf_unref(out);
    /* The picture parameter set is the record's last; another one stays. */
    uint8_t au[64] = {0, 0, 0, 6};
    memcpy(au + 4, record().data + record().len - 6, 6);
    memcpy(au + 10, SLICE, 7);
    assert_int_equal(clean((const char *)au, 17, &out), 0);
    assert_true(bytes_equal(buf_bytes(out), bytes_make(SLICE, 7)));
    buf_unref(out);
    au[9] ^= 1;
    assert_int_equal(clean((const char *)au, 17, &out), 0);
    assert_int_equal(buf_bytes(out).len, 17);
    buf_unref(out);
    coded_free(coded);
}

static void leaves_a_good_unit_as_it_is(void **state)
{
    (void)state;
    load();
    for (size_t i = 0; i < coded->n_units; i++) {
        struct buf *out = NULL;
        assert_int_equal(
            media_hevc_clean(coded->units[i].data, coded->track, &out, NULL), 0);
        assert_ptr_equal(out, coded->units[i].data);
        buf_unref(out);
    }
    coded_free(coded);
}

static void refuses_units_that_are_none(void **state)
{
    (void)state;
    load();
    struct buf *out = NULL;
    assert_int_equal(clean(SEI, 7, &out), -ERR_MEDIA);
    assert_int_equal(clean(EMPTY, 4, &out), -ERR_MEDIA);
    assert_int_equal(clean("", 0, &out), -ERR_MEDIA);
    assert_int_equal(clean("\0\0\0\4\x02\1z", 7, &out), -ERR_MEDIA);
    assert_int_equal(clean(SLICE "\0\0", 9, &out), -ERR_MEDIA);
    assert_int_equal(clean("\0\0\0\1\x02", 5, &out), -ERR_MEDIA); /* half a header */
    coded_free(coded);
}

/* Mastering on BT.2020 with D65, 1000 and 0.0001 cd/m2, and light levels of 1000 and 400,
 * in one unit with a message that says something else. */
static const uint8_t sei[] = {
    0x4e, 1,    5,    2,    0xaa, 0xbb, 137,  24,   0x21, 0x34, 0x9b, 0xaa, 0x19, 0x96,
    0x08, 0xfc, 0x8a, 0x48, 0x39, 0x08, 0x3d, 0x13, 0x40, 0x42, 0,    0x98, 0x96, 0x80,
    0,    0,    3,    0,    1,    144,  4,    0x03, 0xe8, 0x01, 0x90, 0x80,
};

static void assert_light(const struct track_color *color)
{
    assert_true(color->has_mastering);
    assert_int_equal(color->mastering_xy[0][0], 0x2134);
    assert_int_equal(color->mastering_xy[3][1], 0x4042);
    assert_int_equal(color->luminance_max, 10000000);
    assert_int_equal(color->luminance_min, 1);
    assert_true(color->has_light_level);
    assert_int_equal(color->max_cll, 1000);
    assert_int_equal(color->max_fall, 400);
}

static void reads_light_levels_beside_the_parameter_sets(void **state)
{
    (void)state;
    load();
    struct builder out;
    builder_init(&out, HEVC_CONFIG_MAX);
    builder_put(&out, bytes_first(record(), 22));
    builder_u8(&out, (uint8_t)(record().data[22] + 1));
    builder_put(&out, bytes_from(record(), 23));
    builder_u8(&out, 39);
    builder_u16(&out, 1);
    builder_u16(&out, sizeof sei);
    builder_put(&out, bytes_make(sei, sizeof sei));
    struct hevc_config config;
    assert_int_equal(media_hevc_parse_config(builder_bytes(&out), &config, NULL), 0);
    assert_light(&config.color);
    builder_finish(&out);
    coded_free(coded);
}

static struct buf *unit_with(struct bytes first, struct buf *unit)
{
    struct builder out;
    builder_init(&out, CODED_SIZE_MAX);
    builder_u32(&out, (uint32_t)first.len);
    builder_put(&out, first);
    builder_put(&out, buf_bytes(unit));
    struct buf *with = builder_take(&out);
    builder_finish(&out);
    return with;
}

static void reads_light_levels_in_front_of_a_key_frame(void **state)
{
    (void)state;
    load();
    assert_false(coded->track->color.has_mastering);
    struct packet packet = {
        .key = true,
        .data = unit_with(bytes_make(sei, sizeof sei), coded->units[0].data)};
    struct track *found = media_access_unit_refine(coded->track, &packet);
    assert_light(&found->color);
    assert_false(media_track_equal(found, coded->track));
    struct track *again = media_access_unit_refine(found, &packet);
    assert_ptr_equal(again, found);
    media_track_unref(again);
    media_track_unref(found);
    media_packet_finish(&packet);
    coded_free(coded);
}

static void light_levels_that_are_cut_off_say_nothing(void **state)
{
    (void)state;
    load();
    for (size_t len = 0; len < sizeof sei; len++) {
        struct track_color color = {0};
        struct packet packet = {
            .key = true, .data = unit_with(bytes_make(sei, len), coded->units[0].data)};
        media_hevc_read_light(buf_bytes(packet.data), coded->track, &color);
        assert_int_equal(color.has_mastering, len >= 33);
        assert_int_equal(color.has_light_level, len >= 39);
        media_packet_finish(&packet);
    }
    coded_free(coded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_playlist_needs),
        cmocka_unit_test(reads_colours_of_ten_bits),
        cmocka_unit_test(writes_codecs_as_the_standard_does),
        cmocka_unit_test(refuses_a_record_that_is_cut_off_anywhere),
        cmocka_unit_test(refuses_other_versions_and_lengths_of_three),
        cmocka_unit_test(refuses_a_record_without_a_parameter_set),
        cmocka_unit_test(refuses_a_record_that_is_too_large),
        cmocka_unit_test(says_that_its_parameter_sets_are_complete),
        cmocka_unit_test(a_decoder_may_start_at_every_random_access_picture),
        cmocka_unit_test(takes_empty_units_and_known_parameter_sets_out),
        cmocka_unit_test(leaves_a_good_unit_as_it_is),
        cmocka_unit_test(refuses_units_that_are_none),
        cmocka_unit_test(reads_light_levels_beside_the_parameter_sets),
        cmocka_unit_test(reads_light_levels_in_front_of_a_key_frame),
        cmocka_unit_test(light_levels_that_are_cut_off_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
