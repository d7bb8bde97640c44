#include "server/show/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/rtmp/session.h"

static int setup(void **state)
{
    *state = show_replay_create();
    return 0;
}

static int teardown(void **state)
{
    show_replay_destroy(*state);
    return 0;
}

static struct rtmp_event event_of(const char *letter, uint8_t track_id)
{
    enum rtmp_event_type type = strchr("VW", *letter)   ? RTMP_EVENT_VIDEO_CONFIG
                                : *letter == 'A'        ? RTMP_EVENT_AUDIO_CONFIG
                                : *letter == 'C'        ? RTMP_EVENT_VIDEO_COLOR
                                : *letter == 'E'        ? RTMP_EVENT_TRACK_END
                                : strchr("Kp", *letter) ? RTMP_EVENT_VIDEO
                                                        : RTMP_EVENT_AUDIO;
    if (type == RTMP_EVENT_VIDEO_COLOR)
        return (struct rtmp_event){.type = type, .color = {.track_id = track_id}};
    if (type == RTMP_EVENT_TRACK_END)
        return (struct rtmp_event){
            .type = type, .track_end = {.is_video = true, .track_id = track_id}};
    return (struct rtmp_event){.type = type,
                               .media = {.data = buf_copy(bytes_make(letter, 1)),
                                         .track_id = track_id,
                                         .key = *letter == 'K'}};
}

static void say_of_track(struct show_replay *replay, const char *events,
                         uint8_t track_id, int64_t now_ms)
{
    for (; *events; events++) {
        struct rtmp_event event = event_of(events, track_id);
        show_replay_take(replay, &event, true, now_ms);
        rtmp_session_event_finish(&event);
    }
}

/* One letter an event: V, W and A headers, C a colour, K a key frame, p a picture, a sound,
 * E the end of the pictures. */
static void say(struct show_replay *replay, const char *events, int64_t now_ms)
{
    say_of_track(replay, events, 0, now_ms);
}

static void write_down(void *ctx, const struct rtmp_event *event)
{
    bool is_color = event->type == RTMP_EVENT_VIDEO_COLOR;
    (void)strncat(ctx, is_color ? "C" : (const char *)buf_bytes(event->media.data).data,
                  1);
}

static void assert_plays(const struct show_replay *replay, const char *wanted)
{
    char heard[128] = "";
    show_replay_play(replay, write_down, heard);
    assert_string_equal(heard, wanted);
}

static void plays_headers_and_media_from_the_last_key_frame_on(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VAKpapaKpa", 1000);
    assert_plays(replay, "VAKpa");
    say(replay, "pa", 1100);
    assert_plays(replay, "VAKpapa");
    assert_int_equal(show_replay_key_ms(replay), 1000);
}

static void keeps_nothing_before_the_first_key_frame(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VApapa", 1000);
    assert_plays(replay, "VA");
    assert_true(show_replay_key_ms(replay) == INT64_MAX);
}

static void keeps_the_newest_header_of_a_track(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VVVAV", 1000);
    assert_plays(replay, "VA");
}

static void forgets_a_group_of_pictures_that_is_too_long(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VK", 1000);
    for (int i = 0; i < REPLAY_PACKETS_MAX; i++)
        say(replay, "p", 1000);
    assert_true(show_replay_key_ms(replay) == INT64_MAX);
    assert_plays(replay, "V");
    say(replay, "Kp", 2000);
    assert_plays(replay, "VKp");
}

static void forgets_media_that_is_too_large(void **state)
{
    struct show_replay *replay = *state;
    static uint8_t megabyte[1 << 20];
    say(replay, "VK", 1000);
    struct rtmp_event event = {.type = RTMP_EVENT_VIDEO};
    event.media.data = buf_copy(bytes_make(megabyte, sizeof megabyte));
    for (int i = 0; i < 16; i++)
        show_replay_take(replay, &event, true, 1000);
    assert_plays(replay, "V");
    rtmp_session_event_finish(&event);
}

static void begins_with_any_sound_when_there_are_no_pictures(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "Aaaa", 1000);
    assert_plays(replay, "Aa");
}

