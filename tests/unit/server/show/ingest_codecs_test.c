/* Recorded publishers of further codecs through an ingest into a packager: when their
 * tracks begin, and when they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/packager/clip.h"
#include "tests/unit/packager/coded/coded.h"
#include "tests/unit/server/show/inlet.h"

enum { LOOP_MS = 1000, MEDIA_MS = 4000 };

static int setup(void **state)
{
    static struct inlet in;
    in = inlet_open();
    *state = &in;
    return 0;
}

static int teardown(void **state)
{
    inlet_close(*state);
    return 0;
}

static enum rtmp_codec told_as(enum track_codec codec)
{
    static const enum rtmp_codec codecs[] = {
        [TRACK_H264] = RTMP_CODEC_H264, [TRACK_HEVC] = RTMP_CODEC_HEVC,
        [TRACK_AV1] = RTMP_CODEC_AV1,   [TRACK_VP9] = RTMP_CODEC_VP9,
        [TRACK_AAC] = RTMP_CODEC_AAC,   [TRACK_OPUS] = RTMP_CODEC_OPUS,
    };
    return codecs[codec];
}

/* media: what is said beside the record. */
static int tell_header(struct inlet *in, const struct coded *coded,
                       struct rtmp_media media)
{
    bool is_sound = coded->track->kind == TRACK_AUDIO;
    media.data = coded->record;
    struct rtmp_event event = {.type = is_sound ? RTMP_EVENT_AUDIO_CONFIG
                                                : RTMP_EVENT_VIDEO_CONFIG,
                               .media = media};
    return inlet_give(in, &event, media.stamp_ms);
}

static int header_as(struct inlet *in, const struct coded *coded, enum rtmp_codec codec,
                     uint32_t stamp_ms)
{
    return tell_header(in, coded,
                       (struct rtmp_media){.codec = codec, .stamp_ms = stamp_ms});
}

static void header(struct inlet *in, const struct coded *coded, uint32_t stamp_ms)
{
    assert_int_equal(header_as(in, coded, told_as(coded->codec), stamp_ms), 0);
}

/* media: what is said beside the unit, and what its stamp begins from. */
static void tell_unit(struct inlet *in, const struct coded *coded, size_t i,
                      struct rtmp_media media)
{
    const struct coded_unit *unit = &coded->units[i];
    bool is_sound = coded->track->kind == TRACK_AUDIO;
    media.stamp_ms += unit->stamp_ms;
    media.cts_ms = unit->cts_ms;
    media.key = unit->key;
    media.data = unit->data;
    struct rtmp_event event = {.type = is_sound ? RTMP_EVENT_AUDIO : RTMP_EVENT_VIDEO,
                               .media = media};
    (void)inlet_give(in, &event, media.stamp_ms);
}

static void unit_as(struct inlet *in, const struct coded *coded, size_t i,
                    enum rtmp_codec codec, uint32_t base_ms)
{
    tell_unit(in, coded, i, (struct rtmp_media){.codec = codec, .stamp_ms = base_ms});
}

/* Both, over and over, in the order of their stamps; sound may be NULL. */
static void media(struct inlet *in, const struct coded *pictures,
                  const struct coded *sound, uint32_t from_ms, uint32_t to_ms)
{
    for (uint32_t base = from_ms; base < to_ms; base += LOOP_MS) {
        size_t next = 0;
        for (size_t i = 0; i < pictures->n_units; i++) {
            for (; sound && next < sound->n_units &&
                   sound->units[next].stamp_ms <= pictures->units[i].stamp_ms;
                 next++)
                unit_as(in, sound, next, told_as(sound->codec), base);
            unit_as(in, pictures, i, told_as(pictures->codec), base);
        }
    }
}

