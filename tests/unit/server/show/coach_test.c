#include "server/show/coach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/server/show/stream.h"

struct lesson {
    struct show_meter meter;
    struct show_coach coach;
    struct stream stream;
};

static void take_packet(void *ctx, enum track_kind kind, uint32_t stamp_ms,
                        int32_t cts_ms, bool key, size_t len, int64_t now_ms)
{
    struct lesson *lesson = ctx;
    show_meter_arrival(&lesson->meter, len, now_ms);
    show_meter_packet(&lesson->meter, kind, stamp_ms, cts_ms, key, len, now_ms);
}

static void take_tick(void *ctx, int64_t now_ms)
{
    struct lesson *lesson = ctx;
    struct show_meter_reading reading;
    if (!show_meter_tick(&lesson->meter, now_ms))
        return;
    show_meter_read(&lesson->meter, now_ms, &reading);
    show_coach_judge(&lesson->coach, &reading, now_ms);
}

static struct stream *begin(struct lesson *lesson)
{
    show_meter_init(&lesson->meter, 0);
    show_coach_init(&lesson->coach);
    show_coach_note_metadata(&lesson->coach, true, true, 30000);
    lesson->stream = stream_make();
    lesson->stream.packet = take_packet;
    lesson->stream.tick = take_tick;
    lesson->stream.ctx = lesson;
    return &lesson->stream;
}

static bool find(const struct lesson *lesson, enum coach_code code,
                 struct coach_finding *ret)
{
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&lesson->coach, findings);
    for (size_t i = 0; i < n; i++) {
        if (findings[i].code != code)
            continue;
        *ret = findings[i];
        return true;
    }
    return false;
}

static struct coach_finding expect(const struct lesson *lesson, enum coach_code code,
                                   enum coach_level level, const char *words)
{
    struct coach_finding finding;
    if (!find(lesson, code, &finding))
        fail_msg("%s is not told", show_coach_name(code));
    if (finding.level != level || !strstr(finding.text, words))
        fail_msg("%s: %s", show_coach_level_text(finding.level), finding.text);
    return finding;
}

static void expect_only(const struct lesson *lesson, enum coach_code code)
{
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&lesson->coach, findings);
    for (size_t i = 0; i < n; i++)
        if (findings[i].code != code)
            fail_msg("%s is told too: %s", show_coach_name(findings[i].code),
                     findings[i].text);
    assert_true(n == 1);
}

static void expect_nothing(const struct lesson *lesson)
{
    struct coach_finding findings[COACH_CODES];
    if (show_coach_findings(&lesson->coach, findings) > 0)
        fail_msg("%s", findings[0].text);
}

static void expect_not(const struct lesson *lesson, enum coach_code code)
{
    struct coach_finding finding;
    if (find(lesson, code, &finding))
        fail_msg("%s", finding.text);
}

static void has_nothing_to_say_about_a_good_stream(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    for (int i = 0; i < 60; i++) {
        stream_run(stream, 1000);
        expect_nothing(&lesson);
    }
}

static void has_nothing_to_say_about_the_settings_of_obs(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->b_frames = 2;
    stream->fps = 60;
    show_coach_note_metadata(&lesson.coach, true, true, 60000);
    stream->frame_bytes = 9000;
    stream_run(stream, 30000);
    expect_nothing(&lesson);
}

static void tells_a_long_keyframe_interval_within_ten_seconds(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->gop_ms = 8333;
    stream_run(stream, 6000);
    expect(&lesson, COACH_KEYFRAMES_FAR, COACH_WARN, "No keyframe for ");
    stream_run(stream, 3900);
    struct coach_finding finding =
        expect(&lesson, COACH_KEYFRAMES_FAR, COACH_WARN,
               "Keyframe every 8.3 s; set 2 s in OBS: Settings, Output, Streaming, "
               "Keyframe interval.");
    assert_in_range(finding.value, 8300, 8366);
    expect_only(&lesson, COACH_KEYFRAMES_FAR);
    assert_true(finding.since_ms < 6000);
}

static void forgets_a_long_keyframe_interval_when_it_is_short_again(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->gop_ms = 5000;
    stream_run(stream, 10000);
    expect(&lesson, COACH_KEYFRAMES_FAR, COACH_WARN, "5.0 s");
    stream->gop_ms = 2000;
    stream_run(stream, 12000);
    expect_nothing(&lesson);
}

