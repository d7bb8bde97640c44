#include "packager/media/av1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/unit/packager/coded/coded.h"

enum { RECORD_MAX = 64 };

static int parse(const uint8_t *data, size_t len, struct av1_config *ret,
                 struct err *err)
{
    uint8_t *exact = malloc(len + 1); /* reads behind the end are seen by ASan */
    memcpy(exact, data, len);
    int rc = media_av1_parse_config(bytes_make(exact, len), ret, err);
    free(exact);
    return rc;
}

static void reads_what_a_playlist_needs(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_AV1, "av1");
    const struct track *track = coded->track;
    assert_int_equal(track->kind, TRACK_VIDEO);
    assert_int_equal(track->timescale, 90000);
    assert_int_equal(track->width, 66);
    assert_int_equal(track->height, 66);
    assert_string_equal(track->codecs, "av01.0.00M.08");
    assert_false(track->color.known);
    coded_free(coded);
}

/* Bits, most significant first. */
struct writer {
    uint8_t data[RECORD_MAX];
    size_t n;
};

static void put(struct writer *w, unsigned n, uint32_t value)
{
    for (unsigned i = n; i-- > 0; w->n++)
        if (value >> i & 1)
            w->data[w->n / 8] |= (uint8_t)(0x80 >> w->n % 8);
}

struct header {
    unsigned profile, level;
    bool high_tier, timing, model, ten_bits, mono;
    uint8_t color[3]; /* zeros: none told */
    bool full_range;
};

/* A record with the sequence header of 1920x1080, by section 5.5 of the specification. */
static size_t record_of(const struct header *h, uint8_t *out)
{
    struct writer w = {0};
    put(&w, 3, h->profile);
    put(&w, 2, 0); /* still_picture, reduced_still_picture_header */
    put(&w, 1, h->timing);
    if (h->timing) {
        put(&w, 32, 1001);
        put(&w, 32, 60000);
        put(&w, 1, 1); /* equal_picture_interval */
        put(&w, 1, 1); /* num_ticks_per_picture_minus_1: 0 */
        put(&w, 1, h->model);
        if (h->model) {
            put(&w, 5, 9); /* delays of 10 bits */
            put(&w, 32, 7);
            put(&w, 10, 0);
        }
    }
    put(&w, 1, 1); /* initial_display_delay_present_flag */
    put(&w, 5, 1); /* two operating points */
    for (int i = 0; i < 2; i++) {
        put(&w, 12, 0x101);
        put(&w, 5, i == 0 ? h->level : 0);
        if (i == 0 && h->level > 7)
            put(&w, 1, h->high_tier);
        if (h->model) {
            put(&w, 1, 1);
            put(&w, 21, 0x1fffff);
        }
        put(&w, 5, 0x1f);
    }
    put(&w, 8, 10 << 4 | 10);
    put(&w, 11, 1919);
    put(&w, 11, 1079);
    put(&w, 1, 1); /* frame ids */
    put(&w, 7, 0x7f);
    put(&w, 7, 0x7f); /* tools up to dual_filter */
    put(&w, 3, 7);    /* enable_order_hint and two of its own */
    put(&w, 1, 0);    /* seq_choose_screen_content_tools */
    put(&w, 1, 1);    /* seq_force_screen_content_tools */
    put(&w, 2, 1);    /* seq_choose_integer_mv 0, seq_force_integer_mv 1 */
    put(&w, 3, 6);    /* order_hint_bits_minus_1 */
    put(&w, 3, 7);
    put(&w, 1, h->ten_bits);
    if (h->profile != 1)
        put(&w, 1, h->mono);
    put(&w, 1, h->color[0] != 0);
    if (h->color[0])
        put(&w, 24,
            (uint32_t)h->color[0] << 16 | (uint32_t)h->color[1] << 8 | h->color[2]);
    put(&w, 1, h->full_range);
    if (!h->mono && h->profile == 0)
        put(&w, 2, 1); /* chroma_sample_position: vertical */
    put(&w, 2, 1);     /* separate_uv_delta_q, film_grain */
    size_t len = w.n / 8 + 1;
    const uint8_t head[] = {0x81, 0, 0, 0, 1 << 3 | 2, (uint8_t)len};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, w.data, len);
    return sizeof head + len;
}