static void check_one_epoch(struct inlet *in, const char *video, const char *audio)
{
    assert_int_equal(inlet_epochs(in, TRACK_VIDEO), 1);
    assert_string_equal(inlet_track(in, TRACK_VIDEO)->codecs, video);
    assert_int_equal(inlet_track(in, TRACK_VIDEO)->width, 66);
    assert_int_equal(inlet_epochs(in, TRACK_AUDIO), audio ? 1 : 0);
    if (audio)
        assert_string_equal(inlet_track(in, TRACK_AUDIO)->codecs, audio);
    assert_int_equal(in->n_failed, 0);
}

static void plays(struct inlet *in, enum track_codec codec, const char *name,
                  const char *codecs)
{
    struct coded *pictures = coded_load(codec, name);
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(in, pictures, 0);
    header(in, sound, 0);
    media(in, pictures, sound, 0, MEDIA_MS);
    check_one_epoch(in, codecs, "opus");
    /* The same headers again change nothing. */
    header(in, pictures, MEDIA_MS);
    header(in, sound, MEDIA_MS);
    media(in, pictures, sound, MEDIA_MS, 2 * MEDIA_MS);
    check_one_epoch(in, codecs, "opus");
    coded_free(pictures);
    coded_free(sound);
}

static void plays_hevc_and_opus(void **state)
{
    plays(*state, TRACK_HEVC, "hevc", "hvc1.1.6.L30.90");
}

static void plays_av1_and_opus(void **state)
{
    plays(*state, TRACK_AV1, "av1", "av01.0.00M.08");
}

static void plays_vp9_and_opus(void **state)
{
    plays(*state, TRACK_VP9, "vp9", "vp09.00.10.08");
}

static void vp9_begins_with_the_key_frame_that_tells_its_size(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_VP9, "vp9");
    header(in, pictures, 0);
    unit_as(in, pictures, 1, RTMP_CODEC_VP9, 0);
    assert_null(inlet_track(in, TRACK_VIDEO));
    unit_as(in, pictures, 10, RTMP_CODEC_VP9, 0);
    assert_int_equal(inlet_track(in, TRACK_VIDEO)->width, 66);
    coded_free(pictures);
}

/* Twice the width in the uncompressed header; what it decodes to is not looked at. */
static void another_size_of_vp9_is_another_epoch(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_VP9, "vp9");
    header(in, pictures, 0);
    media(in, pictures, NULL, 0, MEDIA_MS);
    uint8_t changed[8192];
    struct bytes key = buf_bytes(pictures->units[0].data);
    assert_true(key.len < sizeof changed);
    memcpy(changed, key.data, key.len);
    changed[6] = (uint8_t)(changed[6] + 4); /* 64 more */
    buf_unref(pictures->units[0].data);
    pictures->units[0].data = buf_copy(bytes_make(changed, key.len));
    media(in, pictures, NULL, MEDIA_MS, 2 * MEDIA_MS);
    assert_true(inlet_epochs(in, TRACK_VIDEO) > 1);
    assert_int_equal(in->n_failed, 0);
    coded_free(pictures);
}

static void hevc_under_the_number_of_h264_is_hevc(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    assert_int_equal(header_as(in, pictures, RTMP_CODEC_H264, 0), 0);
    for (size_t i = 0; i < pictures->n_units; i++)
        unit_as(in, pictures, i, RTMP_CODEC_H264, 0);
    assert_int_equal(in->n_failed, 0);
    assert_string_equal(inlet_track(in, TRACK_VIDEO)->codecs, "hvc1.1.6.L30.90");
    coded_free(pictures);
}

static void units_of_another_codec_than_the_header_are_dropped(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    struct coded *others = coded_load(TRACK_AV1, "av1");
    header(in, pictures, 0);
    for (size_t i = 0; i < others->n_units; i++)
        unit_as(in, others, i, RTMP_CODEC_AV1, 0);
    assert_int_equal(in->n_failed, 0);
    media(in, pictures, NULL, 0, MEDIA_MS);
    check_one_epoch(in, "hvc1.1.6.L30.90", NULL);
    coded_free(pictures);
    coded_free(others);
}