static void tells_what_the_packager_says_of_a_shorter_interval(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->gop_ms = 3000;
    stream_run(stream, 7000);
    expect_nothing(&lesson);
    show_coach_note_long_gop(&lesson.coach, 3000, stream->now_ms);
    stream_run(stream, 1000);
    expect(&lesson, COACH_KEYFRAMES_FAR, COACH_INFO, "Keyframe every 3.0 s");
    stream_run(stream, 31000);
    expect_nothing(&lesson);
}

static void calls_pictures_without_any_keyframe_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->no_keys = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_NO_KEYFRAME, COACH_PROBLEM, "No keyframe arrives");
    expect_only(&lesson, COACH_NO_KEYFRAME);
}

static void calls_keyframes_all_the_time_a_waste(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->gop_ms = 200;
    stream_run(stream, 8000);
    expect(&lesson, COACH_KEYFRAMES_DENSE, COACH_INFO, "every 200 ms");
    expect_only(&lesson, COACH_KEYFRAMES_DENSE);
}

static void tells_sound_that_is_announced_and_not_there(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->no_sound = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_SOUND_MISSING, COACH_WARN, "announces it");
    expect_only(&lesson, COACH_SOUND_MISSING);
    stream->no_sound = false;
    stream_run(stream, 2000);
    expect_not(&lesson, COACH_SOUND_MISSING);
}

static void tells_sound_that_nobody_announced_either(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    show_coach_note_metadata(&lesson.coach, true, false, 30000);
    stream->no_sound = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_SOUND_MISSING, COACH_WARN, "Check the microphone");
}

static void tells_sound_that_stops(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 5000);
    stream->no_sound = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_SOUND_STOPPED, COACH_WARN, "Sound has stopped");
    expect_only(&lesson, COACH_SOUND_STOPPED);
}

static void tells_pictures_that_stop(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 5000);
    stream->no_pictures = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_PICTURES_STOPPED, COACH_PROBLEM, "Pictures have stopped");
}

static void leaves_a_show_of_sound_alone_in_peace(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    show_coach_note_metadata(&lesson.coach, false, true, 0);
    stream->no_pictures = true;
    stream_run(stream, 20000);
    expect_nothing(&lesson);
}

static void tells_a_muted_microphone(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->sound_bytes = 6;
    stream_run(stream, 9000);
    expect(&lesson, COACH_SOUND_SILENT, COACH_WARN, "muted");
    expect_only(&lesson, COACH_SOUND_SILENT);
    stream->sound_bytes = 260;
    stream_run(stream, 5000);
    expect_nothing(&lesson);
}

static void tells_sound_that_begins_late(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->sound_shift_ms = stream->sound_behind_ms = 420;
    stream_run(stream, 8000);
    expect(&lesson, COACH_SOUND_LATE, COACH_WARN, "Audio is 420 ms late");
    expect_only(&lesson, COACH_SOUND_LATE);
}

static void tells_sound_that_arrives_late(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 8000);
    expect_nothing(&lesson);
    stream->sound_behind_ms = 600;
    stream_run(stream, 10000);
    struct coach_finding finding =
        expect(&lesson, COACH_SOUND_LATE, COACH_WARN, "ms late");
    assert_in_range(finding.value, 560, 640);
}

static void tells_sound_that_arrives_early(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->sound_behind_ms = -500;
    stream_run(stream, 10000);
    expect(&lesson, COACH_SOUND_EARLY, COACH_WARN, "ahead of the picture");
    expect_only(&lesson, COACH_SOUND_EARLY);
}

static void tells_media_that_is_too_slow_within_ten_seconds(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->pace_permille = 360;
    stream_run(stream, 10000);
    struct coach_finding finding =
        expect(&lesson, COACH_FALLS_BEHIND, COACH_PROBLEM, "slower than it plays");
    assert_in_range(finding.value, 5000, 7000);
}

static void takes_slow_media_back_when_it_has_caught_up(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 6000);
    stream->pace_permille = 800;
    stream_run(stream, 8000);
    expect(&lesson, COACH_FALLS_BEHIND, COACH_WARN, "behind");
    stream->pace_permille = 1400;
    stream_run(stream, 4000);
    stream->pace_permille = 1000;
    stream_run(stream, 20000);
    expect_nothing(&lesson);
}

static void tells_media_that_comes_faster_than_it_plays(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->pace_permille = 8000;
    stream_run(stream, 10000);
    expect(&lesson, COACH_TOO_FAST, COACH_WARN, "8.0 times as fast");
}

