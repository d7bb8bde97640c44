#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"

/* Several renditions of each kind, from one publisher. */

/* The same numbers, and segments that begin at the same times. */
static void assert_in_step(const struct sim *sim, unsigned index)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct snapshot *first = packager_snapshot(sim->packager, (unsigned)kind);
        struct snapshot *other = packager_snapshot(
            sim->packager, media_rendition_id_make((enum track_kind)kind, index));
        assert_non_null(first);
        assert_non_null(other);
        assert_int_equal(first->first_msn, other->first_msn);
        assert_int_equal(first->open_msn, other->open_msn);
        for (size_t i = 0; i < first->n_segments && i < other->n_segments; i++) {
            assert_int_equal(first->segments[i]->msn, other->segments[i]->msn);
            assert_true(first->segments[i]->start == other->segments[i]->start);
            /* One may be behind in the open one, or where an epoch ends. */
            if (i + 1 == first->n_segments || first->segments[i + 1]->discontinuity)
                continue;
            assert_int_equal(first->segments[i]->label_ms,
                             other->segments[i]->label_ms);
        }
        hls_snapshot_unref(first);
        hls_snapshot_unref(other);
    }
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

static void assert_multivariant(const struct sim *sim, size_t n_variants,
                                size_t n_media)
{
    struct buf *buf = packager_multivariant(sim->packager);
    char *text = bytes_to_text(buf_bytes(buf));
    assert_int_equal(count(text, "#EXT-X-STREAM-INF"), n_variants);
    assert_int_equal(count(text, "#EXT-X-MEDIA:"), n_media);
    alloc_free(text);
    buf_unref(buf);
}

static void a_ladder_is_cut_at_the_same_times(void **state)
{
    (void)state;
    for (unsigned n_more = 1; n_more < RENDITIONS_PER_KIND; n_more++) {
        struct sim sim;
        struct feed_config feed = sim_usual_feed();
        feed.n_more = n_more;
        sim_start(&sim, &feed, NULL);
        sim_run_until(&sim, 59900);
        for (unsigned i = 1; i <= n_more; i++) {
            assert_in_step(&sim, i);
            for (int kind = 0; kind < TRACK_KINDS; kind++) {
                struct checker_stats stats =
                    sim_stats_more(&sim, i, (enum track_kind)kind);
                assert_int_equal(stats.n_missed, 0);
                assert_int_equal(stats.n_gap_parts, 0);
                assert_true(stats.n_segments >= 28);
            }
        }
        assert_multivariant(&sim, n_more + 1, n_more + 1);
        assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
        sim_end(&sim);
        sim_finish(&sim);
    }
}

static void check_kind(bool video, bool audio)
{
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.video = video;
    feed.audio = audio;
    feed.n_more = 2;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 59900);
    enum track_kind kind = video ? TRACK_VIDEO : TRACK_AUDIO;
    for (unsigned i = 1; i <= 2; i++) {
        struct checker_stats stats = sim_stats_more(&sim, i, kind);
        assert_int_equal(stats.n_missed, 0);
        assert_int_equal(stats.n_gap_parts, 0);
        assert_true(stats.n_segments >= 28);
    }
    assert_multivariant(&sim, video ? 3 : 1, video ? 0 : 3);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    sim_end(&sim);
    for (unsigned i = 1; i <= 2; i++)
        assert_int_equal(sim_stats_more(&sim, i, kind).n_segments,
                         sim_stats(&sim, kind).n_segments);
    sim_finish(&sim);
}

static void a_ladder_needs_no_sound(void **state)
{
    (void)state;
    check_kind(true, false);
}

static void languages_need_no_pictures(void **state)
{
    (void)state;
    check_kind(false, true);
}

/* Every other frame of 60 a second; key frames are each 120. */
static bool halve_the_second_rate(const struct packet *packet, int64_t ms)
{
    (void)ms;
    int64_t frame = (packet->dts * 60 + 45000) / 90000;
    return packet->kind == TRACK_VIDEO && packet->index == 1 && frame % 2 == 1;
}

static void a_ladder_may_have_two_frame_rates(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.n_more = 1;
    feed.fps_num = 60;
    feed.gop_frames = 120;
    feed.is_lost = halve_the_second_rate;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 59900);
    assert_in_step(&sim, 1);
    assert_int_equal(sim_stats_more(&sim, 1, TRACK_VIDEO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_missed, 0);
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    sim_end(&sim);
    sim_finish(&sim);
}

