#include "packager/media/follower.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/timeline.h"

enum { BASE_MS = 10000, RATE = 48000 };

static void pictures_land_beside_those_of_the_first_track(void **state)
{
    (void)state;
    struct timeline *timeline = media_timeline_create(BASE_MS);
    struct follower follower = {0};
    for (uint32_t ms = 4000000000; ms != 4000000000U + 3300; ms += 33) {
        int64_t dts, pts, first_dts, first_pts;
        media_timeline_video(timeline, ms, 66, &first_dts, &first_pts);
        media_follower_video(&follower, timeline, ms, 66, &dts, &pts);
        assert_int_equal(dts, first_dts);
        assert_int_equal(pts, first_pts);
    }
    media_timeline_destroy(timeline);
}

/* A millisecond of rounding in the stamps moves nothing. */
static void sound_is_counted(void **state)
{
    (void)state;
    struct timeline *timeline = media_timeline_create(BASE_MS);
    struct follower follower = {0};
    (void)media_timeline_audio(timeline, 0, RATE, 1024);
    for (int i = 0; i < 500; i++) {
        uint32_t ms = (uint32_t)(i * 1024 * 1000LL / RATE);
        (void)media_timeline_audio(timeline, ms, RATE, 1024);
        int64_t dts = media_follower_audio(&follower, timeline, ms + (uint32_t)(i % 2),
                                           RATE, 1024);
        assert_int_equal(dts, (int64_t)BASE_MS * RATE / 1000 + i * 1024);
    }
    media_timeline_destroy(timeline);
}

static void a_hole_in_the_sound_stays_a_hole(void **state)
{
    (void)state;
    struct timeline *timeline = media_timeline_create(0);
    struct follower follower = {0};
    int64_t dts, pts;
    media_timeline_video(timeline, 0, 0, &dts, &pts);
    assert_int_equal(media_follower_audio(&follower, timeline, 0, RATE, 960), 0);
    assert_int_equal(media_follower_audio(&follower, timeline, 20, RATE, 960), 960);
    assert_int_equal(media_follower_audio(&follower, timeline, 500, RATE, 960), 24000);
    media_timeline_destroy(timeline);
}

static void times_grow_whatever_the_stamps_say(void **state)
{
    (void)state;
    static const uint32_t stamps[] = {1000, 1000, 900, 0, 2000000000, 5, 1033};
    struct timeline *timeline = media_timeline_create(BASE_MS);
    struct follower follower = {0};
    int64_t dts, pts;
    media_timeline_video(timeline, 1000, 0, &dts, &pts);
    int64_t last = -1;
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        media_follower_video(&follower, timeline, stamps[i], 20000, &dts, &pts);
        assert_true(dts > last);
        assert_int_equal(pts, dts); /* no such composition time */
        last = dts;
    }
    media_timeline_destroy(timeline);
}

static void goes_with_the_timeline_when_the_publisher_s_clock_jumps(void **state)
{
    (void)state;
    struct timeline *timeline = media_timeline_create(0);
    struct follower follower = {0};
    int64_t dts, pts, first;
    for (uint32_t ms = 0; ms < 1000; ms += 40) {
        media_timeline_video(timeline, ms, 0, &first, &pts);
        media_follower_video(&follower, timeline, ms, 0, &dts, &pts);
    }
    for (uint32_t ms = 0; ms < 1000; ms += 40) {
        media_timeline_video(timeline, 9000000 + ms, 0, &first, &pts);
        media_follower_video(&follower, timeline, 9000000 + ms, 0, &dts, &pts);
        assert_int_equal(dts, first);
    }
    media_timeline_destroy(timeline);
}

static void another_sample_rate_goes_on_at_the_same_place(void **state)
{
    (void)state;
    struct timeline *timeline = media_timeline_create(0);
    struct follower follower = {0};
    int64_t dts, pts;
    media_timeline_video(timeline, 0, 0, &dts, &pts);
    assert_int_equal(media_follower_audio(&follower, timeline, 1000, 44100, 1024),
                     44100);
    assert_int_equal(media_follower_audio(&follower, timeline, 1100, RATE, 960), 52800);
    media_timeline_destroy(timeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_land_beside_those_of_the_first_track),
        cmocka_unit_test(sound_is_counted),
        cmocka_unit_test(a_hole_in_the_sound_stays_a_hole),
        cmocka_unit_test(times_grow_whatever_the_stamps_say),
        cmocka_unit_test(goes_with_the_timeline_when_the_publisher_s_clock_jumps),
        cmocka_unit_test(another_sample_rate_goes_on_at_the_same_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