static void tells_a_clock_that_jumps_and_forgets_it(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 5000);
    stream->stamp_offset = 12000;
    stream_run(stream, 3000);
    expect(&lesson, COACH_CLOCK_JUMPS, COACH_WARN, "jumped ahead by 12.0 s");
    expect_only(&lesson, COACH_CLOCK_JUMPS);
    stream_run(stream, 40000);
    expect_nothing(&lesson);
}

/* Nothing goes live then. */
static void calls_a_clock_that_stands_still_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->stamps_stand = true;
    stream_run(stream, 5000);
    expect(&lesson, COACH_CLOCK_STILL, COACH_PROBLEM, "stand still");
    struct coach_finding findings[COACH_CODES];
    assert_true(show_coach_findings(&lesson.coach, findings) > 0);
    assert_int_equal(findings[0].code, COACH_CLOCK_STILL);
}

static void tells_how_long_nothing_came(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 8000);
    stream_pause(stream, 1400, false);
    stream_run(stream, 2000);
    expect(&lesson, COACH_UPLOAD_STUTTERS, COACH_WARN, "nothing came for 1.4 s");
    expect_only(&lesson, COACH_UPLOAD_STUTTERS);
    stream_run(stream, 12000);
    expect_nothing(&lesson);
}

static void calls_silence_a_problem(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
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
    struct stream *stream = begin(&lesson);
    stream->frame_bytes = 700;
    stream_run(stream, 9000);
    expect(&lesson, COACH_BITRATE_LOW, COACH_WARN, "the picture will be poor");
    stream = begin(&lesson);
    stream->frame_bytes = 30000;
    stream_run(stream, 9000);
    expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO, "7.3 Mb/s is much for viewers");
    expect_only(&lesson, COACH_BITRATE_HIGH);
    stream = begin(&lesson);
    stream->frame_bytes = 60000;
    stream_run(stream, 9000);
    expect(&lesson, COACH_BITRATE_HIGH, COACH_WARN, "Mb/s");
}

static void tells_a_bitrate_that_the_shop_does_not_allow(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    show_coach_note_allowed(&lesson.coach, 2000);
    stream->frame_bytes = 12000;
    stream_run(stream, 9900);
    expect_nothing(&lesson);
    stream_run(stream, 1100);
    struct coach_finding finding = expect(&lesson, COACH_BITRATE_OVER_LIMIT,
                                          COACH_PROBLEM, "but the shop allows 2000");
    assert_in_range(finding.value, 2201, 4000);
    stream->frame_bytes = 5000;
    stream_run(stream, 11000);
    expect_not(&lesson, COACH_BITRATE_OVER_LIMIT);
}

static void tells_what_b_frames_cost(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->b_frames = 4;
    stream_run(stream, 6000);
    struct coach_finding finding =
        expect(&lesson, COACH_B_FRAMES, COACH_INFO, "B-frames=4 adds 130 ms");
    assert_in_range(finding.value, 130, 136);
    expect_only(&lesson, COACH_B_FRAMES);
}

static void tells_a_frame_rate_that_swings(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    show_coach_note_metadata(&lesson.coach, true, true, 0);
    for (int i = 0; i < 5; i++) {
        stream_run(stream, 2000);
        stream->leave_out = stream->leave_out ? 0 : 2;
    }
    expect(&lesson, COACH_FRAME_RATE_SWINGS, COACH_INFO, "swings between 15 and 3");
}

static void tells_a_picture_that_changes_its_size(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    stream_run(stream, 5000);
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    stream_run(stream, 1000);
    expect_nothing(&lesson);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    expect(&lesson, COACH_SIZE_CHANGED, COACH_INFO, "changed to 720x1280");
    show_coach_note_size(&lesson.coach, 1280, 720, stream->now_ms);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    expect(&lesson, COACH_SIZE_CHANGED, COACH_WARN, "720x1280");
    stream_run(stream, 61000);
    show_coach_note_size(&lesson.coach, 720, 1280, stream->now_ms);
    stream_run(stream, 1000);
    expect_nothing(&lesson);
}

static void tells_media_that_is_refused_until_it_stops(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_refused(&lesson.coach, "the picture has codec VP6", stream->now_ms);
    stream_run(stream, 1000);
    expect(&lesson, COACH_MEDIA_REFUSED, COACH_PROBLEM, "Problem: the picture has");
    stream_run(stream, 11000);
    expect_nothing(&lesson);
}