static void reads_every_way_of_a_sequence_header(void **state)
{
    (void)state;
    static const struct {
        struct header header;
        const char *codecs;
        bool has_rate;
    } cases[] = {
        {{.level = 8}, "av01.0.08M.08.0.111.02.02.02.0", false},
        {{.level = 13,
          .high_tier = true,
          .timing = true,
          .model = true,
          .ten_bits = true,
          .color = {9, 16, 9}},
         "av01.0.13H.10.0.111.09.16.09.0",
         true},
        {{.level = 5, .timing = true, .mono = true, .color = {1, 1, 1}},
         "av01.0.05M.08.1.110.01.01.01.0",
         true},
        {{.profile = 1, .level = 9, .full_range = true, .color = {1, 1, 1}},
         "av01.1.09M.08.0.000.01.01.01.1",
         false},
        {{.profile = 2, .level = 9, .ten_bits = false, .color = {9, 18, 9}},
         "av01.2.09M.08.0.100.09.18.09.0",
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t record[RECORD_MAX];
        size_t len = record_of(&cases[i].header, record);
        struct av1_config config;
        assert_int_equal(parse(record, len, &config, NULL), 0);
        char codecs[TRACK_CODECS_MAX];
        media_av1_codecs(&config, codecs, sizeof codecs);
        assert_string_equal(codecs, cases[i].codecs);
        assert_int_equal(config.width, 1920);
        assert_int_equal(config.height, 1080);
        assert_int_equal(config.rate_num, cases[i].has_rate ? 60000 : 0);
        assert_int_equal(config.rate_den, cases[i].has_rate ? 1001 : 0);
        assert_int_equal(config.color.known, cases[i].header.color[0] != 0);
    }
}

static void refuses_records_that_are_none(void **state)
{
    (void)state;
    const struct header header = {.level = 8};
    uint8_t record[RECORD_MAX];
    size_t whole = record_of(&header, record);
    struct av1_config config;
    for (size_t len = 0; len < whole; len++) {
        struct err err = {0};
        if (len == 4)
            continue; /* without a sequence header, see below */
        assert_int_equal(parse(record, len, &config, &err), -ERR_MEDIA);
        assert_non_null(strstr(err.text, "AV1"));
    }
    struct err err = {0};
    record[6] |= 0x08; /* reduced_still_picture_header */
    assert_int_equal(parse(record, whole, &config, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "still picture"));
    record[0] = 0x82;
    assert_int_equal(parse(record, whole, &config, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "version"));
    static uint8_t large[AV1_CONFIG_MAX + 1] = {0x81};
    assert_int_equal(parse(large, sizeof large, &config, &err), -ERR_MEDIA);
    assert_non_null(strstr(err.text, "at most"));
}

static void the_first_key_frame_may_bring_the_sequence_header(void **state)
{
    (void)state;
    static const struct header header = {
        .level = 13, .high_tier = true, .ten_bits = true, .color = {9, 16, 9}};
    uint8_t record[RECORD_MAX];
    size_t len = record_of(&header, record);
    struct track *bare = NULL;
    struct buf *head = buf_copy(bytes_make(record, 4));
    assert_int_equal(media_track_create(TRACK_AV1, head, &bare, NULL), 0);
    assert_false(media_track_is_complete(bare));

    uint8_t unit[RECORD_MAX] = {0x12, 0}; /* a delimiter, the header, a key frame */
    memcpy(unit + 2, record + 4, len - 4);
    memcpy(unit + len - 2, "\x32\2\x10\1", 4);
    struct packet packet = {.key = true, .data = buf_copy(bytes_make(unit, len + 2))};
    struct track *found = media_access_unit_refine(bare, &packet);
    assert_true(media_track_is_complete(found));
    assert_int_equal(found->width, 1920);
    assert_string_equal(found->codecs, "av01.0.13H.10.0.111.09.16.09.0");
    const uint8_t fields[] = {0x81, 13, 0xcd, 0}; /* tier, ten bits, 4:2:0, vertical */
    assert_memory_equal(buf_bytes(found->config).data, fields, sizeof fields);
    assert_true(bytes_equal(bytes_from(buf_bytes(found->config), 4),
                            bytes_make(record + 4, len - 4)));
    struct track *again = media_access_unit_refine(found, &packet);
    assert_ptr_equal(again, found);
    media_track_unref(again);
    media_track_unref(found);

    packet.key = false;
    struct track *still = media_access_unit_refine(bare, &packet);
    assert_ptr_equal(still, bare);
    media_track_unref(still);
    media_packet_finish(&packet);
    media_track_unref(bare);
    buf_unref(head);
}

static void key_frames_are_found_in_the_bytes(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_AV1, "av1");
    for (size_t i = 0; i < coded->n_units; i++) {
        struct buf *out = NULL;
        bool key = !coded->units[i].key;
        assert_int_equal(media_av1_clean(coded->units[i].data, &out, &key, NULL), 0);
        assert_int_equal(key, coded->units[i].key);
        assert_ptr_equal(out, coded->units[i].data);
        buf_unref(out);
    }
    coded_free(coded);
}

