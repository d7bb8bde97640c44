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

static struct multivariant_video video_of(struct track *track, unsigned index,
                                          uint64_t bandwidth, uint32_t milli_fps)
{
    return (struct multivariant_video){
        .track = track,
        .rendition = media_rendition_id_make(TRACK_VIDEO, index),
        .bandwidth = bandwidth,
        .average_bandwidth = bandwidth - 464198,
        .milli_fps = milli_fps,
    };
}

static struct multivariant_audio audio_of(struct track *track, unsigned index,
                                          const char *language, const char *name)
{
    return (struct multivariant_audio){
        .track = track,
        .rendition = media_rendition_id_make(TRACK_AUDIO, index),
        .bandwidth = 140000,
        .average_bandwidth = 128000,
        .language = language,
        .name = name,
    };
}

static void pictures_and_sound(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .n_videos = 1,
                      .n_audios = 1,
                      .videos = {video_of(tracks->video, 0, 2876543, 29970)},
                      .audios = {audio_of(tracks->audio, 0, "", "")},
                      .independent_segments = true,
                  }));
}

static void pictures_alone(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-video-only.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .n_videos = 1,
                      .videos = {video_of(tracks->video, 0, 2876543, 25000)},
                  }));
}

static void sound_alone(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-audio-only.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .n_audios = 1,
                      .audios = {audio_of(tracks->audio, 0, "", "")},
                      .independent_segments = true,
                  }));
}

static void a_ladder_and_languages(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-ladder.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .n_videos = 3,
                      .n_audios = 3,
                      .videos = {video_of(tracks->video, 0, 6876543, 60000),
                                 video_of(tracks->video, 1, 2876543, 30000),
                                 video_of(tracks->video, 3, 876543, 0)},
                      .audios = {audio_of(tracks->audio, 0, "de", "Deutsch"),
                                 audio_of(tracks->audio, 1, "en", ""),
                                 audio_of(tracks->audio, 2, "", "")},
                      .independent_segments = true,
                  }));
}

static void sound_alone_in_languages(void **state)
{
    struct tracks *tracks = *state;
    assert_golden("hls/multivariant-audio-languages.m3u8",
                  hls_multivariant_render(&(struct multivariant){
                      .n_audios = 2,
                      .audios = {audio_of(tracks->audio, 0, "de", ""),
                                 audio_of(tracks->audio, 1, "de", "")},
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
        struct buf *text = hls_multivariant_render(
            &(struct multivariant){.n_videos = 1,
                                   .n_audios = 1,
                                   .videos = {video_of(video, 0, 2876543, 30000)},
                                   .audios = {audio_of(tracks->audio, 0, "", "")}});
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
        cmocka_unit_test(a_ladder_and_languages),
        cmocka_unit_test(sound_alone_in_languages),
        cmocka_unit_test(the_range_follows_from_the_transfer_characteristics),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
