#include "packager/hls/multivariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/unit/packager/golden.h"
#include "tests/unit/packager/shelf.h"

struct tracks {
    struct track *video, *audio;
};

static int set_up(void **state)
{
    static struct tracks tracks;
    tracks.video = shelf_track(TRACK_VIDEO);
    tracks.audio = shelf_track(TRACK_AUDIO);
    *state = &tracks;
    return 0;
}

static int tear_down(void **state)
{
    struct tracks *tracks = *state;
    media_track_unref(tracks->video);
    media_track_unref(tracks->audio);
    return 0;
}

static void pictures_and_sound(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .video = tracks->video,
                      .audio = tracks->audio,
                      .bandwidth = 2876543,
                      .average_bandwidth = 2412345,
                      .milli_fps = 29970,
                      .independent_segments = true,
                  }));
}

static void pictures_alone(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-video-only.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .video = tracks->video,
                      .bandwidth = 2876543,
                      .average_bandwidth = 2412345,
                      .milli_fps = 25000,
                  }));
}

static void sound_alone(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-audio-only.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .audio = tracks->audio,
                      .bandwidth = 140000,
                      .average_bandwidth = 128000,
                      .independent_segments = true,
                  }));
}

static void the_range_follows_from_the_transfer_characteristics(void **state)
{
    struct tracks *tracks = *state;
    static const struct {
        uint8_t transfer;
        const char *text; /* NULL: none */
    } cases[] = {{1, ",VIDEO-RANGE=SDR,"},
                 {16, ",VIDEO-RANGE=PQ,"},
                 {18, ",VIDEO-RANGE=HLG,"},
                 {0, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct track_color color = {.known = cases[i].transfer > 0,
                                          .transfer = cases[i].transfer};
        struct track *video = media_track_with_color(tracks->video, &color);
        struct buf *text = hls_multivariant_render(&(struct multivariant){
            .video = video, .audio = tracks->audio, .milli_fps = 30000});
        char *copy = bytes_to_text(buf_bytes(text));
        if (cases[i].text)
            assert_non_null(strstr(copy, cases[i].text));
        else
            assert_null(strstr(copy, "VIDEO-RANGE"));
        alloc_free(copy);
        buf_unref(text);
        media_track_unref(video);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_sound),
        cmocka_unit_test(pictures_alone),
        cmocka_unit_test(sound_alone),
        cmocka_unit_test(the_range_follows_from_the_transfer_characteristics),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