/* Whatever a player plays, it has the cues. */
static void all_pictures_carry_the_markers(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.n_more = 2;
    sim_start(&sim, &feed, NULL);
    sim_carry_markers(&sim);
    sim_run_until(&sim, 59900);
    sim_end(&sim);
    struct checker_stats first = sim_stats(&sim, TRACK_VIDEO);
    assert_int_equal(first.n_emsg, first.n_segments);
    for (unsigned i = 1; i <= 2; i++) {
        assert_int_equal(sim_stats_more(&sim, i, TRACK_VIDEO).n_emsg, first.n_emsg);
        assert_int_equal(sim_stats_more(&sim, i, TRACK_AUDIO).n_emsg, 0);
    }
    sim_finish(&sim);
}

static bool lose_the_second_pictures(const struct packet *packet, int64_t ms)
{
    return packet->kind == TRACK_VIDEO && packet->index == 1 && ms >= 20000 &&
           ms < 30000;
}

static void one_of_a_ladder_may_be_away(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.n_more = 2;
    feed.is_lost = lose_the_second_pictures;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 59900);
    assert_true(sim_stats_more(&sim, 1, TRACK_VIDEO).n_gap_segments >= 4);
    assert_int_equal(sim_stats_more(&sim, 2, TRACK_VIDEO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&sim, TRACK_VIDEO).n_gap_parts, 0);
    assert_int_equal(sim_stats(&sim, TRACK_AUDIO).n_gap_parts, 0);
    sim_end(&sim);
    sim_finish(&sim);
}

static void a_ladder_may_be_away_and_come_back(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    feed.n_more = 2;
    sim_start(&sim, &feed, NULL);
    sim_run_until(&sim, 20000);
    sim_wait_until(&sim, 30000);
    feed.base_ms = 30000;
    sim_resume(&sim, &feed);
    sim_run_until(&sim, 59900);
    for (unsigned i = 1; i <= 2; i++) {
        assert_in_step(&sim, i);
        struct checker_stats stats = sim_stats_more(&sim, i, TRACK_VIDEO);
        assert_int_equal(stats.n_discontinuities, 0);
        assert_true(stats.n_gap_segments >= 4);
    }
    assert_int_equal(sim.n_findings[PACKAGER_REFUSED_PACKET], 0);
    sim_end(&sim);
    sim_finish(&sim);
}

static void a_ladder_may_grow_and_shrink_with_epochs(void **state)
{
    (void)state;
    static const unsigned n_more[] = {0, 2, 1, 3, 0};
    struct sim sim;
    struct packager_config config = sim_usual_config();
    struct feed_config feed = sim_usual_feed();
    sim_init(&sim, &config, &(struct checker_config){.may_be_short = true});
    for (unsigned i = 0; i < 5; i++) {
        char token[] = {'e', (char)('a' + i), 0};
        feed.base_ms = i * 10100;
        feed.n_more = n_more[i];
        sim_begin(&sim, token, &feed);
        sim_run_until(&sim, i * 10100 + 9900);
        assert_multivariant(&sim, n_more[i] + 1, n_more[i] + 1);
    }
    struct snapshot *first = packager_snapshot(sim.packager, TRACK_VIDEO);
    for (unsigned id = 1; id < RENDITIONS_MAX; id++) {
        struct snapshot *other = packager_snapshot(sim.packager, id);
        assert_int_equal(first->open_msn, other->open_msn);
        assert_int_equal(first->n_open_parts, other->n_open_parts);
        hls_snapshot_unref(other);
    }
    hls_snapshot_unref(first);
    sim_end(&sim);
    sim_finish(&sim);
}

static void too_many_tracks_are_refused(void **state)
{
    (void)state;
    struct sim sim;
    struct feed_config feed = sim_usual_feed();
    struct packager_track tracks[RENDITIONS_PER_KIND + 1];
    sim_start(&sim, &feed, NULL);
    for (int i = 0; i <= RENDITIONS_PER_KIND; i++)
        tracks[i] = (struct packager_track){.track = sim.feed.tracks[TRACK_AUDIO]};
    assert_true(packager_begin(sim.packager, "e2", tracks, RENDITIONS_PER_KIND + 1, 0,
                               NULL) < 0);
    strcpy(tracks[0].name, "\"quoted\"");
    assert_true(packager_begin(sim.packager, "e2", tracks, 1, 0, NULL) < 0);
    sim_finish(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ladder_is_cut_at_the_same_times),
        cmocka_unit_test(a_ladder_needs_no_sound),
        cmocka_unit_test(languages_need_no_pictures),
        cmocka_unit_test(a_ladder_may_have_two_frame_rates),
        cmocka_unit_test(all_pictures_carry_the_markers),
        cmocka_unit_test(one_of_a_ladder_may_be_away),
        cmocka_unit_test(a_ladder_may_be_away_and_come_back),
        cmocka_unit_test(a_ladder_may_grow_and_shrink_with_epochs),
        cmocka_unit_test(too_many_tracks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
