#include "packager/media/aac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

/* Writes a configuration bit by bit. */
struct writer {
    uint8_t data[64];
    size_t at;
};

static void put(struct writer *w, unsigned n, uint32_t value)
{
    for (unsigned i = n; i-- > 0; w->at++)
        if (value >> i & 1)
            w->data[w->at / 8] |= (uint8_t)(0x80 >> w->at % 8);
}

static int parse(const struct writer *w, struct aac_config *ret, struct err *err)
{
    return media_aac_parse_config(bytes_make(w->data, (w->at + 7) / 8), ret, err);
}

static int parse_text(const char *data, size_t len, struct aac_config *ret)
{
    return media_aac_parse_config(bytes_make(data, len), ret, NULL);
}
#define PARSE(text, ret) parse_text(text, sizeof(text) - 1, ret)

static void check(struct aac_config config, uint32_t type, uint32_t rate,
                  uint32_t channels, uint32_t samples)
{
    assert_int_equal(config.object_type, type);
    assert_int_equal(config.sample_rate, rate);
    assert_int_equal(config.channels, channels);
    assert_int_equal(config.frame_samples, samples);
}

static void reads_low_complexity(void **state)
{
    (void)state;
    struct aac_config config;
    assert_int_equal(PARSE("\x12\x10", &config), 0);
    check(config, 2, 44100, 2, 1024);
    assert_int_equal(PARSE("\x11\x88", &config), 0);
    check(config, 2, 48000, 1, 1024);
    assert_int_equal(PARSE("\x11\xb8", &config), 0); /* 7.1 */
    check(config, 2, 48000, 8, 1024);
}

static void reads_frames_of_960_samples(void **state)
{
    (void)state;
    struct aac_config config;
    assert_int_equal(PARSE("\x11\x94", &config), 0);
    check(config, 2, 48000, 2, 960);
}

static void reads_a_rate_without_an_index(void **state)
{
    (void)state;
    struct writer w = {0};
    struct aac_config config;
    put(&w, 5, 2);
    put(&w, 4, 15);
    put(&w, 24, 44056);
    put(&w, 4, 2);
    put(&w, 3, 0);
    assert_int_equal(parse(&w, &config, NULL), 0);
    check(config, 2, 44056, 2, 1024);
}

static void refuses_rates_that_no_timescale_can_be(void **state)
{
    (void)state;
    static const uint32_t rates[] = {0, 1, 7349, 96001, 0xffffff};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct writer w = {0};
        struct aac_config config;
        put(&w, 5, 2);
        put(&w, 4, 15);
        put(&w, 24, rates[i]);
        put(&w, 4, 2);
        put(&w, 3, 0);
        assert_int_equal(parse(&w, &config, NULL), -ERR_MEDIA);
    }
    struct aac_config config;
    assert_int_equal(PARSE("\x16\x90", &config), -ERR_MEDIA); /* index 13 is reserved */
}

static void reads_sbr_and_ps_signalled_in_front(void **state)
{
    (void)state;
    struct aac_config config;
    /* 5, 24000 Hz, stereo, 48000 Hz, 2. */
    assert_int_equal(PARSE("\x2b\x11\x88\x00", &config), 0);
    check(config, 5, 48000, 2, 2048);
    /* 29, 22050 Hz, one channel, 44100 Hz, 2: stereo comes out. */
    assert_int_equal(PARSE("\xeb\x8a\x08\x00", &config), 0);
    check(config, 29, 44100, 2, 2048);
}

static void reads_sbr_and_ps_signalled_behind(void **state)
{
    (void)state;
    struct aac_config config;
    assert_int_equal(PARSE("\x13\x90\x56\xe5\xa0", &config), 0);
    check(config, 5, 44100, 2, 2048);
    assert_int_equal(PARSE("\x13\x88\x56\xe5\xa5\x48\x80", &config), 0);
    check(config, 29, 44100, 2, 2048);
    assert_int_equal(PARSE("\x12\x08\x56\xe5\x00", &config), 0); /* says: no SBR */
    check(config, 2, 44100, 1, 1024);
    assert_int_equal(PARSE("\x12\x10\x56\xe5", &config), 0); /* cut off: not believed */
    check(config, 2, 44100, 2, 1024);
}

