#include "packager/media/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

/* From the stamps of the wire to playlists: what a publisher's clock does must not be
 * seen in them. */

enum { BASE_MS = 10000, DAY_MS = 86400000 };

static uint32_t first_stamp, stamp_mask;
static int64_t jump_ms;    /* of its clock */
static int64_t jump_at_ms; /* when */
static int64_t worst_apart_ticks, least_apart_ticks;
static int64_t off_ticks[TRACK_KINDS]; /* axis less truth, in 90 kHz */

static void note_off(const struct packet *packet, int64_t wanted, uint32_t timescale)
{
    off_ticks[packet->kind] =
        media_packet_rescale(packet->dts - wanted, timescale, 90000);
    int64_t apart = off_ticks[TRACK_VIDEO] - off_ticks[TRACK_AUDIO];
    if (apart > worst_apart_ticks)
        worst_apart_ticks = apart;
    if (apart < least_apart_ticks)
        least_apart_ticks = apart;
}

/* Through whole milliseconds of so many bits, as encoders stamp. */
static void through_the_wire(struct sim *sim, struct packet *packet)
{
    uint32_t timescale = sim->feed.tracks[packet->kind]->timescale;
    int64_t wanted = packet->dts;
    int64_t ms = packet->dts * 1000 / timescale;
    int64_t clock_ms = ms - BASE_MS + (ms >= jump_at_ms ? jump_ms : 0);
    uint32_t stamp = (first_stamp + (uint32_t)clock_ms) & stamp_mask;
    media_timeline_arrive(sim->timeline, sim->now_ms);
    if (packet->kind == TRACK_VIDEO) {
        int32_t cts = (int32_t)((packet->pts - packet->dts) / 90);
        media_timeline_video(sim->timeline, stamp, cts, &packet->dts, &packet->pts);
    } else {
        packet->dts = media_timeline_audio(sim->timeline, stamp, timescale, 1024);
        packet->pts = packet->dts;
    }
    note_off(packet, wanted, timescale);
}

static void start(struct sim *sim, struct feed_config *feed, uint32_t first,
                  uint32_t mask)
{
    struct packager_config config = sim_usual_config();
    first_stamp = first;
    stamp_mask = mask;
    jump_ms = 0;
    jump_at_ms = INT64_MAX;
    worst_apart_ticks = INT64_MIN;
    least_apart_ticks = INT64_MAX;
    feed->base_ms = BASE_MS;
    sim_init(sim, &config, &(struct checker_config){.may_be_short = true});
    sim->now_ms = BASE_MS;
    sim->timeline = media_timeline_create(BASE_MS);
    sim->restamp = through_the_wire;
    sim_begin(sim, "e1", feed);
}

static void finish(struct sim *sim)
{
    media_timeline_destroy(sim->timeline);
    sim_finish(sim);
}

static void assert_unseen(const struct sim *sim, uint64_t n_reanchored)
{
    struct timeline_stats stats = media_timeline_stats(sim->timeline);
    assert_int_equal(stats.n_reanchored, n_reanchored);
    assert_int_equal(stats.n_clamped, 0);
    assert_int_equal(sim->n_findings[PACKAGER_REFUSED_PACKET], 0);
    assert_int_equal(sim->n_findings[PACKAGER_HOLE], 0);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats seen = sim_stats(sim, (enum track_kind)kind);
        assert_int_equal(seen.n_discontinuities, 0);
        assert_int_equal(seen.n_gap_parts, 0);
        assert_int_equal(seen.n_missed, 0);
    }
    /* Less than a frame, pictures' stamps being rounded and sound's not. */
    assert_true(worst_apart_ticks - least_apart_ticks <= 2 * 90);
}

static const uint32_t crossings[][2] = {
    {0x01000000, UINT32_MAX}, /* 4.66 h: extended stamps begin */
    {0x80000000, UINT32_MAX}, /* the sign bit comes up */
    {0x80000000, INT32_MAX},  /* a clock of 31 bits begins anew */
    {0, UINT32_MAX},          /* 49.7 days: one of 32 bits begins anew */
};

static void crossings_are_not_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof crossings / sizeof crossings[0]; i++) {
        struct sim sim;
        struct feed_config feed = sim_usual_feed();
        feed.fps_num = 30000;
        feed.fps_den = 1001;
        start(&sim, &feed, (crossings[i][0] - 20000) & crossings[i][1],
              crossings[i][1]);
        sim_run_until(&sim, BASE_MS + 60000);
        assert_unseen(&sim, 0);
        finish(&sim);
    }
}

/* The axis itself passes the same numbers in a long show. */
static void a_long_axis_has_no_seams(void **state)
{
    (void)state;
    static const int64_t passed_ms[] = {INT64_C(1) << 24, INT64_C(1) << 31,
                                        INT64_C(1) << 32, (INT64_C(1) << 32) / 90,
                                        INT64_C(50) * DAY_MS};
    for (size_t i = 0; i < sizeof passed_ms / sizeof passed_ms[0]; i++) {
        struct sim sim;
        struct packager_config config = sim_usual_config();
        struct feed_config feed = sim_usual_feed();
        feed.base_ms = passed_ms[i] - 20000;
        sim_init(&sim, &config, NULL);
        sim.now_ms = feed.base_ms;
        sim_begin(&sim, "e1", &feed);
        sim_run_until(&sim, passed_ms[i] + 40000);
        for (int kind = 0; kind < TRACK_KINDS; kind++) {
            struct checker_stats stats = sim_stats(&sim, (enum track_kind)kind);
            assert_int_equal(stats.n_discontinuities, 0);
            assert_int_equal(stats.n_gap_parts, 0);
            assert_int_equal(stats.n_missed, 0);
        }
        sim_finish(&sim);
    }
}

