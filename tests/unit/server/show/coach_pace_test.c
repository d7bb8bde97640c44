/* What the coach says of how media comes: its pace, its clock, its rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/server/show/lesson.h"

static void tells_media_that_is_too_slow_within_ten_seconds(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->pace_permille = 360;
    stream_run(stream, 10000);
    struct coach_finding finding = lesson_expect(&lesson, COACH_FALLS_BEHIND,
                                                 COACH_PROBLEM, "slower than it plays");
    assert_in_range(finding.value, 5000, 7000);
}

static void takes_slow_media_back_when_it_has_caught_up(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 6000);
    stream->pace_permille = 800;
    stream_run(stream, 8000);
    lesson_expect(&lesson, COACH_FALLS_BEHIND, COACH_WARN, "behind");
    stream->pace_permille = 1400;
    stream_run(stream, 4000);
    stream->pace_permille = 1000;
    stream_run(stream, 20000);
    lesson_expect_nothing(&lesson);
}

static void tells_media_that_comes_faster_than_it_plays(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->pace_permille = 8000;
    stream_run(stream, 10000);
    lesson_expect(&lesson, COACH_TOO_FAST, COACH_WARN, "8.0 times as fast");
}

static void tells_a_clock_that_jumps_and_forgets_it(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 5000);
    stream->stamp_offset = 12000;
    stream_run(stream, 3000);
    lesson_expect(&lesson, COACH_CLOCK_JUMPS, COACH_WARN, "jumped ahead by 12.0 s");
    lesson_expect_only(&lesson, COACH_CLOCK_JUMPS);
    stream_run(stream, 40000);
    lesson_expect_nothing(&lesson);
}

/* Nothing goes live then. */
static void calls_a_clock_that_stands_still_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->stamps_stand = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_CLOCK_STILL, COACH_PROBLEM, "stand still");
    struct coach_finding findings[COACH_CODES];
    assert_true(show_coach_findings(&lesson.coach, findings) > 0);
    assert_int_equal(findings[0].code, COACH_CLOCK_STILL);
}

static void tells_how_long_nothing_came(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 8000);
    stream_pause(stream, 1400, false);
    stream_run(stream, 2000);
    lesson_expect(&lesson, COACH_UPLOAD_STUTTERS, COACH_WARN, "nothing came for 1.4 s");
    lesson_expect_only(&lesson, COACH_UPLOAD_STUTTERS);
    stream_run(stream, 12000);
    lesson_expect_nothing(&lesson);
}

static void calls_silence_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 8000);
    stream_pause(stream, 4000, false);
    struct coach_finding findings[COACH_CODES];
    assert_true(show_coach_findings(&lesson.coach, findings) > 0);
    assert_int_equal(findings[0].code, COACH_NOTHING_ARRIVES);
    assert_int_equal(findings[0].level, COACH_PROBLEM);
}

static void tells_bitrates_that_are_too_low_and_too_high(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->frame_bytes = 700;
    stream_run(stream, 9000);
    lesson_expect(&lesson, COACH_BITRATE_LOW, COACH_WARN, "the picture will be poor");
    stream = lesson_begin(&lesson);
    stream->frame_bytes = 30000;
    stream_run(stream, 9000);
    lesson_expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO,
                  "7.3 Mb/s is much for viewers");
    lesson_expect_only(&lesson, COACH_BITRATE_HIGH);
    stream = lesson_begin(&lesson);
    stream->frame_bytes = 60000;
    stream_run(stream, 9000);
    lesson_expect(&lesson, COACH_BITRATE_HIGH, COACH_WARN, "Mb/s");
}

static void tells_a_bitrate_that_the_shop_does_not_allow(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    show_coach_note_allowed(&lesson.coach, 2000);
    stream->frame_bytes = 12000;
    stream_run(stream, 9900);
    lesson_expect_nothing(&lesson);
    stream_run(stream, 1100);
    struct coach_finding finding = lesson_expect(
        &lesson, COACH_BITRATE_OVER_LIMIT, COACH_PROBLEM, "but the shop allows 2000");
    assert_in_range(finding.value, 2201, 4000);
    stream->frame_bytes = 5000;
    stream_run(stream, 11000);
    lesson_expect_not(&lesson, COACH_BITRATE_OVER_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_media_that_is_too_slow_within_ten_seconds),
        cmocka_unit_test(takes_slow_media_back_when_it_has_caught_up),
        cmocka_unit_test(tells_media_that_comes_faster_than_it_plays),
        cmocka_unit_test(tells_a_clock_that_jumps_and_forgets_it),
        cmocka_unit_test(calls_a_clock_that_stands_still_a_problem),
        cmocka_unit_test(tells_how_long_nothing_came),
        cmocka_unit_test(calls_silence_a_problem),
        cmocka_unit_test(tells_bitrates_that_are_too_low_and_too_high),
        cmocka_unit_test(tells_a_bitrate_that_the_shop_does_not_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
