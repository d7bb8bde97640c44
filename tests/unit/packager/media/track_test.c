#include "packager/media/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/unit/packager/clip.h"

static const uint8_t lc_stereo[] = {0x12, 0x10};
static const uint8_t lc_mono[] = {0x12, 0x08};
static const uint8_t he_stereo[] = {0x2b, 0x11, 0x88, 0x00};

static struct track *make(enum track_codec codec, const uint8_t *config, size_t len)
{
    struct buf *buf = buf_copy(bytes_make(config, len));
    struct track *track = NULL;
    assert_int_equal(media_track_create(codec, buf, &track, NULL), 0);
    buf_unref(buf); /* the track has one of its own */
    return track;
}

static void video_says_what_a_playlist_needs(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    const struct track *track = clip->tracks[TRACK_VIDEO];
    assert_int_equal(track->kind, TRACK_VIDEO);
    assert_int_equal(track->timescale, 90000);
    assert_string_equal(track->codecs, "avc1.64000a");
    assert_int_equal(track->width, 64);
    assert_int_equal(track->height, 36);
    assert_int_equal(track->nal_length_size, 4);
    assert_int_equal((uint64_t)track->rate_num * 1001,
                     (uint64_t)track->rate_den * 30000);
    clip_free(clip);
}

static void audio_says_what_a_playlist_needs(void **state)
{
    (void)state;
    struct track *track = make(TRACK_AAC, lc_stereo, sizeof lc_stereo);
    assert_int_equal(track->kind, TRACK_AUDIO);
    assert_int_equal(track->timescale, 44100);
    assert_int_equal(track->sample_rate, 44100);
    assert_int_equal(track->channels, 2);
    assert_int_equal(track->frame_samples, 1024);
    assert_string_equal(track->codecs, "mp4a.40.2");
    media_track_unref(track);
    track = make(TRACK_AAC, he_stereo, sizeof he_stereo);
    assert_int_equal(track->timescale, 48000);
    assert_string_equal(track->codecs, "mp4a.40.5");
    media_track_unref(track);
}

static void refuses_what_cannot_be_read_and_keeps_nothing(void **state)
{
    (void)state;
    struct track *track = NULL;
    struct err err = {0};
    assert_int_equal(media_track_create(TRACK_AAC, NULL, &track, &err), -ERR_MEDIA);
    assert_int_equal(media_track_create(TRACK_H264, NULL, &track, &err), -ERR_MEDIA);
    struct buf *config = buf_copy(bytes_text("\x01\x64"));
    assert_int_equal(media_track_create(TRACK_H264, config, &track, &err), -ERR_MEDIA);
    assert_null(track);
    assert_true(strlen(err.text) > 0);
    buf_unref(config);
}

static void is_counted(void **state)
{
    (void)state;
    struct track *track = make(TRACK_AAC, lc_stereo, sizeof lc_stereo);
    assert_ptr_equal(media_track_ref(track), track);
    media_track_unref(track);
    assert_string_equal(track->codecs, "mp4a.40.2"); /* still there */
    media_track_unref(track);
    media_track_unref(NULL);
    assert_null(media_track_ref(NULL));
}

static void equal_means_codec_and_every_byte(void **state)
{
    (void)state;
    struct track *a = make(TRACK_AAC, lc_stereo, sizeof lc_stereo);
    struct track *b = make(TRACK_AAC, lc_stereo, sizeof lc_stereo);
    struct track *c = make(TRACK_AAC, lc_mono, sizeof lc_mono);
    assert_true(media_track_equal(a, b));
    assert_false(media_track_equal(a, c));
    media_track_unref(a);
    media_track_unref(b);
    media_track_unref(c);
}

static void other_colour_size_or_frame_make_a_copy(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    const struct track *track = clip->tracks[TRACK_VIDEO];
    struct track_color pq = {
        .known = true, .primaries = 9, .transfer = 16, .matrix = 9};
    struct track *colored = media_track_with_color(track, &pq);
    assert_false(media_track_equal(track, colored));
    assert_ptr_equal(colored->config, track->config);
    pq.has_mastering = true;
    struct track *mastered = media_track_with_color(track, &pq);
    assert_false(media_track_equal(colored, mastered));
    pq.mastering_xy[3][1] = 16450;
    struct track *other = media_track_with_color(track, &pq);
    assert_false(media_track_equal(other, mastered));
    struct track *again = media_track_with_color(track, &pq);
    assert_true(media_track_equal(other, again));
    struct track *large = media_track_with_size(track, 1920, 1080);
    assert_false(media_track_equal(track, large));
    assert_int_equal(large->width, 1920);
    /* Frames of other lengths make no other initialisation section. */
    struct track *framed = media_track_with_frame(clip->tracks[TRACK_AUDIO], 960);
    assert_int_equal(framed->frame_samples, 960);
    assert_true(media_track_equal(clip->tracks[TRACK_AUDIO], framed));
    struct track *made[] = {colored, mastered, other, again, large, framed};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        media_track_unref(made[i]);
    clip_free(clip);
}

static void pictures_without_a_size_are_not_complete(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    assert_true(media_track_is_complete(clip->tracks[TRACK_VIDEO]));
    assert_true(media_track_is_complete(clip->tracks[TRACK_AUDIO]));
    struct track *unknown = media_track_with_size(clip->tracks[TRACK_VIDEO], 0, 0);
    assert_false(media_track_is_complete(unknown));
    media_track_unref(unknown);
    clip_free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(video_says_what_a_playlist_needs),
        cmocka_unit_test(audio_says_what_a_playlist_needs),
        cmocka_unit_test(refuses_what_cannot_be_read_and_keeps_nothing),
        cmocka_unit_test(is_counted),
        cmocka_unit_test(equal_means_codec_and_every_byte),
        cmocka_unit_test(other_colour_size_or_frame_make_a_copy),
        cmocka_unit_test(pictures_without_a_size_are_not_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