static void tells_cues_that_are_refused_and_counts_them(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_cue_refused(&lesson.coach, "k: is missing", stream->now_ms);
    show_coach_note_cue_refused(&lesson.coach, "v: must be 1", stream->now_ms);
    stream_run(stream, 1000);
    struct coach_finding finding = expect(&lesson, COACH_CUES_REFUSED, COACH_WARN,
                                          "A cue was refused: v: must be 1.");
    assert_int_equal(finding.value, 2);
    stream_run(stream, 11000);
    expect_nothing(&lesson);
}

static void tells_of_a_rival_that_is_kept_out(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_rival(&lesson.coach, stream->now_ms);
    show_coach_note_rival(&lesson.coach, stream->now_ms);
    stream_run(stream, 1000);
    struct coach_finding finding = expect(
        &lesson, COACH_RIVAL, COACH_WARN,
        "Another encoder keeps trying to take over this show. Stop it, or revoke "
        "its stream key.");
    assert_int_equal(finding.value, 2);
    stream_run(stream, 31000);
    expect_nothing(&lesson);
}

static void tells_parts_with_frames_missing(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream_run(stream, 4000);
    show_coach_note_short_parts(&lesson.coach, 3, stream->now_ms);
    stream_run(stream, 1000);
    assert_int_equal(
        expect(&lesson, COACH_PARTS_SHORT, COACH_INFO, "Frames are missing").value, 3);
}

/* On the border nothing flickers. */
static void keeps_a_finding_until_it_is_clearly_over(void **state)
{
    (void)state;
    struct lesson lesson;
    struct stream *stream = begin(&lesson);
    stream->frame_bytes = 26000;
    stream_run(stream, 12000);
    expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO, "6.3 Mb/s");
    stream->frame_bytes = 24000;
    stream_run(stream, 30000);
    expect(&lesson, COACH_BITRATE_HIGH, COACH_INFO, "5.8 Mb/s");
    stream->frame_bytes = 20000;
    stream_run(stream, 30000);
    expect_nothing(&lesson);
}

static void tells_each_change_once(void **state)
{
    (void)state;
    struct lesson lesson;
    struct coach_finding change;
    struct stream *stream = begin(&lesson);
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
    struct stream *stream = begin(&lesson);
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
        cmocka_unit_test(tells_a_long_keyframe_interval_within_ten_seconds),
        cmocka_unit_test(forgets_a_long_keyframe_interval_when_it_is_short_again),
        cmocka_unit_test(tells_what_the_packager_says_of_a_shorter_interval),
        cmocka_unit_test(calls_pictures_without_any_keyframe_a_problem),
        cmocka_unit_test(calls_keyframes_all_the_time_a_waste),
        cmocka_unit_test(tells_sound_that_is_announced_and_not_there),
        cmocka_unit_test(tells_sound_that_nobody_announced_either),
        cmocka_unit_test(tells_sound_that_stops),
        cmocka_unit_test(tells_pictures_that_stop),
        cmocka_unit_test(leaves_a_show_of_sound_alone_in_peace),
        cmocka_unit_test(tells_a_muted_microphone),
        cmocka_unit_test(tells_sound_that_begins_late),
        cmocka_unit_test(tells_sound_that_arrives_late),
        cmocka_unit_test(tells_sound_that_arrives_early),
        cmocka_unit_test(tells_media_that_is_too_slow_within_ten_seconds),
        cmocka_unit_test(takes_slow_media_back_when_it_has_caught_up),
        cmocka_unit_test(tells_media_that_comes_faster_than_it_plays),
        cmocka_unit_test(tells_a_clock_that_jumps_and_forgets_it),
        cmocka_unit_test(calls_a_clock_that_stands_still_a_problem),
        cmocka_unit_test(tells_how_long_nothing_came),
        cmocka_unit_test(calls_silence_a_problem),
        cmocka_unit_test(tells_bitrates_that_are_too_low_and_too_high),
        cmocka_unit_test(tells_a_bitrate_that_the_shop_does_not_allow),
        cmocka_unit_test(tells_what_b_frames_cost),
        cmocka_unit_test(tells_a_frame_rate_that_swings),
        cmocka_unit_test(tells_a_picture_that_changes_its_size),
        cmocka_unit_test(tells_media_that_is_refused_until_it_stops),
        cmocka_unit_test(tells_of_a_rival_that_is_kept_out),
        cmocka_unit_test(tells_cues_that_are_refused_and_counts_them),
        cmocka_unit_test(tells_parts_with_frames_missing),
        cmocka_unit_test(keeps_a_finding_until_it_is_clearly_over),
        cmocka_unit_test(tells_each_change_once),
        cmocka_unit_test(says_the_worst_first),
        cmocka_unit_test(names_every_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
