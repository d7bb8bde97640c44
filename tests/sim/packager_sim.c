#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/sim/checker.h"
#include "tests/sim/feed.h"

enum { WALL_ANCHOR = 1795000000, FINDINGS = PACKAGER_REFUSED_PACKET + 1 };

/* One show: a publisher, the packager and the eye on what it publishes. */
struct sim {
    struct feed feed;
    struct packager *packager;
    struct checker *checker;
    uint64_t n_findings[FINDINGS];
    int64_t findings[FINDINGS]; /* the newest value of each */
    uint64_t n_parts_due;
    int64_t now_ms;
    int64_t first_ms;                /* when the first playlist appeared, or -1 */
    int64_t updated_ms[TRACK_KINDS]; /* the last time, or -1 */
    int64_t longest_wait_ms[TRACK_KINDS];
    int64_t last_end; /* of the last part that was due */
    const struct marker *marker;
};

static struct packager_config usual_config(void)
{
    return (struct packager_config){
        .part_ms = 334,
        .segment_ms = 2000,
        .window_ms = 16000,
        .first_msn = 1,
        .constants = {.wall_anchor_ms = WALL_ANCHOR * 1000LL},
    };
}

static void sim_init(struct sim *sim, const struct packager_config *config,
                     const struct checker_config *checks)
{
    struct checker_config checker = {.same_boundaries = true};
    if (checks)
        checker = *checks;
    checker.wall_anchor_ms = config->constants.wall_anchor_ms;
    *sim = (struct sim){.first_ms = -1, .updated_ms = {-1, -1}};
    sim->packager = packager_create(config);
    sim->checker = checker_create(&checker);
}

static void sim_finish(struct sim *sim)
{
    feed_finish(&sim->feed);
    packager_destroy(sim->packager);
    checker_destroy(sim->checker);
}

static void note_update(struct sim *sim, enum track_kind kind)
{
    int64_t last_ms = sim->updated_ms[kind];
    if (sim->first_ms < 0)
        sim->first_ms = sim->now_ms;
    if (last_ms >= 0 && sim->now_ms - last_ms > sim->longest_wait_ms[kind])
        sim->longest_wait_ms[kind] = sim->now_ms - last_ms;
    sim->updated_ms[kind] = sim->now_ms;
}

static void answer_part(struct sim *sim, const struct packager_event *event)
{
    assert_true(event->part.carries_markers);
    assert_true(event->part.start >= sim->last_end);
    assert_true(event->part.end > event->part.start);
    assert_true(packager_open_time(sim->packager) == event->part.start);
    sim->last_end = event->part.end;
    sim->n_parts_due++;
    bool marked = sim->marker && event->part.opens_segment;
    packager_finish_part(sim->packager, sim->marker, marked ? 1 : 0);
}

static void pull(struct sim *sim)
{
    struct packager_event event;
    bool updated = false;
    while (packager_next(sim->packager, &event)) {
        if (event.type == PACKAGER_PART_DUE) {
            answer_part(sim, &event);
        } else if (event.type == PACKAGER_FINDING) {
            sim->n_findings[event.finding.what]++;
            sim->findings[event.finding.what] = event.finding.value;
        } else {
            updated = true;
            note_update(sim, event.rendition);
        }
    }
    if (!updated)
        return;
    struct snapshot *video = packager_snapshot(sim->packager, TRACK_VIDEO);
    struct snapshot *audio = packager_snapshot(sim->packager, TRACK_AUDIO);
    checker_look(sim->checker, video, audio, sim->now_ms);
    hls_snapshot_unref(video);
    hls_snapshot_unref(audio);
}

static void begin(struct sim *sim, const char *token, const struct feed_config *config)
{
    feed_finish(&sim->feed);
    feed_init(&sim->feed, config);
    assert_int_equal(
        packager_begin(sim->packager, token, feed_track(&sim->feed, TRACK_VIDEO),
                       feed_track(&sim->feed, TRACK_AUDIO), sim->now_ms, NULL),
        0);
    pull(sim);
}

static void run_until(struct sim *sim, int64_t ms)
{
    while (sim->now_ms < ms) {
        struct packet packet;
        feed_next(&sim->feed, &packet, &sim->now_ms);
        (void)packager_push(sim->packager, &packet, sim->now_ms, NULL);
        pull(sim);
    }
}

static void end(struct sim *sim)
{
    packager_end(sim->packager, sim->now_ms);
    pull(sim);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct snapshot *snapshot =
            packager_snapshot(sim->packager, (enum track_kind)kind);
        assert_true(!snapshot || snapshot->ended);
        hls_snapshot_unref(snapshot);
    }
}

static struct checker_stats stats_of(const struct sim *sim, enum track_kind kind)
{
    return checker_stats(sim->checker, kind);
}

static struct feed_config usual_feed(void)
{
    return (struct feed_config){.video = true,
                                .audio = true,
                                .fps_num = 30,
                                .fps_den = 1,
                                .gop_frames = 60,
                                .reorder_ms = 67};
}

/* Nothing is missing, nothing is told, both renditions move on in step. */
static void assert_flawless(const struct sim *sim)
{
    int64_t part_ms = packager_get_constants(sim->packager).part_target_ms;
    for (int what = 0; what < FINDINGS; what++)
        assert_int_equal(sim->n_findings[what], 0);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = stats_of(sim, (enum track_kind)kind);
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
    struct packager_config config = usual_config();
    struct feed_config feed = usual_feed();
    feed.fps_num = num;
    feed.fps_den = den;
    feed.sample_rate = sample_rate;
    feed.gop_frames = (uint32_t)((2 * num + den / 2) / den);
    sim_init(&sim, &config, NULL);
    begin(&sim, "e1", &feed);
    run_until(&sim, 120000);
    end(&sim);
    struct packager_constants constants = packager_get_constants(sim.packager);
    assert_int_equal(constants.part_target_ms, part_target_ms);
    assert_int_equal(constants.target_duration_s, target_duration_s);
    assert_flawless(&sim);
    assert_true(stats_of(&sim, TRACK_VIDEO).n_segments >= 58);
    assert_int_equal(stats_of(&sim, TRACK_VIDEO).n_segments,
                     stats_of(&sim, TRACK_AUDIO).n_segments);
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

static void three_hours_change_nothing(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = usual_config();
    struct feed_config feed = usual_feed();
    feed.fps_num = 30000;
    feed.fps_den = 1001;
    sim_init(&sim, &config, NULL);
    begin(&sim, "e1", &feed);
    run_until(&sim, 3 * 3600000);
    assert_flawless(&sim);
    assert_int_equal(stats_of(&sim, TRACK_VIDEO).n_segments, 5394);
    assert_int_equal(sim.first_ms, 2002);
    sim_finish(&sim);
}

static void sound_may_be_early_or_late(void **state)
{
    (void)state;
    static const int64_t ahead_ms[] = {1000, 500, -500, -1000};
    for (size_t i = 0; i < sizeof ahead_ms / sizeof ahead_ms[0]; i++) {
        struct sim sim;
        struct packager_config config = usual_config();
        struct feed_config feed = usual_feed();
        feed.audio_ahead_ms = ahead_ms[i];
        sim_init(&sim, &config, NULL);
        begin(&sim, "e1", &feed);
        run_until(&sim, 60000);
        assert_flawless(&sim);
        end(&sim);
        sim_finish(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_every_customary_frame_rate),
        cmocka_unit_test(cuts_slow_pictures_and_long_sound_frames),
        cmocka_unit_test(three_hours_change_nothing),
        cmocka_unit_test(sound_may_be_early_or_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
