#include "server/show/coach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/show/lesson.h"

static void has_nothing_to_say_about_a_good_stream(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    for (int i = 0; i < 60; i++) {
        stream_run(stream, 1000);
        lesson_expect_nothing(&lesson);
    }
}

static void has_nothing_to_say_about_the_settings_of_obs(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->b_frames = 2;
    stream->fps = 60;
    show_coach_note_metadata(&lesson.coach, true, true, 60000);
    stream->frame_bytes = 9000;
    stream_run(stream, 30000);
    lesson_expect_nothing(&lesson);
}

static void tells_media_that_is_refused_until_it_stops(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_refused(&lesson.coach, "the picture has codec VP6", stream->now_ms);
    stream_run(stream, 1000);
    lesson_expect(&lesson, COACH_MEDIA_REFUSED, COACH_PROBLEM,
                  "Problem: the picture has");
    stream_run(stream, 11000);
    lesson_expect_nothing(&lesson);
}

static void tells_cues_that_are_refused_and_counts_them(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_cue_refused(&lesson.coach, "k: is missing", stream->now_ms);
    show_coach_note_cue_refused(&lesson.coach, "v: must be 1", stream->now_ms);
    stream_run(stream, 1000);
    struct coach_finding finding = lesson_expect(
        &lesson, COACH_CUES_REFUSED, COACH_WARN, "A cue was refused: v: must be 1.");
    assert_int_equal(finding.value, 2);
    stream_run(stream, 11000);
    lesson_expect_nothing(&lesson);
}

static void tells_of_a_rival_that_is_kept_out(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_rival(&lesson.coach, stream->now_ms);
    show_coach_note_rival(&lesson.coach, stream->now_ms);
    stream_run(stream, 1000);
    struct coach_finding finding = lesson_expect(
        &lesson, COACH_RIVAL, COACH_WARN,
        "Another encoder keeps trying to take over this show. Stop it, or revoke "
        "its stream key.");
    assert_int_equal(finding.value, 2);
    stream_run(stream, 31000);
    lesson_expect_nothing(&lesson);
}

/* On the border nothing flickers. */
static void keeps_a_finding_until_it_is_clearly_over(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->frame_bytes = 26000;
    stream_run(stream, 12000);
    lesson_expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO, "6.3 Mb/s");
    stream->frame_bytes = 24000;
    stream_run(stream, 30000);
    lesson_expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO, "5.8 Mb/s");
    stream->frame_bytes = 20000;
    stream_run(stream, 30000);
    lesson_expect_nothing(&lesson);
}

static void tells_each_change_once(void **state)
{
    (void)state;
    struct lesson lesson;
    struct coach_finding change;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 4000);
    assert_false(show_coach_next_change(&lesson.coach, &change));
    show_coach_note_refused(&lesson.coach, "no", stream->now_ms);
    stream_run(stream, 2000);
    assert_true(show_coach_next_change(&lesson.coach, &change));
    assert_int_equal(change.code, COACH_MEDIA_REFUSED);
    assert_int_equal(change.level, COACH_PROBLEM);
    assert_false(show_coach_next_change(&lesson.coach, &change));
    stream_run(stream, 12000);
    assert_true(show_coach_next_change(&lesson.coach, &change));
    assert_int_equal(change.code, COACH_MEDIA_REFUSED);
    assert_int_equal(change.level, COACH_FINE);
    assert_false(show_coach_next_change(&lesson.coach, &change));
}

static void says_the_worst_first(void **state)
{
    (void)state;
    struct lesson lesson;
    struct coach_finding findings[COACH_CODES];
    struct stream *stream = lesson_begin(&lesson);
    stream->b_frames = 4;
    stream->gop_ms = 6000;
    show_coach_note_refused(&lesson.coach, "no", 5000);
    stream_run(stream, 9000);
    size_t n = show_coach_findings(&lesson.coach, findings);
    assert_true(n >= 3);
    assert_int_equal(findings[0].level, COACH_PROBLEM);
    for (size_t i = 1; i < n; i++)
        assert_true(findings[i].level <= findings[i - 1].level);
}

static void names_every_finding(void **state)
{
    (void)state;
    for (int i = 0; i < COACH_CODES; i++) {
        assert_true(strlen(show_coach_name((enum coach_code)i)) > 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(show_coach_name((enum coach_code)i),
                                    show_coach_name((enum coach_code)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_nothing_to_say_about_a_good_stream),
        cmocka_unit_test(has_nothing_to_say_about_the_settings_of_obs),
        cmocka_unit_test(tells_media_that_is_refused_until_it_stops),
        cmocka_unit_test(tells_cues_that_are_refused_and_counts_them),
        cmocka_unit_test(tells_of_a_rival_that_is_kept_out),
        cmocka_unit_test(keeps_a_finding_until_it_is_clearly_over),
        cmocka_unit_test(tells_each_change_once),
        cmocka_unit_test(says_the_worst_first),
        cmocka_unit_test(names_every_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
