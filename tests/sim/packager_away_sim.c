#include "tests/sim/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"

/* Publishers that go and come back. */

static void come_back(struct sim *sim, struct feed_config *feed)
{
    feed->base_ms = scene_next_base_ms(sim);
    sim_resume(sim, feed);
}

/* What comes next has nothing to do with what was before. */
static void begin_anew(struct scene *scene, const char *token)
{
    scene->feed.base_ms = scene_next_base_ms(&scene->sim);
    sim_begin(&scene->sim, token, &scene->feed);
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
    scene_start(sim, feed);
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
    int64_t part_ms = packager_get_constants(sim->packager).part_target_ms;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(sim, (enum track_kind)kind);
        assert_int_equal(stats.n_discontinuities, 0);
        assert_int_equal(stats.n_mixed_segments, 0);
        /* Two parts of silence behind the newest; then one each part. */
        assert_true(sim->longest_wait_ms[kind] <= 3 * part_ms + 100);
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

/* Whatever the moment, players must find missing media in segments of its own. */
static void check_segments_of_its_own(void **state, int64_t away_ms, int64_t phase_ms,
                                      int64_t ahead_ms)
{
    (void)scene_setup(state);
    struct scene *it = *state;
    it->feed.audio_ahead_ms = ahead_ms;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 10000 + phase_ms);
    sim_wait_until(&it->sim, 10000 + phase_ms + away_ms);
    come_back(&it->sim, &it->feed);
    sim_run_until(&it->sim, 30000);
    uint64_t n_gaps = 0;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&it->sim, (enum track_kind)kind);
        assert_true(stats.n_gap_segments >= 1 || away_ms < 1000);
        assert_int_equal(stats.n_mixed_segments, 0);
        n_gaps += stats.n_gap_segments;
    }
    assert_true(n_gaps > 0);
    (void)scene_teardown(state);
}

/* Half a second is not given up: the next publisher is there with a key frame. */
static void missing_media_has_segments_of_its_own(void **state)
{
    static const int64_t away_ms[] = {500, 4000};
    static const int64_t ahead_ms[] = {-120, 0, 120};
    for (int64_t phase_ms = 0; phase_ms < 2100; phase_ms += 188)
        for (size_t i = 0; i < 6; i++)
            check_segments_of_its_own(state, away_ms[i / 3], phase_ms, ahead_ms[i % 3]);
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

/* The first seconds. */

static void a_start_that_breaks_off_leaves_no_trace(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 700);
    sim_wait_until(&it->sim, 6000);
    assert_int_equal(it->sim.first_ms, -1);
    come_back(&it->sim, &it->feed);
    sim_run_until(&it->sim, 30000);
    assert_true(it->sim.first_ms >= 7990 && it->sim.first_ms <= 8010);
    assert_int_equal(packager_get_constants(it->sim.packager).target_duration_s, 2);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&it->sim, TRACK_AUDIO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_discontinuities, 0);
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    sim_end(&it->sim);
}

static void a_start_may_break_off_again_and_again(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    for (int i = 1; i < 20; i++) {
        sim_run_until(&it->sim, it->sim.now_ms + i * 50);
        sim_wait_until(&it->sim, it->sim.now_ms + i * 400);
        come_back(&it->sim, &it->feed);
    }
    assert_int_equal(it->sim.first_ms, -1);
    sim_wait_until(&it->sim, it->sim.now_ms + 600000);
    come_back(&it->sim, &it->feed);
    int64_t from_ms = it->sim.now_ms;
    sim_run_until(&it->sim, from_ms + 30000);
    assert_true(it->sim.first_ms >= from_ms + 1990 &&
                it->sim.first_ms <= from_ms + 2010);
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
}

static void a_start_that_stays_broken_off_may_end(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 700);
    sim_wait_until(&it->sim, 45700);
    packager_end(it->sim.packager, it->sim.now_ms);
    sim_pull(&it->sim);
    assert_null(packager_snapshot(it->sim.packager, TRACK_VIDEO));
    assert_int_equal(packager_get_constants(it->sim.packager).part_target_ms, 0);
}

static int64_t stalls_in_its_start(int64_t ms)
{
    return ms >= 700 && ms < 3000 ? 3000 : ms;
}

static void a_start_that_stalls_goes_on(void **state)
{
    struct scene *it = *state;
    it->feed.arrives_ms = stalls_in_its_start;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 30000);
    assert_int_equal(it->sim.first_ms, 3000);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_missed, 0);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_gap_parts, 0);
}

