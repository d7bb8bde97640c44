#include "packager/segment/cadence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { STARTS_MAX = 256 };

/* n pictures with stamps rounded to a millisecond, in 90 kHz. */
static struct cadence measure(uint64_t num, uint64_t den, size_t n)
{
    int64_t starts[STARTS_MAX];
    struct cadence cadence;
    for (size_t i = 0; i < n; i++)
        starts[i] = (int64_t)((i * 1000 * den + num / 2) / num) * 90;
    assert_true(segment_cadence_measure(starts, n, 90000, &cadence));
    return cadence;
}

static void tells_customary_rates_from_rounded_stamps(void **state)
{
    (void)state;
    assert_int_equal(segment_cadence_milli_fps(measure(24000, 1001, 48)), 23976);
    assert_int_equal(segment_cadence_milli_fps(measure(24, 1, 48)), 24000);
    assert_int_equal(segment_cadence_milli_fps(measure(25, 1, 50)), 25000);
    assert_int_equal(segment_cadence_milli_fps(measure(30000, 1001, 60)), 29970);
    assert_int_equal(segment_cadence_milli_fps(measure(30, 1, 60)), 30000);
    assert_int_equal(segment_cadence_milli_fps(measure(50, 1, 100)), 50000);
    assert_int_equal(segment_cadence_milli_fps(measure(60000, 1001, 120)), 59940);
    assert_int_equal(segment_cadence_milli_fps(measure(60, 1, 120)), 60000);
}

static void gives_other_rates_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(segment_cadence_milli_fps(measure(18, 1, 55)), 18000);
    assert_int_equal(segment_cadence_milli_fps(measure(1, 2, 8)), 500);
}

static void leaves_lost_frames_out(void **state)
{
    (void)state;
    int64_t starts[STARTS_MAX];
    size_t n = 0;
    struct cadence cadence;
    for (int i = 0; i < 60; i++)
        if (i % 10 != 3 && i != 17)
            starts[n++] = i * 3600;
    assert_true(segment_cadence_measure(starts, n, 90000, &cadence));
    assert_int_equal(segment_cadence_milli_fps(cadence), 25000);
    assert_int_equal(segment_cadence_frame(cadence, 90000), 3600);
}

static void needs_two_pictures(void **state)
{
    (void)state;
    int64_t start = 0;
    struct cadence cadence;
    assert_false(segment_cadence_measure(&start, 1, 90000, &cadence));
    assert_false(segment_cadence_measure(&start, 0, 90000, &cadence));
}

static uint32_t part_target(uint64_t num, uint64_t den)
{
    return segment_cadence_part_target(334, (struct cadence){num, den}, NULL, 0);
}

static void part_target_is_whole_frames_and_one_millisecond(void **state)
{
    (void)state;
    assert_int_equal(part_target(30, 1), 334);
    assert_int_equal(part_target(30000, 1001), 334);
    assert_int_equal(part_target(24, 1), 334);
    assert_int_equal(part_target(24000, 1001), 334);
    assert_int_equal(part_target(25, 1), 321);
    assert_int_equal(part_target(50, 1), 341);
    assert_int_equal(part_target(60, 1), 334);
    assert_int_equal(part_target(60000, 1001), 334);
    assert_int_equal(part_target(44100, 1024), 326);
    assert_int_equal(part_target(48000, 1024), 342);
}

static void part_target_has_one_frame_at_least_and_an_end(void **state)
{
    (void)state;
    assert_int_equal(part_target(1, 1), 1001);
    assert_int_equal(part_target(1, 10), 2000);
}

static void part_target_suits_the_frames_of_sound(void **state)
{
    (void)state;
    struct cadence pictures = {30, 1};
    static const uint32_t rates[] = {96000, 48000, 44100, 32000, 22050,
                                     16000, 12000, 11025, 8000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct cadence sound = {rates[i], 1024};
        uint32_t ms = segment_cadence_part_target(334, pictures, &sound, 0);
        /* The follower's shortest part is what fits whole into the leader's. */
        uint32_t own = segment_cadence_leader_part(ms, &sound);
        uint64_t frames = own * sound.num / (1000 * sound.den);
        assert_true(frames * 1000 * sound.den * 100 >= 85ULL * ms * sound.num);
        uint64_t pictures_in = own * 30 / 1000;
        assert_true(pictures_in * 1000 * 100 >= 85ULL * ms * 30);
        assert_true(ms >= 200 && ms <= 700);
    }
}

static uint32_t target_for(uint64_t fps, uint64_t sample_rate, int64_t segment_ms)
{
    struct cadence sound = {sample_rate, 1024};
    return segment_cadence_part_target(334, (struct cadence){fps, 1}, &sound,
                                       segment_ms);
}

static void part_target_has_room_for_one_frame_of_sound(void **state)
{
    (void)state;
    struct cadence sound = {44100, 1024};
    assert_int_equal(target_for(30, 44100, 2000), 334 + 24);
    assert_int_equal(target_for(30, 48000, 2000), 334 + 22);
    assert_int_equal(segment_cadence_leader_part(334 + 24, &sound), 334);
    assert_int_equal(segment_cadence_leader_part(334, NULL), 334);
}

/* Eight pictures of 40 ms would leave a last part of 80 ms in each segment. */
static void part_target_leaves_no_short_last_part(void **state)
{
    (void)state;
    assert_int_equal(target_for(25, 48000, 2000), 401 + 22);
    assert_int_equal(target_for(24, 48000, 2000), 334 + 22);
    assert_int_equal(target_for(50, 48000, 2000),
                     341 + 22); /* 15 of 17 frames: 300 ms */
    assert_int_equal(
        segment_cadence_part_target(334, (struct cadence){25, 1}, NULL, 2000), 401);
}

static void target_duration_covers_segment_and_key_interval(void **state)
{
    (void)state;
    assert_int_equal(segment_cadence_target_duration(2000, 2000), 2);
    assert_int_equal(segment_cadence_target_duration(2000, 1000), 2);
    assert_int_equal(segment_cadence_target_duration(2000, 2300), 3);
    assert_int_equal(segment_cadence_target_duration(2000, 8333), 9);
    assert_int_equal(segment_cadence_target_duration(1000, 500), 1);
}

static void target_duration_lets_ntsc_rates_pass(void **state)
{
    (void)state;
    assert_int_equal(segment_cadence_target_duration(2000, 2002), 2);
}

static void target_duration_of_an_unknown_key_interval_is_ten_seconds(void **state)
{
    (void)state;
    assert_int_equal(segment_cadence_target_duration(2000, 0), 10);
    assert_int_equal(segment_cadence_target_duration(2000, 20000), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_customary_rates_from_rounded_stamps),
        cmocka_unit_test(gives_other_rates_as_they_are),
        cmocka_unit_test(leaves_lost_frames_out),
        cmocka_unit_test(needs_two_pictures),
        cmocka_unit_test(part_target_is_whole_frames_and_one_millisecond),
        cmocka_unit_test(part_target_has_one_frame_at_least_and_an_end),
        cmocka_unit_test(part_target_suits_the_frames_of_sound),
        cmocka_unit_test(part_target_has_room_for_one_frame_of_sound),
        cmocka_unit_test(part_target_leaves_no_short_last_part),
        cmocka_unit_test(target_duration_covers_segment_and_key_interval),
        cmocka_unit_test(target_duration_lets_ntsc_rates_pass),
        cmocka_unit_test(target_duration_of_an_unknown_key_interval_is_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
