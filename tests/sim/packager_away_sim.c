#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"

/* Publishers that go and come back. */

static const struct checker_config in_step = {.same_boundaries = true};

static void start(struct sim *sim, const struct feed_config *feed)
{
    struct packager_config config = sim_usual_config();
    sim_init(sim, &config, &in_step);
    sim_begin(sim, "e1", feed);
}

/* Media goes on where the wall clock is, and behind what was made. */
static int64_t next_base_ms(const struct sim *sim)
{
    int64_t newest_ms = packager_newest_time(sim->packager) / 90 + 100;
    return sim->now_ms > newest_ms ? sim->now_ms : newest_ms;
}

static void come_back(struct sim *sim, struct feed_config *feed)
{
    feed->base_ms = next_base_ms(sim);
    sim_resume(sim, feed);
}

static void assert_in_step(const struct sim *sim)
{
    struct snapshot *video = packager_snapshot(sim->packager, TRACK_VIDEO);
    struct snapshot *audio = packager_snapshot(sim->packager, TRACK_AUDIO);
    if (video && audio) {
        assert_true(video->open_msn == audio->open_msn ||
                    video->open_msn == audio->open_msn + 1);
    }
    hls_snapshot_unref(video);
    hls_snapshot_unref(audio);
}

/* Away for so long, three times, then an end. */
static void run_away(struct sim *sim, struct feed_config *feed, int64_t away_ms)
{
    int64_t part_ms = 500;
    start(sim, feed);
    int64_t ms = 0;
    for (int i = 0; i < 3; i++) {
        ms += 20000 + i * 700;
        sim_run_until(sim, ms);
        ms += away_ms;
        sim_wait_until(sim, ms);
        assert_in_step(sim);
        come_back(sim, feed);
    }
    sim_run_until(sim, ms + 20000);
    assert_int_equal(sim->n_findings[PACKAGER_REFUSED_PACKET], 0);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(sim, (enum track_kind)kind);
        assert_int_equal(stats.n_discontinuities, 0);
        if (sim->updated_ms[kind] < 0)
            continue;
        /* A part is due every part, media or not. */
        assert_true(sim->longest_wait_ms[kind] <= 3 * part_ms);
        assert_int_equal(stats.n_gap_segments,
                         away_ms < 5000 ? 0 : stats.n_gap_segments);
    }
    sim_end(sim);
}

static void check_away(bool video, bool audio, int64_t away_ms)
{
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.video = video;
    feed.audio = audio;
    run_away(&sim, &feed, away_ms);
    assert_true(sim.gap_ticks >= (3 * away_ms - 300) * 90);
    assert_true(sim.gap_ticks <= (3 * away_ms + 600) * 90);
    assert_true(sim.n_after_gap >= 3);
    sim_finish(&sim);
}

static void a_publisher_that_is_away_leaves_gap_parts(void **state)
{
    (void)state;
    static const int64_t away_ms[] = {1000, 5000, 45000, 600000};
    for (size_t i = 0; i < sizeof away_ms / sizeof away_ms[0]; i++)
        check_away(true, true, away_ms[i]);
}

static void pictures_alone_may_be_away(void **state)
{
    (void)state;
    check_away(true, false, 1000);
    check_away(true, false, 45000);
}

static void sound_alone_may_be_away(void **state)
{
    (void)state;
    check_away(false, true, 1000);
    check_away(false, true, 45000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publisher_that_is_away_leaves_gap_parts),
        cmocka_unit_test(pictures_alone_may_be_away),
        cmocka_unit_test(sound_alone_may_be_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
