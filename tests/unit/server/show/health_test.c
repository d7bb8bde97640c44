#include "server/show/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/builder.h"
#include "tests/unit/server/show/stream.h"

static void take_packet(void *ctx, enum track_kind kind, uint32_t stamp_ms,
                        int32_t cts_ms, bool key, size_t len, int64_t now_ms)
{
    static uint8_t payload[20000];
    struct buf *data = buf_copy(bytes_make(payload, len));
    struct rtmp_event event = {
        .type = kind == TRACK_VIDEO ? RTMP_EVENT_VIDEO : RTMP_EVENT_AUDIO,
        .media = {.stamp_ms = stamp_ms, .cts_ms = cts_ms, .key = key, .data = data}};
    show_health_media(ctx, &event, true, now_ms);
    buf_unref(data);
}

static void take_tick(void *ctx, int64_t now_ms)
{
    (void)show_health_tick(ctx, now_ms);
}

static struct stream begin(struct show_health *health)
{
    struct stream stream = stream_make();
    stream.packet = take_packet;
    stream.tick = take_tick;
    stream.ctx = health;
    show_health_init(health, 0);
    return stream;
}

static void expect(const struct show_health *health, bool connected, const char *level,
                   const char *words)
{
    struct builder out;
    builder_init(&out, 1000);
    show_health_print(health, connected, &out);
    builder_u8(&out, 0);
    const char *text = (const char *)builder_bytes(&out).data;
    if (!strstr(text, level) || !strstr(text, words))
        fail_msg("%s: wants %s and %s", text, level, words);
    builder_finish(&out);
}

static void says_good_with_rate_and_frames(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct stream stream = begin(&health);
    expect(&health, true, "\"good\"", "Measuring");
    stream_run(&stream, 10000);
    expect(&health, true, "\"good\"", "Good. 2.4 Mb/s, 30 fps");
    assert_in_range(show_health_keyframe_ms(&health), 1900, 2100);
    show_health_finish(&health);
}

static void says_off_without_a_publisher(void **state)
{
    (void)state;
    struct show_health health = {0};
    show_health_init(&health, 0);
    expect(&health, false, "\"off\"", "Off air");
    show_health_finish(&health);
}

static void says_the_worst_finding(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct stream stream = begin(&health);
    stream.gop_ms = 8333;
    stream_run(&stream, 10000);
    expect(&health, true, "\"warn\"", "Keyframe every 8.3 s; set 2 s");
    show_health_refused(&health, "video codec 2 is not supported", stream.now_ms);
    stream_run(&stream, 1000);
    expect(&health, true, "\"problem\"", "codec 2");
    show_health_finish(&health);
}

/* A hint is for the list of findings. */
static void stays_good_with_a_hint(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct stream stream = begin(&health);
    stream.b_frames = 4;
    stream_run(&stream, 10000);
    expect(&health, true, "\"good\"", "Good.");
    show_health_finish(&health);
}

static void says_what_the_packager_found(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct stream stream = begin(&health);
    stream_run(&stream, 5000);
    show_health_finding(&health, PACKAGER_REFUSED_PACKET, 1, stream.now_ms);
    stream_run(&stream, 1000);
    expect(&health, true, "\"problem\"", "some frames could not be used");
    show_health_finish(&health);
}

static void takes_what_the_metadata_announces(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct rtmp_event event = {
        .type = RTMP_EVENT_METADATA,
        .metadata = {.has_audio = true, .has_video = true, .frame_rate = 60}};
    struct stream stream = begin(&health);
    show_health_media(&health, &event, true, 0);
    stream.no_sound = true;
    stream_run(&stream, 8000);
    struct coach_finding findings[COACH_CODES];
    assert_int_equal(show_coach_findings(&health.watch->coach, findings), 2);
    assert_int_equal(findings[0].code, COACH_SOUND_MISSING);
    assert_int_equal(findings[1].code, COACH_FRAMES_MISSING);
    assert_non_null(strstr(findings[1].text, "30 of 60"));
    show_health_finish(&health);
}

/* An encoder's second picture beside the first: each packet comes twice. */
static void take_two(void *ctx, enum track_kind kind, uint32_t stamp_ms, int32_t cts_ms,
                     bool key, size_t len, int64_t now_ms)
{
    static uint8_t payload[20000];
    take_packet(ctx, kind, stamp_ms, cts_ms, key, len, now_ms);
    struct buf *data = buf_copy(bytes_make(payload, len));
    struct rtmp_event event = {
        .type = kind == TRACK_VIDEO ? RTMP_EVENT_VIDEO : RTMP_EVENT_AUDIO,
        .media = {.stamp_ms = stamp_ms, .key = key, .track_id = 1, .data = data}};
    show_health_media(ctx, &event, false, now_ms);
    buf_unref(data);
}

static void counts_only_the_bytes_of_a_track_that_does_not_lead(void **state)
{
    (void)state;
    struct show_health health = {0};
    struct stream stream = begin(&health);
    stream.packet = take_two;
    stream_run(&stream, 10000);
    expect(&health, true, "\"good\"", "Good. 4.9 Mb/s, 30 fps");
    show_health_finish(&health);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_good_with_rate_and_frames),
        cmocka_unit_test(says_off_without_a_publisher),
        cmocka_unit_test(says_the_worst_finding),
        cmocka_unit_test(stays_good_with_a_hint),
        cmocka_unit_test(says_what_the_packager_found),
        cmocka_unit_test(takes_what_the_metadata_announces),
        cmocka_unit_test(counts_only_the_bytes_of_a_track_that_does_not_lead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