static int clean(const char *bytes, size_t len, struct buf **ret, bool *ret_key)
{
    struct buf *in = buf_copy(bytes_make(bytes, len));
    struct err err = {0};
    int rc = media_av1_clean(in, ret, ret_key, &err);
    assert_true(rc == 0 || strstr(err.text, "AV1"));
    buf_unref(in);
    return rc;
}

/* OBUs with their size: a delimiter, padding, a shown key frame, an inter frame. */
#define DELIMITER "\x12\0"
#define PADDING "\x7a\1\x80"
#define REDUNDANT "\x3a\1\x10"
#define KEY "\x32\2\x10\1"
#define HIDDEN_KEY "\x32\2\x00\1"
#define REPEATED "\x1a\1\x90"
#define INTER "\x32\2\x30\1"
#define LAST_WITHOUT_SIZE "\x30\x30\1\2"
#define EXTENDED "\x36\x28\2\x10\1"

static void takes_out_what_mp4_does_not_carry(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t in_len;
        const char *out;
        size_t out_len;
        bool key;
    } cases[] = {
#define CASE(in, out, key) {in, sizeof(in) - 1, out, sizeof(out) - 1, key}
        CASE(DELIMITER KEY, KEY, true),
        CASE(DELIMITER INTER PADDING, INTER, false),
        CASE(DELIMITER INTER REDUNDANT KEY, INTER KEY, false),
        CASE(DELIMITER HIDDEN_KEY REPEATED, HIDDEN_KEY REPEATED, false),
        CASE(REPEATED, REPEATED, false),
        CASE(DELIMITER LAST_WITHOUT_SIZE, LAST_WITHOUT_SIZE, false),
        CASE(DELIMITER EXTENDED, EXTENDED, true),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf *out = NULL;
        bool key = !cases[i].key;
        assert_int_equal(clean(cases[i].in, cases[i].in_len, &out, &key), 0);
        assert_true(
            bytes_equal(buf_bytes(out), bytes_make(cases[i].out, cases[i].out_len)));
        assert_int_equal(key, cases[i].key);
        buf_unref(out);
    }
}

static void refuses_units_that_are_none(void **state)
{
    (void)state;
    struct buf *out = NULL;
    bool key;
    assert_int_equal(clean("", 0, &out, &key), -ERR_MEDIA);
    assert_int_equal(clean(DELIMITER, 2, &out, &key), -ERR_MEDIA);
    assert_int_equal(clean("\x32\3\x10\1", 4, &out, &key), -ERR_MEDIA);
    assert_int_equal(clean("\xb2\2\x10\1", 4, &out, &key), -ERR_MEDIA);
    assert_int_equal(clean("\x32", 1, &out, &key), -ERR_MEDIA);
    assert_int_equal(clean("\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10, &out, &key),
                     -ERR_MEDIA);
    assert_int_equal(clean("\x32\xff\xff\xff\xff\xff\x01", 7, &out, &key), -ERR_MEDIA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_playlist_needs),
        cmocka_unit_test(reads_every_way_of_a_sequence_header),
        cmocka_unit_test(refuses_records_that_are_none),
        cmocka_unit_test(the_first_key_frame_may_bring_the_sequence_header),
        cmocka_unit_test(key_frames_are_found_in_the_bytes),
        cmocka_unit_test(takes_out_what_mp4_does_not_carry),
        cmocka_unit_test(refuses_units_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
