#include "server/rtmp/metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"

static void put_number(struct builder *out, const char *name, double value)
{
    rtmp_amf0_write_name(out, name);
    rtmp_amf0_write_number(out, value);
}

static void put_text(struct builder *out, const char *name, const char *value)
{
    rtmp_amf0_write_name(out, name);
    rtmp_amf0_write_text(out, value);
}

static struct builder begin(void)
{
    struct builder out;
    builder_init(&out, 4096);
    return out;
}

static struct rtmp_metadata read_it(struct builder *out)
{
    struct rtmp_metadata metadata = rtmp_metadata_read(builder_bytes(out));
    builder_finish(out);
    return metadata;
}

static void reads_what_obs_says(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "width", 1920);
    put_number(&out, "height", 1080);
    put_number(&out, "framerate", 60);
    put_number(&out, "videodatarate", 6000);
    put_number(&out, "audiodatarate", 160);
    put_number(&out, "videocodecid", 7);
    put_number(&out, "audiocodecid", 10);
    put_text(&out, "encoder", "obs-output module");
    struct rtmp_metadata metadata = read_it(&out);
    assert_true(metadata.has_audio && metadata.has_video);
    assert_true(metadata.width == 1920 && metadata.height == 1080);
    assert_true(metadata.frame_rate == 60);
    assert_true(metadata.video_kbps == 6000 && metadata.audio_kbps == 160);
    assert_string_equal(metadata.encoder, "obs-output module");
}

static void takes_codec_ids_as_text(void **state)
{
    (void)state;
    struct builder out = begin();
    put_text(&out, "videocodecid", "av01");
    put_text(&out, "audiocodecid", "mp4a");
    struct rtmp_metadata metadata = read_it(&out);
    assert_true(metadata.has_audio && metadata.has_video);
}

static void cameras_announce_tracks_without_codec_ids(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "width", 1920);
    put_number(&out, "height", 1080);
    struct rtmp_metadata metadata = read_it(&out);
    assert_true(metadata.has_video && !metadata.has_audio);
    out = begin();
    put_number(&out, "audiosamplerate", 44100);
    metadata = read_it(&out);
    assert_true(metadata.has_audio && !metadata.has_video);
}

static void begin_object(struct builder *out, const char *name)
{
    rtmp_amf0_write_name(out, name);
    rtmp_amf0_write_object_begin(out);
}

static void put_audio_track(struct builder *out, const char *id, const char *language)
{
    begin_object(out, id);
    put_number(out, "audiodatarate", 128);
    put_text(out, "language", language);
    rtmp_amf0_write_object_end(out);
}

static void counts_tracks_and_tells_their_languages(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "videocodecid", 1635135537);
    put_number(&out, "audiocodecid", 10);
    put_text(&out, "language", "de");
    begin_object(&out, "videoTrackIdInfoMap");
    begin_object(&out, "1");
    rtmp_amf0_write_object_end(&out);
    begin_object(&out, "2");
    rtmp_amf0_write_object_end(&out);
    rtmp_amf0_write_object_end(&out);
    begin_object(&out, "audioTrackIdInfoMap");
    put_audio_track(&out, "1", "zh-Hant-TW");
    put_audio_track(&out, "7", "x\"\nEVIL");
    put_audio_track(&out, "0", "no track of its own");
    put_audio_track(&out, "256", "fr");
    put_audio_track(&out, "x", "fr");
    rtmp_amf0_write_object_end(&out);
    struct rtmp_metadata metadata = read_it(&out);
    assert_int_equal(metadata.n_video_tracks, 3);
    assert_int_equal(metadata.n_audio_tracks, 3);
    assert_string_equal(metadata.audio_tracks[0].language, "de");
    assert_int_equal(metadata.audio_tracks[1].track_id, 1);
    assert_string_equal(metadata.audio_tracks[1].language, "zh-Hant-TW");
    assert_int_equal(metadata.audio_tracks[2].track_id, 7);
    assert_string_equal(metadata.audio_tracks[2].language, "");
}

static void tracks_are_limited(void **state)
{
    (void)state;
    struct builder out = begin();
    begin_object(&out, "audioTrackIdInfoMap");
    for (int i = 0; i < 30; i++)
        put_audio_track(&out, "1", "en");
    rtmp_amf0_write_object_end(&out);
    struct rtmp_metadata metadata = read_it(&out);
    assert_int_equal(metadata.n_audio_tracks, RTMP_METADATA_TRACKS_MAX);
}

static void codec_id_zero_announces_nothing(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "videocodecid", 0);
    put_text(&out, "audiocodecid", "");
    struct rtmp_metadata metadata = read_it(&out);
    assert_false(metadata.has_audio || metadata.has_video);
}

static void numbers_that_are_none_are_left_away(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "width", -1);
    put_number(&out, "height", 1.0 / 0.0);
    put_text(&out, "framerate", "30");
    put_number(&out, "videodatarate", 1e27);
    put_number(&out, "audiodatarate", 0.0 / 0.0);
    struct rtmp_metadata metadata = read_it(&out);
    assert_true(metadata.width == 0 && metadata.height == 0 &&
                metadata.frame_rate == 0);
}

static void what_precedes_broken_bytes_is_kept(void **state)
{
    (void)state;
    struct builder out = begin();
    put_number(&out, "width", 640);
    builder_u8(&out, 0xff);
    assert_true(read_it(&out).width == 640);
}

static void the_encoders_name_is_printable_and_short(void **state)
{
    (void)state;
    char out[5];
    rtmp_metadata_printable(bytes_text("a\n\x1b\x80z1234"), out, sizeof out);
    assert_string_equal(out, "az12");
    rtmp_metadata_printable(bytes_text(""), out, sizeof out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_obs_says),
        cmocka_unit_test(takes_codec_ids_as_text),
        cmocka_unit_test(cameras_announce_tracks_without_codec_ids),
        cmocka_unit_test(counts_tracks_and_tells_their_languages),
        cmocka_unit_test(tracks_are_limited),
        cmocka_unit_test(codec_id_zero_announces_nothing),
        cmocka_unit_test(numbers_that_are_none_are_left_away),
        cmocka_unit_test(what_precedes_broken_bytes_is_kept),
        cmocka_unit_test(the_encoders_name_is_printable_and_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