static void another_codec_is_another_epoch(void **state)
{
    struct inlet *in = *state;
    struct coded *first = coded_load(TRACK_HEVC, "hevc");
    struct coded *then = coded_load(TRACK_AV1, "av1");
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(in, first, 0);
    header(in, sound, 0);
    media(in, first, sound, 0, MEDIA_MS);
    header(in, then, MEDIA_MS);
    media(in, then, sound, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(inlet_epochs(in, TRACK_VIDEO), 2);
    assert_string_equal(inlet_track(in, TRACK_VIDEO)->codecs, "av01.0.00M.08");
    assert_int_equal(inlet_epochs(in, TRACK_AUDIO), 2);
    assert_int_equal(in->n_failed, 0);
    coded_free(first);
    coded_free(then);
    coded_free(sound);
}

/* AAC at 44.1 kHz behind Opus: none of it gets into the running epoch. */
static void another_codec_of_sound_waits_for_the_key_frame(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_AV1, "av1");
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    struct clip *clip = clip_load();
    header(in, pictures, 0);
    header(in, sound, 0);
    media(in, pictures, sound, 0, MEDIA_MS);
    struct rtmp_event event = {
        .type = RTMP_EVENT_AUDIO_CONFIG,
        .media = {.codec = RTMP_CODEC_AAC, .data = clip->tracks[TRACK_AUDIO]->config}};
    assert_int_equal(inlet_give(in, &event, MEDIA_MS), 0);
    event.type = RTMP_EVENT_AUDIO;
    for (size_t i = 0; i < clip->n_frames; i++) {
        if (clip->frames[i].kind != TRACK_AUDIO)
            continue;
        event.media.stamp_ms = MEDIA_MS + clip->frames[i].stamp_ms;
        event.media.data = clip->frames[i].data;
        assert_int_equal(inlet_give(in, &event, event.media.stamp_ms), 0);
        if (i == 20)
            break;
    }
    assert_int_equal(inlet_epochs(in, TRACK_AUDIO), 1);
    assert_string_equal(inlet_track(in, TRACK_AUDIO)->codecs, "opus");
    media(in, pictures, NULL, MEDIA_MS + 500, MEDIA_MS + 1500);
    assert_string_equal(inlet_track(in, TRACK_AUDIO)->codecs, "mp4a.40.2");
    assert_int_equal(in->n_failed, 0);
    clip_free(clip);
    coded_free(pictures);
    coded_free(sound);
}

static void tell_color(struct inlet *in, uint8_t transfer, uint32_t stamp_ms)
{
    struct rtmp_event event = {
        .type = RTMP_EVENT_VIDEO_COLOR,
        .color = {.primaries = 9, .transfer = transfer, .matrix = 9}};
    assert_int_equal(inlet_give(in, &event, stamp_ms), 0);
}

static void
colours_are_known_whether_they_come_before_the_header_or_behind(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    tell_color(in, TRACK_TRANSFER_PQ, 0);
    header(in, pictures, 0);
    assert_int_equal(inlet_track(in, TRACK_VIDEO)->color.transfer, TRACK_TRANSFER_PQ);
    tell_color(in, TRACK_TRANSFER_HLG, 0);
    assert_int_equal(inlet_track(in, TRACK_VIDEO)->color.transfer, TRACK_TRANSFER_HLG);
    coded_free(pictures);
}