/* Other tracks. */

static void other_tracks_are_a_discontinuity_behind_the_gap(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    sim_wait_until(&it->sim, 30000);
    it->feed.base_ms = scene_next_base_ms(&it->sim);
    it->feed.sample_rate = 48000;
    struct feed other;
    feed_init(&other, &it->feed);
    assert_false(sim_continues(&it->sim, feed_track(&other, TRACK_VIDEO),
                               feed_track(&other, TRACK_AUDIO)));
    assert_false(sim_continues(&it->sim, feed_track(&it->sim.feed, TRACK_VIDEO), NULL));
    assert_false(sim_continues(&it->sim, NULL, feed_track(&it->sim.feed, TRACK_AUDIO)));
    feed_finish(&other);
    sim_begin(&it->sim, "e2", &it->feed);
    sim_run_until(&it->sim, 60000);
    sim_end(&it->sim);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct checker_stats stats = sim_stats(&it->sim, (enum track_kind)kind);
        assert_int_equal(stats.n_discontinuities, 1);
        assert_true(stats.n_gap_parts >= 25 && stats.n_gap_parts <= 35);
    }
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    assert_false(sim_continues(&it->sim, feed_track(&it->sim.feed, TRACK_VIDEO),
                               feed_track(&it->sim.feed, TRACK_AUDIO)));
}

static bool offers_sound(const struct sim *sim)
{
    struct buf *text = packager_multivariant(sim->packager);
    struct bytes rest = buf_bytes(text);
    struct bytes line;
    bool offers = false;
    while (rest.len > 0 && bytes_cut(&rest, '\n', &line))
        offers = offers || bytes_has_prefix(line, "#EXT-X-MEDIA:TYPE=AUDIO");
    buf_unref(text);
    return offers;
}

/* Players wait for sound that is offered, and show no picture without it. */
static void sound_that_is_gone_is_not_offered(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    assert_true(offers_sound(&it->sim));
    sim_wait_until(&it->sim, 22000);
    assert_true(offers_sound(&it->sim));
    it->feed.base_ms = scene_next_base_ms(&it->sim);
    it->feed.audio = false;
    sim_begin(&it->sim, "e2", &it->feed);
    sim_run_until(&it->sim, 40000);
    assert_false(offers_sound(&it->sim));
    it->feed.base_ms = scene_next_base_ms(&it->sim);
    it->feed.audio = true;
    sim_begin(&it->sim, "e3", &it->feed);
    sim_run_until(&it->sim, 60000);
    assert_true(offers_sound(&it->sim));
    sim_end(&it->sim);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_discontinuities, 2);
}

static bool lose_pictures_at_first(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_VIDEO && ms < 32000;
}

/* Begun, with sound at once and pictures 12 s later: the playlists go on meanwhile. */
static void an_epoch_may_begin_with_missing_pictures(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    it->feed.base_ms = scene_next_base_ms(&it->sim);
    it->feed.is_lost = lose_pictures_at_first;
    sim_begin(&it->sim, "e2", &it->feed);
    sim_run_until(&it->sim, 60000);
    sim_end(&it->sim);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_discontinuities, 1);
    assert_true(sim_stats(&it->sim, TRACK_VIDEO).n_gap_segments >= 5);
    assert_true(sim_stats(&it->sim, TRACK_AUDIO).n_gap_parts <= 4);
    assert_true(it->sim.longest_wait_ms[TRACK_VIDEO] <= 1500);
    assert_true(it->sim.longest_wait_ms[TRACK_AUDIO] <= 1500);
}

static void an_epoch_may_begin_and_be_silent(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    begin_anew(it, "e2");
    sim_wait_until(&it->sim, 40000);
    come_back(&it->sim, &it->feed);
    sim_run_until(&it->sim, 60000);
    sim_end(&it->sim);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_discontinuities, 1);
    assert_true(sim_stats(&it->sim, TRACK_VIDEO).n_gap_segments >= 8);
    assert_int_equal(it->sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
}

static void the_end_may_come_while_the_publisher_is_away(void **state)
{
    struct scene *it = *state;
    scene_start(&it->sim, &it->feed);
    sim_run_until(&it->sim, 20000);
    sim_wait_until(&it->sim, 65000);
    sim_end(&it->sim);
    sim_wait_until(&it->sim, 100000);
    begin_anew(it, "e2");
    sim_run_until(&it->sim, 120000);
    sim_end(&it->sim);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_discontinuities, 1);
    assert_int_equal(sim_stats(&it->sim, TRACK_VIDEO).n_segments,
                     sim_stats(&it->sim, TRACK_AUDIO).n_segments);
}

