#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Nothing is missing, nothing is told, both renditions move on in step. */
static void assert_flawless(const struct sim *sim)
{
    int64_t part_ms = packager_get_constants(sim->packager).part_target_ms;
    for (int what = 0; what < SIM_FINDINGS; what++)
        assert_int_equal(sim->n_findings[what], 0);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(sim, (enum track_kind)kind);
        assert_int_equal(stats.n_missed, 0);
        assert_int_equal(stats.n_gap_parts, 0);
        assert_true(stats.longest_part_ms <= part_ms);
        /* A part's length, and the wait for the packet behind it. */
        assert_true(sim->longest_wait_ms[kind] <= part_ms + 100);
    }
}

static void run_rate(uint64_t num, uint64_t den, uint32_t sample_rate,
                     uint32_t part_target_ms, uint32_t target_duration_s)
{
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    feed.fps_num = num;
    feed.fps_den = den;
    feed.sample_rate = sample_rate;
    feed.gop_frames = (uint32_t)((2 * num + den / 2) / den);
    sim_init(&sim, &config, NULL);
    sim_begin(&sim, "e1", &feed);
    sim_run_until(&sim, 119500);
    sim_end(&sim);
    struct packager_constants constants = packager_get_constants(sim.packager);
    assert_int_equal(constants.part_target_ms, part_target_ms);
    assert_int_equal(constants.target_duration_s, target_duration_s);
    assert_flawless(&sim);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_segments >= 58);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments,
                     sim_stats(&sim, TRACK_AUDIO).n_segments);
    sim_finish(&sim);
}

static void cuts_every_customary_frame_rate(void **state)
{
    (void)state;
    run_rate(24000, 1001, 48000, 334, 2);
    run_rate(24, 1, 44100, 334, 2);
    run_rate(25, 1, 48000, 321, 2);
    run_rate(30000, 1001, 44100, 334, 2);
    run_rate(30, 1, 48000, 334, 2);
    run_rate(50, 1, 44100, 341, 2);
    run_rate(60000, 1001, 48000, 334, 2);
    run_rate(60, 1, 44100, 334, 2);
}

static void cuts_slow_pictures_and_long_sound_frames(void **state)
{
    (void)state;
    run_rate(15, 1, 22050, 334, 2);
    run_rate(10, 1, 44100, 301, 2);
    run_rate(5, 1, 48000, 401, 2);
    run_rate(30, 1, 11025, 301, 2); /* three frames of 93 ms, not four */
    run_rate(30, 1, 8000, 301, 2);
}

static void an_hour_changes_nothing(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    feed.fps_num = 30000;
    feed.fps_den = 1001;
    sim_init(&sim, &config, NULL);
    sim_begin(&sim, "e1", &feed);
    sim_run_until(&sim, 3600000);
    assert_flawless(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments, 1798);
    assert_int_equal(sim.first_ms, 2002);
    sim_finish(&sim);
}

static void sound_may_be_early_or_late(void **state)
{
    (void)state;
    static const int64_t ahead_ms[] = {1000, 500, -500, -1000};
    for (size_t i = 0; i < sizeof ahead_ms / sizeof ahead_ms[0]; i++) {
        struct sim sim;
        struct packager_config config = sim_usual_config();
        struct feed_config feed = sim_usual_feed();
        feed.audio_ahead_ms = ahead_ms[i];
        sim_init(&sim, &config, NULL);
        sim_begin(&sim, "e1", &feed);
        sim_run_until(&sim, 60000);
        assert_flawless(&sim);
        sim_end(&sim);
        sim_finish(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_every_customary_frame_rate),
        cmocka_unit_test(cuts_slow_pictures_and_long_sound_frames),
        cmocka_unit_test(an_hour_changes_nothing),
        cmocka_unit_test(sound_may_be_early_or_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
