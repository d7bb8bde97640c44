#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/iso8601.h"

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

/* hls.js takes a shorter one at a segment's end for loaded. */
static void assert_no_short_tails(const struct sim *sim)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        assert_true(sim_stats(sim, (enum track_kind)kind).shortest_tail_ms >= 250);
}

static void run_rate(uint64_t num, uint64_t den, uint32_t sample_rate,
                     uint32_t part_target_ms, uint32_t target_duration_s)
{
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.fps_num = num;
    feed.fps_den = den;
    feed.sample_rate = sample_rate;
    feed.gop_frames = (uint32_t)((2 * num + den / 2) / den);
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 59500);
    sim_end(&sim);
    struct packager_constants constants = packager_get_constants(sim.packager);
    assert_int_equal(constants.part_target_ms, part_target_ms);
    assert_int_equal(constants.target_duration_s, target_duration_s);
    assert_flawless(&sim);
    if (sample_rate >= 22050)
        assert_no_short_tails(&sim);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_segments >= 28);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments,
                     sim_stats(&sim, TRACK_AUDIO).n_segments);
    sim_finish(&sim);
}

static void cuts_every_customary_frame_rate(void **state)
{
    (void)state;
    run_rate(24000, 1001, 48000, 356, 2);
    run_rate(24, 1, 44100, 358, 2);
    run_rate(25, 1, 48000, 423, 2);
    run_rate(30000, 1001, 44100, 358, 2);
    run_rate(30, 1, 48000, 356, 2);
    run_rate(50, 1, 44100, 365, 2);
    run_rate(60000, 1001, 48000, 356, 2);
    run_rate(60, 1, 44100, 358, 2);
}

static void cuts_slow_pictures_and_long_sound_frames(void **state)
{
    (void)state;
    run_rate(15, 1, 22050, 381, 2);
    run_rate(10, 1, 44100, 425, 2);
    run_rate(5, 1, 48000, 423, 2);
    run_rate(30, 1, 11025, 401,
             2); /* its frames of 93 ms cannot end with the pictures */
    run_rate(30, 1, 8000, 401, 2);
}

/* Samples, 40 ms: longer frames cannot end with the pictures' parts at all rates. */
enum { OPUS_ALIGNED_MAX = 1920 };

static void run_opus(uint64_t num, uint64_t den, uint32_t frame_samples,
                     uint32_t (*samples_of)(uint64_t frame))
{
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.fps_num = num;
    feed.fps_den = den;
    feed.opus = true;
    feed.frame_samples = frame_samples;
    feed.samples_of = samples_of;
    feed.gop_frames = (uint32_t)((2 * num + den / 2) / den);
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 59500);
    sim_end(&sim);
    assert_flawless(&sim);
    if (frame_samples <= OPUS_ALIGNED_MAX && !samples_of)
        assert_no_short_tails(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments,
                     sim_stats(&sim, TRACK_AUDIO).n_segments);
    sim_finish(&sim);
}

static uint32_t changing(uint64_t frame)
{
    static const uint32_t samples[] = {960, 480, 2880, 120, 1920, 5760, 240};
    return samples[frame / 300 % (sizeof samples / sizeof samples[0])];
}

static void cuts_every_frame_length_of_opus(void **state)
{
    (void)state;
    static const uint32_t samples[] = {120,  240,  480,  960, 1920,
                                       2880, 3840, 4800, 5760};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        run_opus(30, 1, samples[i], NULL);
        run_opus(25, 1, samples[i], NULL);
        run_opus(60000, 1001, samples[i], NULL);
        run_opus(24000, 1001, samples[i], NULL);
    }
}

static void frames_of_opus_may_change_their_length(void **state)
{
    (void)state;
    run_opus(30, 1, 960, changing);
    run_opus(25, 1, 480, changing);
}

static void an_hour_changes_nothing(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.fps_num = 30000;
    feed.fps_den = 1001;
    sim_start(&sim, &feed, NULL);
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
        struct feed_config feed = sim_usual_feed();
        feed.audio_ahead_ms = ahead_ms[i];
        sim_start(&sim, &feed, NULL);
        sim_run_until(&sim, 60000);
        assert_flawless(&sim);
        sim_end(&sim);
        sim_finish(&sim);
    }
}