/* A takeover: nobody was away. */
static void the_next_publisher_may_come_at_once(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    /* A part may be short where the two meet: its last frame lasts until the next. */
    sim_init(&sim, &config,
             &(struct checker_config){.may_be_short = true, .same_boundaries = true});
    sim_begin(&sim, "e1", &feed);
    for (int i = 1; i <= 10; i++) {
        sim_run_until(&sim, i * 3300);
        come_back(&sim, &feed);
    }
    sim_run_until(&sim, 60000);
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_discontinuities, 0);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    sim_finish(&sim);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9;
    return x ^ x >> 32;
}

static int64_t random_base_ms; /* of the publisher that runs */

static int64_t arrives_at_random(int64_t ms)
{
    int64_t slot_ms = 4000;
    int64_t slot = ms / slot_ms;
    int64_t hold_ms = (int64_t)(mix((uint64_t)slot) % 3500);
    int64_t until_ms = slot * slot_ms + hold_ms;
    return mix((uint64_t)slot + 7) % 3 == 0 && ms < until_ms ? until_ms : ms;
}

static bool lose_at_random(const struct packet *packet, int64_t ms)
{
    uint64_t phase = mix((uint64_t)(ms / 900) + (uint64_t)random_base_ms);
    return phase % 9 == 0 || phase % 11 == 1 + (uint64_t)packet->kind;
}

static void survives_every_coming_and_going(void **state)
{
    (void)state;
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    sim_init(&sim, &config, &(struct checker_config){.may_be_short = true});
    sim_begin(&sim, "e", &feed);
    for (uint64_t i = 1; i <= 400; i++) {
        char token[] = {'e', (char)('a' + i / 26 % 26), (char)('a' + i % 26), 0};
        sim_run_until(&sim, sim.now_ms + (int64_t)(mix(i) % 7000));
        if (mix(i + 1000) % 3 > 0)
            sim_wait_until(&sim, sim.now_ms + (int64_t)(mix(i + 2000) % 9000));
        feed.base_ms = scene_next_base_ms(&sim) - (int64_t)(mix(i + 3000) % 300);
        random_base_ms = feed.base_ms;
        feed.arrives_ms = mix(i + 4000) % 2 ? arrives_at_random : NULL;
        feed.is_lost = mix(i + 5000) % 3 ? lose_at_random : NULL;
        feed.audio_ahead_ms = (int64_t)(mix(i + 6000) % 600) - 300;
        bool other = mix(i + 7000) % 4 == 0;
        if (other)
            feed.sample_rate = feed.sample_rate == 48000 ? 44100 : 48000;
        if (mix(i + 8000) % 25 == 0)
            sim_end(&sim);
        struct feed next;
        feed_init(&next, &feed);
        bool goes_on = sim_continues(&sim, feed_track(&next, TRACK_VIDEO),
                                     feed_track(&next, TRACK_AUDIO));
        feed_finish(&next);
        if (goes_on)
            sim_resume(&sim, &feed);
        else
            sim_begin(&sim, token, &feed);
    }
    sim_end(&sim);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_segments,
                     sim_stats(&sim, TRACK_AUDIO).n_segments);
    assert_true(sim_stats(&sim, TRACK_VIDEO).n_gap_parts > 100);
    sim_finish(&sim);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publisher_that_is_away_leaves_gap_parts),
        cmocka_unit_test(missing_media_has_segments_of_its_own),
        cmocka_unit_test(pictures_alone_may_be_away),
        cmocka_unit_test(sound_alone_may_be_away),
        SCENE(a_start_that_breaks_off_leaves_no_trace),
        SCENE(a_start_may_break_off_again_and_again),
        SCENE(a_start_that_stays_broken_off_may_end),
        SCENE(a_start_that_stalls_goes_on),
        SCENE(other_tracks_are_a_discontinuity_behind_the_gap),
        SCENE(sound_that_is_gone_is_not_offered),
        SCENE(an_epoch_may_begin_with_missing_pictures),
        SCENE(an_epoch_may_begin_and_be_silent),
        SCENE(the_end_may_come_while_the_publisher_is_away),
        cmocka_unit_test(the_next_publisher_may_come_at_once),
        cmocka_unit_test(survives_every_coming_and_going),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