static void another_colour_is_another_epoch(void **state)
{
    struct inlet *in = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    tell_color(in, TRACK_TRANSFER_HLG, 0);
    header(in, pictures, 0);
    media(in, pictures, NULL, 0, MEDIA_MS);
    tell_color(in, TRACK_TRANSFER_HLG, MEDIA_MS); /* repeated: nothing */
    media(in, pictures, NULL, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(inlet_epochs(in, TRACK_VIDEO), 1);
    tell_color(in, TRACK_TRANSFER_PQ, 2 * MEDIA_MS);
    media(in, pictures, NULL, 2 * MEDIA_MS, 3 * MEDIA_MS);
    assert_int_equal(inlet_epochs(in, TRACK_VIDEO), 2);
    assert_int_equal(inlet_track(in, TRACK_VIDEO)->color.transfer, TRACK_TRANSFER_PQ);
    assert_int_equal(in->n_failed, 0);
    coded_free(pictures);
}

/* Ten frames' worth of 10 ms instead of 20: the first bytes of music at 10 ms. */
static void the_first_packet_tells_how_long_frames_of_opus_are(void **state)
{
    struct inlet *in = *state;
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(in, sound, 0);
    assert_int_equal(inlet_track(in, TRACK_AUDIO)->frame_samples, 960);
    static const uint8_t short_packet[] = {30 << 3, 1, 2, 3};
    struct buf *data = buf_copy(bytes_make(short_packet, sizeof short_packet));
    struct rtmp_event event = {.type = RTMP_EVENT_AUDIO,
                               .media = {.codec = RTMP_CODEC_OPUS, .data = data}};
    assert_int_equal(inlet_give(in, &event, 0), 0);
    assert_int_equal(inlet_track(in, TRACK_AUDIO)->frame_samples, 480);
    buf_unref(data);
    coded_free(sound);
}

/* The recorded pictures and sound as several tracks, by numbers. */
static void track_header(struct inlet *in, const struct coded *coded, uint8_t track_id,
                         uint32_t stamp_ms)
{
    (void)tell_header(in, coded,
                      (struct rtmp_media){.codec = told_as(coded->codec),
                                          .track_id = track_id,
                                          .stamp_ms = stamp_ms});
}

/* tracks: of pictures, which have equal stamps; a bit for each number that is sent. */
static void pictures_of(struct inlet *in, const struct coded *coded, unsigned tracks,
                        uint32_t from_ms, uint32_t to_ms)
{
    for (uint32_t base = from_ms; base < to_ms; base += LOOP_MS)
        for (size_t i = 0; i < coded->n_units; i++)
            for (uint8_t id = 0; id < 8; id++)
                if (tracks >> id & 1)
                    tell_unit(in, coded, i,
                              (struct rtmp_media){.codec = told_as(coded->codec),
                                                  .track_id = id,
                                                  .stamp_ms = base});
}

static unsigned pictures_id(unsigned index)
{
    return media_rendition_id_make(TRACK_VIDEO, index);
}

static void several_tracks_are_several_renditions(void **state)
{
    struct inlet *in = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    track_header(in, coded, 2, 0);
    track_header(in, coded, 0, 0);
    pictures_of(in, coded, 1 << 0 | 1 << 2, 0, MEDIA_MS);
    assert_int_equal(inlet_epochs(in, pictures_id(0)), 1);
    size_t first = inlet_parts(in, pictures_id(0));
    assert_int_equal(inlet_epochs(in, pictures_id(1)), 1);
    size_t second = inlet_parts(in, pictures_id(1));
    assert_true(first > 8);
    assert_true(second + 2 >= first && second <= first);
    assert_int_equal(in->n_failed, 0);
    coded_free(coded);
}

static void
a_track_that_comes_late_begins_with_the_next_key_frame_of_the_first(void **state)
{
    struct inlet *in = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    track_header(in, coded, 0, 0);
    pictures_of(in, coded, 1 << 0, 0, MEDIA_MS);
    track_header(in, coded, 1, MEDIA_MS);
    pictures_of(in, coded, 1 << 0 | 1 << 1, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(inlet_epochs(in, pictures_id(0)), 2);
    size_t parts = inlet_parts(in, pictures_id(1));
    assert_true(parts > 8);
    assert_int_equal(in->n_failed, 0);
    coded_free(coded);
}

static bool is_led_by(const struct inlet *in, enum rtmp_event_type type,
                      uint8_t track_id)
{
    struct rtmp_event event = {.type = type, .media.track_id = track_id};
    return show_ingest_is_led_by(in->ingest, &event);
}

static void the_lowest_track_with_a_header_leads_and_the_first_without(void **state)
{
    struct inlet *in = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    assert_true(is_led_by(in, RTMP_EVENT_VIDEO, 0));
    assert_false(is_led_by(in, RTMP_EVENT_VIDEO, 2));
    track_header(in, coded, 2, 0);
    assert_false(is_led_by(in, RTMP_EVENT_VIDEO, 0));
    assert_true(is_led_by(in, RTMP_EVENT_VIDEO, 2));
    assert_true(is_led_by(in, RTMP_EVENT_AUDIO, 0));
    track_header(in, coded, 1, 0);
    assert_true(is_led_by(in, RTMP_EVENT_VIDEO, 1));
    assert_false(is_led_by(in, RTMP_EVENT_VIDEO, 2));
    assert_false(is_led_by(in, RTMP_EVENT_DATA, 0));
    coded_free(coded);
}

static void when_the_first_track_ends_the_next_one_leads(void **state)
{
    struct inlet *in = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    track_header(in, coded, 0, 0);
    track_header(in, coded, 1, 0);
    pictures_of(in, coded, 1 << 0 | 1 << 1, 0, MEDIA_MS);
    size_t before = inlet_parts(in, pictures_id(0));
    struct rtmp_event end = {.type = RTMP_EVENT_TRACK_END,
                             .track_end = {.is_video = true, .track_id = 0}};
    assert_true(is_led_by(in, RTMP_EVENT_VIDEO, 0));
    assert_int_equal(inlet_give(in, &end, MEDIA_MS), 0);
    assert_true(is_led_by(in, RTMP_EVENT_VIDEO, 1));
    pictures_of(in, coded, 1 << 1, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(inlet_epochs(in, pictures_id(0)), 2);
    size_t behind = inlet_parts(in, pictures_id(0));
    assert_true(behind > before + 8);
    assert_int_equal(in->n_failed, 0);
    coded_free(coded);
}

static void more_tracks_than_there_are_places_are_left_out(void **state)
{
    struct inlet *in = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    for (uint8_t id = 0; id < 6; id++)
        track_header(in, coded, id, 0);
    assert_int_equal(in->n_failed, 2);
    assert_string_equal(in->err.text, "more than 4 video tracks; track 5 is left out");
    pictures_of(in, coded, 0x3f, 0, MEDIA_MS);
    assert_int_equal(in->n_failed, 2);
    assert_int_equal(inlet_epochs(in, pictures_id(3)), 1);
    coded_free(coded);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(plays_hevc_and_opus),
        RUN(plays_av1_and_opus),
        RUN(plays_vp9_and_opus),
        RUN(vp9_begins_with_the_key_frame_that_tells_its_size),
        RUN(another_size_of_vp9_is_another_epoch),
        RUN(hevc_under_the_number_of_h264_is_hevc),
        RUN(units_of_another_codec_than_the_header_are_dropped),
        RUN(another_codec_is_another_epoch),
        RUN(another_codec_of_sound_waits_for_the_key_frame),
        RUN(colours_are_known_whether_they_come_before_the_header_or_behind),
        RUN(another_colour_is_another_epoch),
        RUN(several_tracks_are_several_renditions),
        RUN(a_track_that_comes_late_begins_with_the_next_key_frame_of_the_first),
        RUN(the_lowest_track_with_a_header_leads_and_the_first_without),
        RUN(when_the_first_track_ends_the_next_one_leads),
        RUN(more_tracks_than_there_are_places_are_left_out),
        RUN(the_first_packet_tells_how_long_frames_of_opus_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