static void markers_go_in_front_of_the_part(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    sim_start(&sim, &feed, NULL);
    sim_carry_markers(&sim);
    sim_run_until(&sim, 60000);
    sim_end(&sim);
    struct checker_stats stats = sim_stats(&sim, TRACK_VIDEO);
    assert_int_equal(stats.n_emsg, stats.n_segments);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_emsg, 0);
    sim_finish(&sim);
}

/* A range of 3 s begins each 5 s, at times that have nothing to do with segments. */
static void set_ranges(struct sim *sim, int64_t ms)
{
    struct marker_range ranges[8];
    size_t n = 0;
    for (int64_t start = ms / 5000 * 5000 - 20000; start <= ms; start += 5000) {
        char line[128], date[ISO8601_MAX];
        (void)snprintf(
            line, sizeof line, "#EXT-X-DATERANGE:ID=\"%lld\",START-DATE=\"%s\"",
            (long long)start, iso8601_print(SIM_WALL_ANCHOR_S * 1000LL + start, date));
        struct buf *text = buf_copy(bytes_text(line));
        ranges[n++] = (struct marker_range){.start = start * 90,
                                            .end = (start + 3000) * 90,
                                            .line = text,
                                            .line_closed = buf_ref(text)};
    }
    packager_set_ranges(sim->packager, ranges, n);
    for (size_t i = 0; i < n; i++) {
        buf_unref(ranges[i].line);
        buf_unref(ranges[i].line_closed);
    }
}

static void ranges_never_start_in_an_open_segment(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.base_ms = 20000;
    sim_start(&sim, &feed, NULL);
    for (int64_t ms = 20000; ms < 120000; ms += 170) {
        set_ranges(&sim, ms);
        sim_run_until(&sim, ms);
    }
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_ranges >= 3);
    assert_true(sim_stats(&sim, TRACK_AUDIO).n_ranges >= 3);
    sim_finish(&sim);
}

static uint64_t announced(const struct sim *sim, const char *name)
{
    struct buf *multivariant = packager_multivariant(sim->packager);
    char *text = bytes_to_text(buf_bytes(multivariant));
    const char *at = strstr(text, name);
    assert_non_null(at);
    uint64_t value = strtoull(at + strlen(name), NULL, 10);
    alloc_free(text);
    buf_unref(multivariant);
    return value;
}

static size_t grows_heavy(uint64_t frame)
{
    return frame < 900 ? 1000 : 4000;
}

static void the_announced_bandwidth_covers_every_segment(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.size_of = grows_heavy;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 29500);
    uint64_t before = announced(&sim, "STREAM-INF:BANDWIDTH=");
    assert_true(before >= sim_stats(&sim, TRACK_VIDEO).peak_bps +
                              sim_stats(&sim, TRACK_AUDIO).peak_bps);
    sim_run_until(&sim, 59500);
    uint64_t after = announced(&sim, "STREAM-INF:BANDWIDTH=");
    assert_true(after > before * 2);
    assert_true(after >= sim_stats(&sim, TRACK_VIDEO).peak_bps +
                             sim_stats(&sim, TRACK_AUDIO).peak_bps);
    assert_true(announced(&sim, "AVERAGE-BANDWIDTH=") < after);
    sim_finish(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_every_customary_frame_rate),
        cmocka_unit_test(cuts_slow_pictures_and_long_sound_frames),
        cmocka_unit_test(cuts_every_frame_length_of_opus),
        cmocka_unit_test(frames_of_opus_may_change_their_length),
        cmocka_unit_test(an_hour_changes_nothing),
        cmocka_unit_test(sound_may_be_early_or_late),
        cmocka_unit_test(markers_go_in_front_of_the_part),
        cmocka_unit_test(ranges_never_start_in_an_open_segment),
        cmocka_unit_test(the_announced_bandwidth_covers_every_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
