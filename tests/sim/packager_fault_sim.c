#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"

static const struct checker_config lenient = {.may_be_short = true};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9;
    return x ^ x >> 32;
}

static bool between(int64_t ms, int64_t from, int64_t to)
{
    return ms >= from && ms < to;
}

/* A show with one fault that is over after 40 s; runs for two minutes and ends. */
static void run_fault(struct sim *sim, const struct feed_config *feed,
                      const struct checker_config *checks)
{
    sim_start(sim, feed, checks);
    sim_run_until(sim, 119500);
    sim_end(sim);
    struct checker_stats video = sim_stats(sim, TRACK_VIDEO);
    struct checker_stats audio = sim_stats(sim, TRACK_AUDIO);
    assert_int_equal(video.n_segments, audio.n_segments);
    int64_t part_ms = packager_get_constants(sim->packager).part_target_ms;
    assert_true(video.longest_part_ms <= part_ms && audio.longest_part_ms <= part_ms);
    assert_int_equal(sim->n_findings[PACKAGER_GOP_TOO_LONG], 0);
}

static bool lose_all_for_5s(const struct packet *packet, int64_t ms)
{
    (void)packet;
    return between(ms, 30000, 35000);
}

static void a_hole_becomes_gap_parts_and_segments(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_all_for_5s;
    run_fault(&sim, &feed, &lenient);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&sim, (enum track_kind)kind);
        assert_true(stats.n_gap_parts >= 15 && stats.n_gap_parts <= 18);
        assert_true(stats.n_gap_segments >= 1);
    }
    assert_true(sim.findings[PACKAGER_HOLE] > 4900);
    assert_true(sim.findings[PACKAGER_HOLE] < 5100);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 150);
    sim_finish(&sim);
}

static bool lose_pictures_for_half_a_second(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_VIDEO && between(ms, 30500, 31000);
}

static void a_short_hole_in_the_picture_leaves_the_sound_alone(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_pictures_for_half_a_second;
    run_fault(&sim, &feed, &(struct checker_config){.same_boundaries = true});
    struct checker_stats video = sim_stats(&sim, TRACK_VIDEO);
    assert_true(video.n_gap_parts == 2);
    assert_int_equal(video.n_gap_segments, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_missed, 0);
    sim_finish(&sim);
}

static bool lose_pictures_for_10s(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_VIDEO && between(ms, 30000, 40000);
}

static void sound_goes_on_while_the_picture_is_away(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_pictures_for_10s;
    run_fault(&sim, &feed, &lenient);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_missed, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_gap_parts, 0);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_gap_segments >= 4);
    assert_true(sim.longest_wait_ms[TRACK_AUDIO] < 2800);
    sim_finish(&sim);
}

static bool lose_sound_for_10s(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_AUDIO && between(ms, 30000, 40000);
}

static void pictures_go_on_while_the_sound_is_away(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_sound_for_10s;
    run_fault(&sim, &feed, &(struct checker_config){.same_boundaries = true});
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 0);
    assert_true(sim.longest_wait_ms[TRACK_VIDEO] < 434);
    assert_true(sim.longest_wait_ms[TRACK_AUDIO] < 2800);
    assert_true(sim_stats(&sim, TRACK_AUDIO).n_gap_segments >= 4);
    sim_finish(&sim);
}

static bool lose_all_sound(const struct packet *packet, int64_t ms)
{
    (void)ms;
    return packet->kind == TRACK_AUDIO;
}

static void sound_that_was_promised_and_never_comes_is_gap(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_all_sound;
    run_fault(&sim, &feed, &(struct checker_config){.same_boundaries = true});
    struct checker_stats audio = sim_stats(&sim, TRACK_AUDIO);
    assert_int_equal(audio.n_gap_segments, audio.n_segments);
    assert_int_equal(audio.n_samples, 0);
    sim_finish(&sim);
}

static bool lose_some(const struct packet *packet, int64_t ms)
{
    (void)ms;
    return packet->kind == TRACK_VIDEO && !packet->key &&
           mix((uint64_t)packet->dts) % 8 == 0;
}

static void lost_frames_are_counted_and_told(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_some;
    run_fault(&sim, &feed,
              &(struct checker_config){.may_be_short = true, .same_boundaries = true});
    assert_true(sim.findings[PACKAGER_FRAMES_MISSING] > 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_gap_parts, 0);
    sim_finish(&sim);
}

static void pictures_of_varying_rate_stay_within_the_part_target(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.jitter_ms = 30;
    run_fault(&sim, &feed, &lenient);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_gap_parts, 0);
    sim_finish(&sim);
}

