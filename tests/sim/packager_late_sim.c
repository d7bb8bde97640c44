#include "tests/sim/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Media that comes later than its time, or says another time than it has. */

static int64_t a_second_late(int64_t ms)
{
    return ms + 1000;
}

static int64_t stalls_for_3s(int64_t ms)
{
    return ms >= 20000 && ms < 23000 ? 23000 : ms;
}

static void what_comes_too_late_is_refused_and_the_rest_placed(void **state)
{
    struct scene *it = *state;
    it->feed.arrives_ms = stalls_for_3s;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 40000);
    sim_end(&it->sim);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&it->sim, (enum track_kind)kind);
        uint64_t per_s = kind == TRACK_VIDEO ? 30 : 43;
        assert_true(stats.n_missed >= 2 * per_s && stats.n_missed < 3 * per_s);
    }
    assert_true(it->sim.n_findings[PACKAGER_REFUSED_PACKET] > 0);
}

/* A line that stands still for two seconds, and then brings all at once. */
static int64_t stalls_for_2s(int64_t ms)
{
    return ms >= 20000 && ms < 22000 ? 22000 : ms;
}

static void a_stall_of_who_is_connected_costs_no_media(void **state)
{
    struct scene *it = *state;
    it->feed.arrives_ms = stalls_for_2s;
    scene_start(&it->sim, &it->feed);
    packager_set_connected(it->sim.packager, true);
    sim_run_until(&it->sim, 40000);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&it->sim, (enum track_kind)kind);
        assert_int_equal(stats.n_gap_parts, 0);
        assert_int_equal(stats.n_missed, 0);
    }
    sim_wait_until(&it->sim, 50000);
    assert_true(sim_stats(&it->sim, TRACK_VIDEO).n_gap_segments >= 1);
    sim_end(&it->sim);
}

static void
who_is_connected_and_silent_is_waited_for_two_and_a_half_seconds(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    packager_set_connected(it->sim.packager, true);
    sim_run_until(&it->sim, 40000);
    sim_wait_until(&it->sim, 42400);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_gap_parts, 0);
    sim_wait_until(&it->sim, 43000);
    assert_true(sim_stats(&it->sim, TRACK_VIDEO).n_gap_parts > 0);
    sim_end(&it->sim);
}

/* A second at a time. */
static int64_t comes_in_bursts(int64_t ms)
{
    return (ms / 1000 + 1) * 1000;
}

static void bursts_are_waited_for(void **state)
{
    struct scene *it = *state;
    it->feed.arrives_ms = comes_in_bursts;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 60000);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&it->sim, TRACK_AUDIO).n_gap_parts, 0);
    sim_wait_until(&it->sim, 70000);
    assert_true(sim_stats(&it->sim, TRACK_VIDEO).n_gap_segments >= 3);
    sim_end(&it->sim);
}

/* Its times lie a second before what was made. */
static void a_publisher_that_begins_too_early_is_placed_behind(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    sim_wait_until(&it->sim, 25000);
    it->feed.base_ms = 24000;
    it->feed.arrives_ms = a_second_late;
    sim_resume(&it->sim, &it->feed);
    sim_run_until(&it->sim, 60000);
    sim_end(&it->sim);
    struct checker_stats stats = sim_stats(&it->sim, TRACK_VIDEO);
    assert_true(stats.n_gap_parts >= 12 && stats.n_gap_parts <= 16);
    assert_int_equal(stats.n_discontinuities, 0);
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
}

/* Ten seconds of silence that its stamps know nothing of, as after a computer's sleep. */
static int64_t sleeps_for_10s(int64_t ms)
{
    return ms >= 20000 ? ms + 10000 : ms;
}

static void a_sender_that_stays_late_is_placed_behind(void **state)
{
    struct scene *it = *state;
    it->feed.arrives_ms = sleeps_for_10s;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 100000);
    sim_end(&it->sim);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&it->sim, (enum track_kind)kind);
        uint64_t per_s = kind == TRACK_VIDEO ? 30 : 43;
        assert_true(stats.n_missed <= 4 * per_s);
        assert_true(stats.n_gap_parts >= 28 && stats.n_gap_parts <= 42);
        assert_int_equal(stats.n_discontinuities, 0);
        assert_true(it->sim.longest_wait_ms[kind] <= 3500);
    }
}

/* The clock that its base was taken from was set by an hour. */
static int64_t an_hour_earlier(int64_t ms)
{
    return ms - 3600000;
}

static void a_publisher_that_begins_hours_ahead_is_placed_behind(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    sim_wait_until(&it->sim, 25000);
    it->feed.base_ms = 3600000 + 25000;
    it->feed.arrives_ms = an_hour_earlier;
    sim_resume(&it->sim, &it->feed);
    sim_run_until(&it->sim, 40000);
    /* And the next one with the clock set right. */
    it->feed.base_ms = scene_next_base_ms(&it->sim);
    it->feed.arrives_ms = NULL;
    sim_resume(&it->sim, &it->feed);
    sim_run_until(&it->sim, 60000);
    sim_end(&it->sim);
    struct checker_stats stats = sim_stats(&it->sim, TRACK_VIDEO);
    assert_true(stats.n_gap_parts >= 12 && stats.n_gap_parts <= 20);
    assert_int_equal(stats.n_discontinuities, 0);
    assert_true(it->sim.last_end < 61000 * 90);
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(what_comes_too_late_is_refused_and_the_rest_placed),
        SCENE(a_stall_of_who_is_connected_costs_no_media),
        SCENE(who_is_connected_and_silent_is_waited_for_two_and_a_half_seconds),
        SCENE(bursts_are_waited_for),
        SCENE(a_publisher_that_begins_too_early_is_placed_behind),
        SCENE(a_sender_that_stays_late_is_placed_behind),
        SCENE(a_publisher_that_begins_hours_ahead_is_placed_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