static void begins_with_sound_when_announced_pictures_do_not_come(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VAa", 1000);
    say(replay, "Va", 1000 + REPLAY_PICTURES_MS - 1);
    assert_true(show_replay_key_ms(replay) == INT64_MAX);
    say(replay, "a", 1000 + REPLAY_PICTURES_MS);
    assert_int_equal(show_replay_key_ms(replay), 1000 + REPLAY_PICTURES_MS);
    assert_plays(replay, "VAa");
}

static void begins_with_a_picture_again_when_the_camera_is_back(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VAKa", 1000);
    say(replay, "a", 1000 + REPLAY_PICTURES_MS);
    say(replay, "paKpa", 2000 + REPLAY_PICTURES_MS);
    assert_plays(replay, "VAKpa");
}

static void begins_with_the_first_track_whatever_its_number(void **state)
{
    struct show_replay *replay = *state;
    say_of_track(replay, "V", 3, 1000);
    say_of_track(replay, "V", 2, 1000);
    say_of_track(replay, "K", 3, 1000);
    assert_true(show_replay_key_ms(replay) == INT64_MAX);
    say_of_track(replay, "Kp", 2, 1100);
    assert_int_equal(show_replay_key_ms(replay), 1100);
    assert_plays(replay, "VVKp");
}

static void forgets_the_headers_of_a_track_that_has_ended(void **state)
{
    struct show_replay *replay = *state;
    say_of_track(replay, "VC", 0, 1000);
    say_of_track(replay, "W", 1, 1000);
    say(replay, "E", 1100);
    assert_plays(replay, "W");
    say_of_track(replay, "Kp", 1, 1200);
    assert_int_equal(show_replay_key_ms(replay), 1200);
    assert_plays(replay, "WKp");
}

static void has_them_again_when_the_track_goes_on(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VCEp", 1000);
    assert_plays(replay, "");
    say(replay, "Kp", 1100);
    assert_plays(replay, "VCKp");
}

static void keeps_a_colour_for_each_track(void **state)
{
    struct show_replay *replay = *state;
    say_of_track(replay, "VC", 0, 1000);
    say_of_track(replay, "WC", 1, 1000);
    assert_plays(replay, "VCWC");
}

static void forgets_media_of_before_another_header(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VAKpaVA", 1000);
    assert_plays(replay, "VAKpa");
    say(replay, "W", 1100);
    assert_plays(replay, "WA");
}

static void knows_what_has_a_header(void **state)
{
    struct show_replay *replay = *state;
    struct rtmp_event picture = event_of("p", 1), sound = event_of("a", 0);
    struct rtmp_event color = event_of("C", 1);
    say_of_track(replay, "C", 1, 1000);
    say(replay, "VA", 1000);
    assert_false(show_replay_has_header_of(replay, &picture));
    assert_true(show_replay_has_header_of(replay, &sound));
    say_of_track(replay, "V", 1, 1000);
    assert_true(show_replay_has_header_of(replay, &picture));
    assert_false(show_replay_has_header_of(replay, &color));
    rtmp_session_event_finish(&picture);
    rtmp_session_event_finish(&sound);
}

static void keeps_headers_only_of_whoever_is_on_air(void **state)
{
    struct show_replay *replay = *state;
    say(replay, "VA", 1000);
    struct rtmp_event event = {.type = RTMP_EVENT_VIDEO, .media = {.key = true}};
    event.media.data = buf_copy(bytes_text("K"));
    show_replay_take(replay, &event, false, 1000);
    assert_plays(replay, "VA");
    rtmp_session_event_finish(&event);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(plays_headers_and_media_from_the_last_key_frame_on),
        FRESH(keeps_nothing_before_the_first_key_frame),
        FRESH(keeps_the_newest_header_of_a_track),
        FRESH(forgets_a_group_of_pictures_that_is_too_long),
        FRESH(forgets_media_that_is_too_large),
        FRESH(begins_with_any_sound_when_there_are_no_pictures),
        FRESH(begins_with_sound_when_announced_pictures_do_not_come),
        FRESH(begins_with_a_picture_again_when_the_camera_is_back),
        FRESH(begins_with_the_first_track_whatever_its_number),
        FRESH(forgets_the_headers_of_a_track_that_has_ended),
        FRESH(has_them_again_when_the_track_goes_on),
        FRESH(keeps_a_colour_for_each_track),
        FRESH(forgets_media_of_before_another_header),
        FRESH(knows_what_has_a_header),
        FRESH(keeps_headers_only_of_whoever_is_on_air),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
