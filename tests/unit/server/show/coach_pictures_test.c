/* What the coach says of pictures: keyframes, frames, sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/server/show/lesson.h"

static void tells_a_long_keyframe_interval_within_ten_seconds(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->gop_ms = 8333;
    stream_run(stream, 6000);
    lesson_expect(&lesson, COACH_KEYFRAMES_FAR, COACH_WARN, "No keyframe for ");
    stream_run(stream, 3900);
    struct coach_finding finding = lesson_expect(
        &lesson, COACH_KEYFRAMES_FAR, COACH_WARN,
        "Keyframe every 8.3 s; set 2 s in OBS: Settings, Output, Streaming, "
        "Keyframe interval.");
    assert_in_range(finding.value, 8300, 8366);
    lesson_expect_only(&lesson, COACH_KEYFRAMES_FAR);
    assert_true(finding.since_ms < 6000);
}

static void forgets_a_long_keyframe_interval_when_it_is_short_again(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->gop_ms = 5000;
    stream_run(stream, 10000);
    lesson_expect(&lesson, COACH_KEYFRAMES_FAR, COACH_WARN, "5.0 s");
    stream->gop_ms = 2000;
    stream_run(stream, 12000);
    lesson_expect_nothing(&lesson);
}

static void tells_what_the_packager_says_of_a_shorter_interval(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->gop_ms = 3000;
    stream_run(stream, 7000);
    lesson_expect_nothing(&lesson);
    show_coach_note_long_gop(&lesson.coach, 3000, stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect(&lesson, COACH_KEYFRAMES_FAR, COACH_INFO, "Keyframe every 3.0 s");
    stream_run(stream, 31000);
    lesson_expect_nothing(&lesson);
}

static void calls_pictures_without_any_keyframe_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->no_keys = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_NO_KEYFRAME, COACH_PROBLEM, "No keyframe arrives");
    lesson_expect_only(&lesson, COACH_NO_KEYFRAME);
}

static void calls_keyframes_all_the_time_a_waste(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->gop_ms = 200;
    stream_run(stream, 8000);
    lesson_expect(&lesson, COACH_KEYFRAMES_DENSE, COACH_INFO, "every 200 ms");
    lesson_expect_only(&lesson, COACH_KEYFRAMES_DENSE);
}

static void tells_pictures_that_stop(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 5000);
    stream->no_pictures = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_PICTURES_STOPPED, COACH_PROBLEM,
                  "Pictures have stopped");
}

static void tells_what_b_frames_cost(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->b_frames = 4;
    stream_run(stream, 6000);
    struct coach_finding finding =
        lesson_expect(&lesson, COACH_B_FRAMES, COACH_INFO, "B-frames=4 adds 130 ms");
    assert_in_range(finding.value, 130, 136);
    lesson_expect_only(&lesson, COACH_B_FRAMES);
}

static void tells_a_frame_rate_that_swings(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    show_coach_note_metadata(&lesson.coach, true, true, 0);
    for (int i = 0; i < 5; i++) {
        stream_run(stream, 2000);
        stream->leave_out = stream->leave_out ? 0 : 2;
    }
    lesson_expect(&lesson, COACH_FRAME_RATE_SWINGS, COACH_INFO,
                  "swings between 15 and 3");
}

static void tells_a_picture_that_changes_its_size(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    stream_run(stream, 5000);
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect_nothing(&lesson);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect(&lesson, COACH_SIZE_CHANGED, COACH_INFO, "changed to 720x1280");
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect(&lesson, COACH_SIZE_CHANGED, COACH_WARN, "720x1280");
    stream_run(stream, 61000);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect_nothing(&lesson);
}

static void tells_parts_with_frames_missing(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_short_parts(&lesson.coach, 3, stream->now_ms);
    stream_run(stream, 1000);
    assert_int_equal(
        lesson_expect(&lesson, COACH_PARTS_SHORT, COACH_INFO, "Frames are missing")
            .value,
        3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_long_keyframe_interval_within_ten_seconds),
        cmocka_unit_test(forgets_a_long_keyframe_interval_when_it_is_short_again),
        cmocka_unit_test(tells_what_the_packager_says_of_a_shorter_interval),
        cmocka_unit_test(calls_pictures_without_any_keyframe_a_problem),
        cmocka_unit_test(calls_keyframes_all_the_time_a_waste),
        cmocka_unit_test(tells_pictures_that_stop),
        cmocka_unit_test(tells_what_b_frames_cost),
        cmocka_unit_test(tells_a_frame_rate_that_swings),
        cmocka_unit_test(tells_a_picture_that_changes_its_size),
        cmocka_unit_test(tells_parts_with_frames_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