/* Bursts of loss in either track, of lengths from a frame to seconds. */
static bool lose_in_bursts(const struct packet *packet, int64_t ms)
{
    uint64_t phase = mix((uint64_t)(ms / 700));
    bool both = phase % 11 == 0;
    bool one = phase % 7 == (uint64_t)packet->kind;
    return both || (one && mix((uint64_t)ms) % 3 > 0);
}

static bool keys_at_random(uint64_t frame)
{
    return frame == 0 || mix(frame) % 70 == 0;
}

static void survives_everything_at_once(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_in_bursts;
    feed.is_key = keys_at_random;
    feed.jitter_ms = 20;
    feed.audio_ahead_ms = 300;
    sim_start(&sim, &feed, &lenient);
    sim_run_until(&sim, 1200000);
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments,
                     sim_stats(&sim, TRACK_AUDIO).n_segments);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_gap_parts > 100);
    sim_finish(&sim);
}

/* Key frames. */

static void run_keys(struct sim *sim, const struct feed_config *feed,
                     uint32_t target_duration_s)
{
    sim_start(sim, feed, NULL);
    sim_run_until(sim, 120000);
    sim_end(sim);
    assert_int_equal(packager_get_constants(sim->packager).target_duration_s,
                     target_duration_s);
    assert_int_equal(sim_stats(sim, TRACK_VIDEO).n_missed, 0);
    assert_int_equal(sim_stats(sim, TRACK_VIDEO).n_gap_parts, 0);
}

static void a_key_frame_each_1500_ms_cuts_there(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.gop_frames = 45;
    run_keys(&sim, &feed, 2);
    assert_int_equal(sim.n_findings[PACKAGER_GOP_TOO_LONG], 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).longest_segment_ms, 1500);
    sim_finish(&sim);
}

static void a_key_frame_each_500_ms_makes_segments_of_2s(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.gop_frames = 15;
    run_keys(&sim, &feed, 2);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments, 61);
    assert_int_equal(sim.first_ms, 1000);
    sim_finish(&sim);
}

static void a_key_frame_each_4s_needs_ten_seconds_of_target_duration(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.gop_frames = 120;
    run_keys(&sim, &feed, 10);
    assert_int_equal(sim.first_ms, 2500);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).longest_segment_ms, 4000);
    assert_int_equal(sim.n_findings[PACKAGER_GOP_TOO_LONG], 0);
    sim_finish(&sim);
}

static void a_key_frame_each_2300_ms_is_measured(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.gop_frames = 69;
    run_keys(&sim, &feed, 3);
    assert_int_equal(sim.first_ms, 2300);
    sim_finish(&sim);
}

static bool keys_grow_rare(uint64_t frame)
{
    return frame < 600 ? frame % 60 == 0 : frame % 150 == 0;
}

static void a_key_interval_that_grows_is_cut_without_key_and_told(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_key = keys_grow_rare;
    run_keys(&sim, &feed, 2);
    assert_true(sim.n_findings[PACKAGER_GOP_TOO_LONG] > 0);
    assert_true(sim_stats(&sim, TRACK_VIDEO).longest_segment_ms <= 2499);
    assert_true(sim_stats(&sim, TRACK_AUDIO).longest_segment_ms <= 2499);
    struct buf *multivariant = packager_multivariant(sim.packager);
    assert_null(memmem(buf_bytes(multivariant).data, buf_bytes(multivariant).len,
                       "INDEPENDENT-SEGMENTS", 20));
    buf_unref(multivariant);
    sim_finish(&sim);
}

/* One track. */

static void run_sound_only(uint32_t sample_rate, uint32_t frame_samples,
                           uint32_t part_target_ms)
{
    struct sim sim;
    struct feed_config feed = {
        .audio = true, .sample_rate = sample_rate, .frame_samples = frame_samples};
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 120000);
    sim_end(&sim);
    struct packager_constants constants = packager_get_constants(sim.packager);
    assert_int_equal(constants.part_target_ms, part_target_ms);
    assert_int_equal(constants.target_duration_s, 2);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_missed, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_gap_parts, 0);
    assert_true(sim_stats(&sim, TRACK_AUDIO).n_segments >= 59);
    assert_true(sim.n_parts_due >= 350);
    assert_int_equal(sim.n_findings[PACKAGER_GOP_TOO_LONG], 0);
    assert_null(packager_snapshot(sim.packager, TRACK_VIDEO));
    sim_finish(&sim);
}

static void cuts_sound_alone(void **state)
{
    (void)state;
    run_sound_only(44100, 1024, 326);
    run_sound_only(48000, 1024, 342);
    run_sound_only(48000, 960, 341);
    run_sound_only(16000, 1024, 321);
}

