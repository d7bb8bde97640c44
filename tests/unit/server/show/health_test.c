#include "server/show/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/builder.h"

/* 30 fps at about 2.4 Mb/s with sound and a key frame every gop_ms. */
static int64_t stream(struct show_health *health, int64_t from_ms, int seconds,
                      int frame_bytes, int gop_ms, bool sound)
{
    static uint8_t payload[20000];
    struct buf *frame = buf_copy(bytes_make(payload, (size_t)frame_bytes));
    struct buf *silence = buf_copy(bytes_make(payload, 10));
    int64_t now_ms = from_ms;
    int64_t next_key_ms = from_ms;
    for (int i = 0; i < seconds * 30; i++) {
        now_ms = from_ms + i * 100 / 3;
        struct rtmp_event video = {.type = RTMP_EVENT_VIDEO,
                                   .media = {.stamp_ms = (uint32_t)now_ms,
                                             .key = now_ms >= next_key_ms,
                                             .data = frame}};
        if (video.media.key)
            next_key_ms += gop_ms;
        show_health_media(health, &video, now_ms);
        struct rtmp_event audio = {.type = RTMP_EVENT_AUDIO,
                                   .media = {.data = silence}};
        if (sound)
            show_health_media(health, &audio, now_ms);
        (void)show_health_tick(health, now_ms);
    }
    buf_unref(frame);
    buf_unref(silence);
    return now_ms;
}

static void expect(const struct show_health *health, bool connected, int64_t now_ms,
                   const char *level, const char *words)
{
    struct builder out;
    builder_init(&out, 1000);
    show_health_print(health, connected, now_ms, &out);
    builder_u8(&out, 0);
    const char *text = (const char *)builder_bytes(&out).data;
    if (!strstr(text, level) || !strstr(text, words))
        fail_msg("%s: wants %s and %s", text, level, words);
    builder_finish(&out);
}

static void says_good_with_rate_and_frames(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 10000, 2000, true);
    expect(&health, true, now_ms, "\"good\"", "Good. 2.4 Mb/s, 30 fps");
    assert_in_range(show_health_keyframe_ms(&health), 1900, 2100);
}

static void says_off_without_a_publisher(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    expect(&health, false, 0, "\"off\"", "Off air");
}

static void says_that_pictures_without_a_keyframe_are_not_seen(void **state)
{
    (void)state;
    struct show_health health;
    struct buf *frame = buf_copy(bytes_text("picture"));
    struct rtmp_event video = {.type = RTMP_EVENT_VIDEO, .media = {.data = frame}};
    show_health_init(&health, 0);
    for (int64_t now_ms = 0; now_ms <= 4000; now_ms += 40)
        show_health_media(&health, &video, now_ms);
    expect(&health, true, 2000, "\"good\"", "Measuring");
    expect(&health, true, 4000, "\"problem\"", "No keyframe");
    video.media.key = true;
    show_health_media(&health, &video, 4040);
    expect(&health, true, 4040, "\"warn\"", "");
    buf_unref(frame);
}

static void says_what_to_set_for_long_gops(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 10000, 8300, true);
    show_health_finding(&health, PACKAGER_GOP_TOO_LONG, 8300, now_ms);
    expect(&health, true, now_ms, "\"warn\"", "Keyframe every 8.3 s: set 2 s");
}

static void forgets_long_gops_when_they_are_short_again(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 10000, 8300, true);
    show_health_finding(&health, PACKAGER_GOP_TOO_LONG, 8300, now_ms);
    now_ms = stream(&health, now_ms, 10, 10000, 2000, true);
    expect(&health, true, now_ms, "\"good\"", "Good.");
}

static void says_that_sound_is_missing(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 10000, 2000, false);
    expect(&health, true, now_ms, "\"warn\"", "No sound");
}

static void says_that_the_upload_is_thin(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 500, 2000, true);
    expect(&health, true, now_ms, "\"warn\"", "Check your upload");
}

static void says_that_nothing_arrives(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 10, 10000, 2000, true);
    expect(&health, true, now_ms + 3000, "\"problem\"", "Nothing arrives");
}

static void forgets_refused_media_when_it_stops(void **state)
{
    (void)state;
    struct show_health health;
    show_health_init(&health, 0);
    int64_t now_ms = stream(&health, 0, 5, 10000, 2000, true);
    show_health_refused(&health, "video codec 2 is not supported", now_ms);
    expect(&health, true, now_ms, "\"problem\"", "codec 2");
    now_ms = stream(&health, now_ms, 15, 10000, 2000, true);
    expect(&health, true, now_ms, "\"good\"", "Good.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_good_with_rate_and_frames),
        cmocka_unit_test(says_off_without_a_publisher),
        cmocka_unit_test(says_that_pictures_without_a_keyframe_are_not_seen),
        cmocka_unit_test(says_what_to_set_for_long_gops),
        cmocka_unit_test(forgets_long_gops_when_they_are_short_again),
        cmocka_unit_test(says_that_sound_is_missing),
        cmocka_unit_test(says_that_the_upload_is_thin),
        cmocka_unit_test(says_that_nothing_arrives),
        cmocka_unit_test(forgets_refused_media_when_it_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