static void downsampled_sbr_keeps_the_rate(void **state)
{
    (void)state;
    struct aac_config config;
    assert_int_equal(PARSE("\x29\x91\x88\x00", &config), 0); /* 48000 to 48000 */
    check(config, 5, 48000, 2, 1024);
    assert_int_equal(PARSE("\x29\x92\x08\x00", &config), -ERR_MEDIA); /* to 44100 */
}

/* A program config element: 2.1 as some encoders have it, one pair and one LFE. */
static struct writer with_program(unsigned n_pairs, unsigned n_lfe)
{
    struct writer w = {0};
    put(&w, 5, 2);
    put(&w, 4, 3);
    put(&w, 4, 0);
    put(&w, 3, 0);
    put(&w, 4, 0);
    put(&w, 2, 1);
    put(&w, 4, 3);
    put(&w, 4, n_pairs);
    put(&w, 8, 0);
    put(&w, 2, n_lfe);
    put(&w, 7, 0);
    put(&w, 3, 0);
    for (unsigned i = 0; i < n_pairs; i++)
        put(&w, 5, 0x10 | i);
    for (unsigned i = 0; i < n_lfe; i++)
        put(&w, 4, i);
    w.at = (w.at + 7) / 8 * 8;
    put(&w, 8, 3);
    put(&w, 24, 0x414243);
    return w;
}

static void counts_the_channels_of_a_program(void **state)
{
    (void)state;
    struct writer w = with_program(1, 1);
    struct aac_config config;
    assert_int_equal(parse(&w, &config, NULL), 0);
    check(config, 2, 48000, 3, 1024);
    w = with_program(0, 0);
    assert_int_equal(parse(&w, &config, NULL), -ERR_MEDIA);
    w = with_program(1, 1);
    w.at -= 8; /* the comment ends too early */
    assert_int_equal(parse(&w, &config, NULL), -ERR_MEDIA);
}

static void refuses_channel_numbers_that_are_reserved(void **state)
{
    (void)state;
    struct aac_config config;
    assert_int_equal(PARSE("\x12\x40", &config), -ERR_MEDIA);
    assert_int_equal(PARSE("\x12\x78", &config), -ERR_MEDIA);
}

static void refuses_an_empty_configuration_with_words(void **state)
{
    (void)state;
    struct aac_config config;
    struct err err = {0};
    assert_int_equal(media_aac_parse_config(bytes_make(NULL, 0), &config, &err),
                     -ERR_MEDIA);
    assert_non_null(strstr(err.text, "empty"));
}

static void refuses_a_configuration_that_is_cut_off_or_endless(void **state)
{
    (void)state;
    static uint8_t endless[AAC_CONFIG_MAX + 1] = {0x12, 0x10};
    struct aac_config config;
    assert_int_equal(PARSE("\x12", &config), -ERR_MEDIA);
    assert_int_equal(PARSE("\x2b\x11", &config), -ERR_MEDIA);
    assert_int_equal(
        media_aac_parse_config(bytes_make(endless, AAC_CONFIG_MAX), &config, NULL), 0);
    assert_int_equal(
        media_aac_parse_config(bytes_make(endless, AAC_CONFIG_MAX + 1), &config, NULL),
        -ERR_MEDIA);
}

static void refuses_other_object_types_and_names_them(void **state)
{
    (void)state;
    struct aac_config config;
    struct err err = {0};
    assert_int_equal(PARSE("\x0a\x10", &config), -ERR_MEDIA); /* Main */
    assert_int_equal(
        media_aac_parse_config(bytes_make("\xf9\x48\x40\x00", 4), &config, &err),
        -ERR_MEDIA);
    assert_non_null(strstr(err.text, "42")); /* escape: 32 + 10 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_low_complexity),
        cmocka_unit_test(reads_frames_of_960_samples),
        cmocka_unit_test(reads_a_rate_without_an_index),
        cmocka_unit_test(refuses_rates_that_no_timescale_can_be),
        cmocka_unit_test(reads_sbr_and_ps_signalled_in_front),
        cmocka_unit_test(reads_sbr_and_ps_signalled_behind),
        cmocka_unit_test(downsampled_sbr_keeps_the_rate),
        cmocka_unit_test(counts_the_channels_of_a_program),
        cmocka_unit_test(refuses_channel_numbers_that_are_reserved),
        cmocka_unit_test(refuses_an_empty_configuration_with_words),
        cmocka_unit_test(refuses_a_configuration_that_is_cut_off_or_endless),
        cmocka_unit_test(refuses_other_object_types_and_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