static void cuts_pictures_alone(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.audio = false;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 60000);
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 0);
    assert_null(packager_snapshot(sim.packager, TRACK_AUDIO));
    sim_finish(&sim);
}

/* Epochs. */

static void a_new_epoch_is_a_discontinuity(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    sim_init(&sim, &config, NULL);
    for (int i = 0; i < 12; i++) {
        char token[] = {'e', (char)('a' + i), 0};
        feed.base_ms = i * 7300;
        feed.fps_num = i % 2 == 0 ? 30 : 25;
        sim_begin(&sim, token, &feed);
        sim_run_until(&sim, i * 7300 + 7000);
    }
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_discontinuities, 11);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_discontinuities, 11);
    assert_int_equal(packager_next_discontinuity(sim.packager), 11);
    sim_finish(&sim);
}

static void a_show_may_go_on_after_its_end(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 30000);
    sim_end(&sim);
    feed.base_ms = 40000;
    sim_begin(&sim, "e2", &feed);
    sim_run_until(&sim, 70000);
    struct snapshot *snapshot = packager_snapshot(sim.packager, TRACK_VIDEO);
    assert_false(snapshot->ended);
    hls_snapshot_unref(snapshot);
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_discontinuities, 1);
    sim_finish(&sim);
}

static void tracks_may_come_and_go_with_epochs(void **state)
{
    (void)state;
    static const bool tracks[][TRACK_KINDS] = {
        {true, false}, {true, true}, {true, false}, {false, true}, {true, true}};
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    sim_init(&sim, &config, &lenient);
    for (int i = 0; i < 5; i++) {
        char token[] = {'e', (char)('a' + i), 0};
        feed.base_ms = i * 10100;
        feed.video = tracks[i][TRACK_VIDEO];
        feed.audio = tracks[i][TRACK_AUDIO];
        sim_begin(&sim, token, &feed);
        sim_run_until(&sim, i * 10100 + 10000);
    }
    sim_end(&sim);
    struct snapshot *video = packager_snapshot(sim.packager, TRACK_VIDEO);
    struct snapshot *audio = packager_snapshot(sim.packager, TRACK_AUDIO);
    assert_int_equal(video->last_msn, audio->last_msn);
    hls_snapshot_unref(video);
    hls_snapshot_unref(audio);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_gap_segments >= 5);
    assert_true(sim_stats(&sim, TRACK_AUDIO).n_gap_segments >= 5);
    sim_finish(&sim);
}

static void a_restart_keeps_the_constants_and_counts_on(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    config.first_msn = 500;
    config.first_discontinuity = 7;
    config.constants.part_target_ms = 251;
    config.constants.target_duration_s = 4;
    feed.base_ms = 1000000;
    sim_init(&sim, &config, NULL);
    sim.now_ms = 1000000;
    sim_begin(&sim, "e1", &feed);
    sim_run_until(&sim, 1030000);
    struct packager_constants constants = packager_get_constants(sim.packager);
    assert_int_equal(constants.part_target_ms, 251);
    assert_int_equal(constants.target_duration_s, 4);
    assert_int_equal(packager_next_discontinuity(sim.packager), 8);
    assert_true(packager_next_msn(sim.packager) > 510);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_discontinuities, 1);
    sim_finish(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hole_becomes_gap_parts_and_segments),
        cmocka_unit_test(a_short_hole_in_the_picture_leaves_the_sound_alone),
        cmocka_unit_test(sound_goes_on_while_the_picture_is_away),
        cmocka_unit_test(pictures_go_on_while_the_sound_is_away),
        cmocka_unit_test(sound_that_was_promised_and_never_comes_is_gap),
        cmocka_unit_test(lost_frames_are_counted_and_told),
        cmocka_unit_test(pictures_of_varying_rate_stay_within_the_part_target),
        cmocka_unit_test(survives_everything_at_once),
        cmocka_unit_test(a_key_frame_each_1500_ms_cuts_there),
        cmocka_unit_test(a_key_frame_each_500_ms_makes_segments_of_2s),
        cmocka_unit_test(a_key_frame_each_4s_needs_ten_seconds_of_target_duration),
        cmocka_unit_test(a_key_frame_each_2300_ms_is_measured),
        cmocka_unit_test(a_key_interval_that_grows_is_cut_without_key_and_told),
        cmocka_unit_test(cuts_sound_alone),
        cmocka_unit_test(cuts_pictures_alone),
        cmocka_unit_test(a_new_epoch_is_a_discontinuity),
        cmocka_unit_test(a_show_may_go_on_after_its_end),
        cmocka_unit_test(tracks_may_come_and_go_with_epochs),
        cmocka_unit_test(a_restart_keeps_the_constants_and_counts_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
