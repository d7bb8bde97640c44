#include "packager/segment/cutter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FRAME = 3000 }; /* 30 frames a second in 90 kHz */

static const struct cutter_config leader_config = {
    .timescale = 90000,
    .part_target_ms = 334,
    .segment_ms = 2000,
    .target_duration_s = 2,
    .margin_ms = 24,
};

static struct cutter leader(void)
{
    struct cutter cutter;
    segment_cutter_init(&cutter, &leader_config, FRAME);
    segment_cutter_open_segment(&cutter, 0);
    return cutter;
}

static enum cutter_cut feed(struct cutter *cutter, int64_t start, int64_t duration,
                            bool key)
{
    struct cutter_piece piece = {.start = start, .end = start + duration, .key = key};
    enum cutter_cut cut = segment_cutter_judge(cutter, &piece);
    segment_cutter_place(cutter, &piece, cut);
    return cut;
}

static enum cutter_cut feed_gap(struct cutter *cutter, int64_t start, int64_t duration)
{
    struct cutter_piece piece = {.start = start, .end = start + duration, .gap = true};
    enum cutter_cut cut = segment_cutter_judge(cutter, &piece);
    segment_cutter_place(cutter, &piece, cut);
    return cut;
}

/* Frames first..last-1 without a key frame among them. */
static void feed_frames(struct cutter *cutter, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++)
        (void)feed(cutter, i * FRAME, FRAME, false);
}

static void first_piece_opens_a_part(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    assert_int_equal(feed(&cutter, 0, FRAME, true), CUTTER_PART);
    assert_int_equal(feed(&cutter, FRAME, FRAME, false), CUTTER_JOIN);
}

static void part_ends_before_the_frame_that_would_pass_its_target(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    for (int64_t i = 1; i < 10; i++)
        assert_int_equal(feed(&cutter, i * FRAME, FRAME, false), CUTTER_JOIN);
    assert_int_equal(feed(&cutter, 10 * FRAME, FRAME, false), CUTTER_PART);
}

static void part_takes_a_frame_that_ends_just_at_its_target(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, 333 * 90, true);
    assert_int_equal(feed(&cutter, 333 * 90, 90, false), CUTTER_JOIN);
    (void)segment_cutter_init(&cutter, &leader_config, FRAME);
    segment_cutter_open_segment(&cutter, 0);
    (void)feed(&cutter, 0, 333 * 90, true);
    assert_int_equal(feed(&cutter, 333 * 90, 91, false), CUTTER_PART);
}

/* Sound of 44.1 kHz follows: PART-TARGET has room for one frame of it. */
static struct cutter leader_with_room(void)
{
    struct cutter_config config = leader_config;
    config.part_limit_ms = 358;
    struct cutter cutter;
    segment_cutter_init(&cutter, &config, FRAME);
    segment_cutter_open_segment(&cutter, 0);
    (void)feed(&cutter, 0, FRAME, true);
    return cutter;
}

static void part_takes_a_longer_frame_where_it_would_be_too_short(void **state)
{
    (void)state;
    struct cutter cutter = leader_with_room();
    feed_frames(&cutter, 1, 9);
    assert_int_equal(feed(&cutter, 9 * FRAME, 38 * 90, false), CUTTER_JOIN);
    assert_int_equal(feed(&cutter, 338 * 90, FRAME, false), CUTTER_PART);
    cutter = leader_with_room();
    feed_frames(&cutter, 1, 9);
    assert_int_equal(feed(&cutter, 9 * FRAME, 58 * 90 + 1, false), CUTTER_PART);
}

static void part_that_is_long_enough_takes_no_longer_frame(void **state)
{
    (void)state;
    struct cutter cutter = leader_with_room();
    feed_frames(&cutter, 1, 9);
    assert_int_equal(feed(&cutter, 9 * FRAME, 6 * 90, false), CUTTER_JOIN);
    assert_int_equal(feed(&cutter, 306 * 90, 38 * 90, false), CUTTER_PART);
}

static void segment_starts_at_the_first_key_frame_past_its_length(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    feed_frames(&cutter, 1, 30);
    assert_int_equal(feed(&cutter, 30 * FRAME, FRAME, true), CUTTER_PART);
    feed_frames(&cutter, 31, 60);
    assert_int_equal(feed(&cutter, 60 * FRAME, FRAME, true), CUTTER_SEGMENT);
}

static void segment_may_be_half_a_frame_short(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    feed_frames(&cutter, 1, 59);
    (void)feed(&cutter, 59 * FRAME, FRAME - 90, false);
    assert_int_equal(feed(&cutter, 60 * FRAME - 90, FRAME, true), CUTTER_SEGMENT);
}

static void segment_ends_early_when_the_next_key_frame_would_be_too_late(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    feed_frames(&cutter, 1, 45);
    assert_int_equal(feed(&cutter, 45 * FRAME, FRAME, true), CUTTER_SEGMENT);
}

static void segment_without_key_frame_ends_at_its_longest(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    int64_t i = 1;
    while (feed(&cutter, i * FRAME, FRAME, false) != CUTTER_SEGMENT_FORCED)
        i++;
    assert_true(i * FRAME <= 2475 * 90);
    assert_true((i + 1) * FRAME > 2475 * 90);
    assert_true(segment_cutter_since_key(&cutter, i * FRAME) == i * FRAME);
}

