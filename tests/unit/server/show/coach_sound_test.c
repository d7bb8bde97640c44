/* What the coach says of sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/server/show/lesson.h"

static void tells_sound_that_is_announced_and_not_there(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->no_sound = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_SOUND_MISSING, COACH_WARN, "announces it");
    lesson_expect_only(&lesson, COACH_SOUND_MISSING);
    stream->no_sound = false;
    stream_run(stream, 2000);
    lesson_expect_not(&lesson, COACH_SOUND_MISSING);
}

static void tells_sound_that_nobody_announced_either(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    show_coach_note_metadata(&lesson.coach, true, false, 30000);
    stream->no_sound = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_SOUND_MISSING, COACH_WARN, "Check the microphone");
}

static void tells_sound_that_stops(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 5000);
    stream->no_sound = true;
    stream_run(stream, 5000);
    lesson_expect(&lesson, COACH_SOUND_STOPPED, COACH_WARN, "Sound has stopped");
    lesson_expect_only(&lesson, COACH_SOUND_STOPPED);
}

static void leaves_a_show_of_sound_alone_in_peace(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    show_coach_note_metadata(&lesson.coach, false, true, 0);
    stream->no_pictures = true;
    stream_run(stream, 20000);
    lesson_expect_nothing(&lesson);
}

static void tells_a_muted_microphone(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->sound_bytes = 6;
    stream_run(stream, 9000);
    lesson_expect(&lesson, COACH_SOUND_SILENT, COACH_WARN, "muted");
    lesson_expect_only(&lesson, COACH_SOUND_SILENT);
    stream->sound_bytes = 260;
    stream_run(stream, 5000);
    lesson_expect_nothing(&lesson);
}

static void tells_sound_that_begins_late(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->sound_shift_ms = stream->sound_behind_ms = 420;
    stream_run(stream, 8000);
    lesson_expect(&lesson, COACH_SOUND_LATE, COACH_WARN, "Audio is 420 ms late");
    lesson_expect_only(&lesson, COACH_SOUND_LATE);
}

static void tells_sound_that_arrives_late(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream_run(stream, 8000);
    lesson_expect_nothing(&lesson);
    stream->sound_behind_ms = 600;
    stream_run(stream, 10000);
    struct coach_finding finding =
        lesson_expect(&lesson, COACH_SOUND_LATE, COACH_WARN, "ms late");
    assert_in_range(finding.value, 560, 640);
}

static void tells_sound_that_arrives_early(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = lesson_begin(&lesson);
    stream->sound_behind_ms = -500;
    stream_run(stream, 10000);
    lesson_expect(&lesson, COACH_SOUND_EARLY, COACH_WARN, "ahead of the picture");
    lesson_expect_only(&lesson, COACH_SOUND_EARLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_sound_that_is_announced_and_not_there),
        cmocka_unit_test(tells_sound_that_nobody_announced_either),
        cmocka_unit_test(tells_sound_that_stops),
        cmocka_unit_test(leaves_a_show_of_sound_alone_in_peace),
        cmocka_unit_test(tells_a_muted_microphone),
        cmocka_unit_test(tells_sound_that_begins_late),
        cmocka_unit_test(tells_sound_that_arrives_late),
        cmocka_unit_test(tells_sound_that_arrives_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