static void a_clock_that_jumps_is_not_seen(void **state)
{
    (void)state;
    static const int64_t jumps_ms[] = {3600000, -3600000, 4000, -1500, 1700000000};
    for (size_t i = 0; i < sizeof jumps_ms / sizeof jumps_ms[0]; i++) {
        struct sim sim;
        struct feed_config feed = sim_usual_feed();
        start(&sim, &feed, 7000000, UINT32_MAX);
        jump_at_ms = BASE_MS + 25000;
        jump_ms = jumps_ms[i];
        sim_run_until(&sim, BASE_MS + 60000);
        struct timeline_stats stats = media_timeline_stats(sim.timeline);
        assert_int_equal(stats.n_reanchored, 1);
        assert_int_equal(stats.n_clamped, 0);
        for (int kind = 0; kind < TRACK_KINDS; kind++) {
            struct checker_stats seen = sim_stats(&sim, (enum track_kind)kind);
            assert_int_equal(seen.n_discontinuities, 0);
            assert_int_equal(seen.n_gap_parts, 0);
            assert_int_equal(seen.n_missed, 0);
        }
        assert_true(worst_apart_ticks - least_apart_ticks <= 60 * 90);
        assert_true(off_ticks[TRACK_VIDEO] - off_ticks[TRACK_AUDIO] <= 2 * 90);
        assert_true(off_ticks[TRACK_VIDEO] - off_ticks[TRACK_AUDIO] >= -2 * 90);
        finish(&sim);
    }
}

static bool lose_pictures_for_10s(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_VIDEO && ms >= 30000 && ms < 40000;
}

static void a_hole_in_one_track_is_gap_and_no_jump(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_pictures_for_10s;
    start(&sim, &feed, 7000000, UINT32_MAX);
    sim_run_until(&sim, BASE_MS + 60000);
    struct timeline_stats stats = media_timeline_stats(sim.timeline);
    assert_int_equal(stats.n_reanchored + stats.n_clamped, 0);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_gap_segments >= 4);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 300);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_missed, 0);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    finish(&sim);
}

static bool lose_all_for_20s(const struct packet *packet, int64_t ms)
{
    (void)packet;
    return ms >= 30000 && ms < 50000;
}

/* Nothing came for as long as the stamps stepped: what follows lies behind the gap. */
static void a_pause_of_all_tracks_is_gap_and_no_jump(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.is_lost = lose_all_for_20s;
    start(&sim, &feed, 7000000, UINT32_MAX);
    sim_run_until(&sim, BASE_MS + 80000);
    struct timeline_stats stats = media_timeline_stats(sim.timeline);
    assert_int_equal(stats.n_reanchored + stats.n_clamped, 0);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats seen = sim_stats(&sim, (enum track_kind)kind);
        assert_true(seen.n_gap_parts >= 55 && seen.n_gap_parts <= 64);
        assert_int_equal(seen.n_discontinuities, 0);
    }
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 600);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    assert_true(off_ticks[TRACK_VIDEO] >= -90 && off_ticks[TRACK_VIDEO] <= 90);
    finish(&sim);
}

/* Fifty days, through every wrap of 31 bits: slow tracks, so that it takes seconds. */
static void fifty_days_do_not_drift(void **state)
{
    (void)state;
    enum { RATE = 11025, FRAME = 2048, FPS = 4 };
    struct timeline *t = media_timeline_create(BASE_MS);
    int64_t n_video = 0, n_audio = 0;
    int64_t video = 0, pts = 0, audio = 0;
    while (n_video < INT64_C(50) * DAY_MS / 1000 * FPS) {
        int64_t video_ms = n_video * 1000 / FPS;
        int64_t audio_ms = n_audio * FRAME * 1000 / RATE;
        if (video_ms <= audio_ms) {
            media_timeline_video(t, (uint32_t)video_ms & INT32_MAX, 0, &video, &pts);
            n_video++;
        } else {
            audio =
                media_timeline_audio(t, (uint32_t)audio_ms & INT32_MAX, RATE, FRAME);
            n_audio++;
        }
    }
    assert_int_equal(video, (BASE_MS + (n_video - 1) * 1000 / FPS) * 90);
    assert_int_equal(audio, (int64_t)BASE_MS * RATE / 1000 + (n_audio - 1) * FRAME);
    struct timeline_stats stats = media_timeline_stats(t);
    assert_int_equal(stats.n_reanchored + stats.n_clamped + stats.n_resynced, 0);
    media_timeline_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crossings_are_not_seen),
        cmocka_unit_test(a_long_axis_has_no_seams),
        cmocka_unit_test(a_clock_that_jumps_is_not_seen),
        cmocka_unit_test(a_hole_in_one_track_is_gap_and_no_jump),
        cmocka_unit_test(a_pause_of_all_tracks_is_gap_and_no_jump),
        cmocka_unit_test(fifty_days_do_not_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