static void missing_media_stand_in_parts_of_their_own(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    assert_int_equal(feed_gap(&cutter, FRAME, 10 * FRAME), CUTTER_PART);
    assert_int_equal(feed_gap(&cutter, 11 * FRAME, FRAME), CUTTER_PART);
    assert_int_equal(feed(&cutter, 12 * FRAME, FRAME, false), CUTTER_PART);
}

static void key_frame_behind_missing_media_opens_a_segment(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    (void)feed_gap(&cutter, FRAME, 10 * FRAME);
    (void)feed_gap(&cutter, 11 * FRAME, FRAME);
    assert_int_equal(feed(&cutter, 12 * FRAME, FRAME, true), CUTTER_SEGMENT);
}

static void missing_media_open_segments_by_time(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    feed_frames(&cutter, 1, 60);
    assert_int_equal(feed_gap(&cutter, 60 * FRAME, 10 * FRAME), CUTTER_SEGMENT);
}

static enum cutter_cut feed_away(struct cutter *cutter, int64_t start)
{
    struct cutter_piece piece = {
        .start = start, .end = start + 10 * FRAME, .gap = true, .away = true};
    enum cutter_cut cut = segment_cutter_judge(cutter, &piece);
    segment_cutter_place(cutter, &piece, cut);
    return cut;
}

static void segment_of_media_ends_where_nobody_sends(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    assert_true(segment_cutter_has_media(&cutter));
    assert_int_equal(feed_away(&cutter, FRAME), CUTTER_SEGMENT);
    assert_false(segment_cutter_has_media(&cutter));
    assert_int_equal(feed_away(&cutter, 11 * FRAME), CUTTER_PART);
    assert_int_equal(feed(&cutter, 21 * FRAME, FRAME, true), CUTTER_SEGMENT);
}

/* Another rendition's media may have ended earlier, and its segment still must fit. */
static void segment_that_begins_with_missing_media_is_shorter(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    (void)feed_away(&cutter, FRAME);
    int64_t i = 11;
    while (feed(&cutter, i * FRAME, FRAME, false) != CUTTER_SEGMENT_FORCED)
        i++;
    int64_t longest = 2475 * 90 - segment_cutter_slack(&cutter);
    assert_true((i - 1) * FRAME <= longest && i * FRAME > longest);
}

static void crowded_segment_ends_at_the_next_part(void **state)
{
    (void)state;
    struct cutter cutter = leader();
    (void)feed(&cutter, 0, FRAME, true);
    feed_frames(&cutter, 1, 15);
    segment_cutter_set_crowded(&cutter, true);
    assert_int_equal(feed(&cutter, 15 * FRAME, FRAME, false), CUTTER_SEGMENT_FORCED);
}

static void follower_cuts_at_the_first_frame_past_a_boundary(void **state)
{
    (void)state;
    struct cutter_config config = leader_config;
    struct cutter cutter;
    config.timescale = 48000;
    config.follows = true;
    segment_cutter_init(&cutter, &config, 1024);
    segment_cutter_open_segment(&cutter, 0);
    (void)feed(&cutter, 0, 1024, true);
    (void)feed(&cutter, 1024, 1024, true);
    segment_cutter_set_boundary(&cutter, 2049);
    assert_int_equal(feed(&cutter, 2048, 1024, true), CUTTER_JOIN);
    assert_int_equal(feed(&cutter, 3072, 1024, true), CUTTER_SEGMENT);
}

static void typical_duration_is_the_median_of_the_recent_ones(void **state)
{
    (void)state;
    static const int64_t durations[] = {3000, 1, 2970, 3060, 9000, 2970, 3000, 2970};
    struct cutter cutter;
    segment_cutter_init(&cutter, &leader_config, 0);
    assert_true(segment_cutter_typical(&cutter) == 0);
    int64_t start = 0;
    for (size_t i = 0; i < 8; i++) {
        (void)feed(&cutter, start, durations[i], i == 0);
        start += durations[i];
    }
    assert_true(segment_cutter_typical(&cutter) == 3000);
}

static void typical_duration_never_passes_a_part(void **state)
{
    (void)state;
    struct cutter cutter;
    segment_cutter_init(&cutter, &leader_config, 90000);
    assert_true(segment_cutter_typical(&cutter) == 334 * 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_piece_opens_a_part),
        cmocka_unit_test(part_ends_before_the_frame_that_would_pass_its_target),
        cmocka_unit_test(part_takes_a_frame_that_ends_just_at_its_target),
        cmocka_unit_test(part_takes_a_longer_frame_where_it_would_be_too_short),
        cmocka_unit_test(part_that_is_long_enough_takes_no_longer_frame),
        cmocka_unit_test(segment_starts_at_the_first_key_frame_past_its_length),
        cmocka_unit_test(segment_may_be_half_a_frame_short),
        cmocka_unit_test(segment_ends_early_when_the_next_key_frame_would_be_too_late),
        cmocka_unit_test(segment_without_key_frame_ends_at_its_longest),
        cmocka_unit_test(missing_media_stand_in_parts_of_their_own),
        cmocka_unit_test(key_frame_behind_missing_media_opens_a_segment),
        cmocka_unit_test(missing_media_open_segments_by_time),
        cmocka_unit_test(segment_of_media_ends_where_nobody_sends),
        cmocka_unit_test(segment_that_begins_with_missing_media_is_shorter),
        cmocka_unit_test(crowded_segment_ends_at_the_next_part),
        cmocka_unit_test(follower_cuts_at_the_first_frame_past_a_boundary),
        cmocka_unit_test(typical_duration_is_the_median_of_the_recent_ones),
        cmocka_unit_test(typical_duration_never_passes_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
