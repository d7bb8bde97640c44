/* Recorded publishers of further codecs through an ingest into a packager: when their
 * tracks begin, and when they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/show/ingest.h"
#include "tests/unit/packager/clip.h"
#include "tests/unit/packager/coded/coded.h"

enum { LOOP_MS = 1000, MEDIA_MS = 4000 };

struct run {
    struct packager *packager;
    struct show_ingest *ingest;
    struct err err;
    unsigned n_failed;
};

static int setup(void **state)
{
    static struct run run;
    struct packager_config config = {.part_ms = 334,
                                     .segment_ms = 1000,
                                     .window_ms = 60000,
                                     .first_msn = 1,
                                     .constants.wall_anchor_ms = 1795000000000};
    run = (struct run){.packager = packager_create(&config)};
    run.ingest = show_ingest_create(run.packager, 10000);
    *state = &run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    show_ingest_destroy(run->ingest);
    packager_destroy(run->packager);
    return 0;
}

static int give(struct run *run, const struct rtmp_event *event, int64_t now_ms)
{
    struct packager_event out;
    int failed = show_ingest_event(run->ingest, event, now_ms, &run->err);
    run->n_failed += failed != 0;
    while (packager_next(run->packager, &out))
        if (out.type == PACKAGER_PART_DUE)
            packager_finish_part(run->packager, NULL, 0);
    return failed;
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

static int header_as(struct run *run, const struct coded *coded, enum rtmp_codec codec,
                     uint32_t stamp_ms)
{
    bool is_sound = coded->track->kind == TRACK_AUDIO;
    struct rtmp_event event = {
        .type = is_sound ? RTMP_EVENT_AUDIO_CONFIG : RTMP_EVENT_VIDEO_CONFIG,
        .media = {.codec = codec, .stamp_ms = stamp_ms, .data = coded->record}};
    return give(run, &event, stamp_ms);
}

static void header(struct run *run, const struct coded *coded, uint32_t stamp_ms)
{
    assert_int_equal(header_as(run, coded, told_as(coded->codec), stamp_ms), 0);
}

static void unit_as(struct run *run, const struct coded *coded, size_t i,
                    enum rtmp_codec codec, uint32_t base_ms)
{
    const struct coded_unit *unit = &coded->units[i];
    bool is_sound = coded->track->kind == TRACK_AUDIO;
    struct rtmp_event event = {.type = is_sound ? RTMP_EVENT_AUDIO : RTMP_EVENT_VIDEO,
                               .media = {.codec = codec,
                                         .stamp_ms = base_ms + unit->stamp_ms,
                                         .cts_ms = unit->cts_ms,
                                         .key = unit->key,
                                         .data = unit->data}};
    (void)give(run, &event, base_ms + unit->stamp_ms);
}

/* Both, over and over, in the order of their stamps; sound may be NULL. */
static void media(struct run *run, const struct coded *pictures,
                  const struct coded *sound, uint32_t from_ms, uint32_t to_ms)
{
    for (uint32_t base = from_ms; base < to_ms; base += LOOP_MS) {
        size_t next = 0;
        for (size_t i = 0; i < pictures->n_units; i++) {
            for (; sound && next < sound->n_units &&
                   sound->units[next].stamp_ms <= pictures->units[i].stamp_ms;
                 next++)
                unit_as(run, sound, next, told_as(sound->codec), base);
            unit_as(run, pictures, i, told_as(pictures->codec), base);
        }
    }
}

static unsigned epochs(struct run *run, enum track_kind kind,
                       const struct track **ret_track)
{
    struct snapshot *snapshot = packager_snapshot(run->packager, kind);
    unsigned n = 0;
    const struct segment_epoch *last = NULL;
    for (size_t i = 0; snapshot && i < snapshot->n_segments; i++) {
        n += snapshot->segments[i]->epoch != last;
        last = snapshot->segments[i]->epoch;
    }
    *ret_track = last ? show_ingest_track(run->ingest, kind) : NULL;
    hls_snapshot_unref(snapshot);
    return n;
}

static void check_one_epoch(struct run *run, const char *video, const char *audio)
{
    const struct track *track;
    assert_int_equal(epochs(run, TRACK_VIDEO, &track), 1);
    assert_string_equal(track->codecs, video);
    assert_int_equal(track->width, 66);
    assert_int_equal(epochs(run, TRACK_AUDIO, &track), audio ? 1 : 0);
    if (audio)
        assert_string_equal(track->codecs, audio);
    assert_int_equal(run->n_failed, 0);
}

static void plays(struct run *run, enum track_codec codec, const char *name,
                  const char *codecs)
{
    struct coded *pictures = coded_load(codec, name);
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(run, pictures, 0);
    header(run, sound, 0);
    media(run, pictures, sound, 0, MEDIA_MS);
    check_one_epoch(run, codecs, "opus");
    /* The same headers again change nothing. */
    header(run, pictures, MEDIA_MS);
    header(run, sound, MEDIA_MS);
    media(run, pictures, sound, MEDIA_MS, 2 * MEDIA_MS);
    check_one_epoch(run, codecs, "opus");
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
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_VP9, "vp9");
    header(run, pictures, 0);
    unit_as(run, pictures, 1, RTMP_CODEC_VP9, 0);
    assert_null(show_ingest_track(run->ingest, TRACK_VIDEO));
    unit_as(run, pictures, 10, RTMP_CODEC_VP9, 0);
    assert_int_equal(show_ingest_track(run->ingest, TRACK_VIDEO)->width, 66);
    coded_free(pictures);
}

/* Twice the width in the uncompressed header; what it decodes to is not looked at. */
static void another_size_of_vp9_is_another_epoch(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_VP9, "vp9");
    header(run, pictures, 0);
    media(run, pictures, NULL, 0, MEDIA_MS);
    uint8_t changed[8192];
    struct bytes key = buf_bytes(pictures->units[0].data);
    assert_true(key.len < sizeof changed);
    memcpy(changed, key.data, key.len);
    changed[6] = (uint8_t)(changed[6] + 4); /* 64 more */
    buf_unref(pictures->units[0].data);
    pictures->units[0].data = buf_copy(bytes_make(changed, key.len));
    media(run, pictures, NULL, MEDIA_MS, 2 * MEDIA_MS);
    const struct track *track;
    assert_true(epochs(run, TRACK_VIDEO, &track) > 1);
    assert_int_equal(run->n_failed, 0);
    coded_free(pictures);
}

static void hevc_under_the_number_of_h264_is_hevc(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    assert_int_equal(header_as(run, pictures, RTMP_CODEC_H264, 0), 0);
    for (size_t i = 0; i < pictures->n_units; i++)
        unit_as(run, pictures, i, RTMP_CODEC_H264, 0);
    assert_int_equal(run->n_failed, 0);
    assert_string_equal(show_ingest_track(run->ingest, TRACK_VIDEO)->codecs,
                        "hvc1.1.6.L30.90");
    coded_free(pictures);
}

static void units_of_another_codec_than_the_header_are_dropped(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    struct coded *others = coded_load(TRACK_AV1, "av1");
    header(run, pictures, 0);
    for (size_t i = 0; i < others->n_units; i++)
        unit_as(run, others, i, RTMP_CODEC_AV1, 0);
    assert_int_equal(run->n_failed, 0);
    media(run, pictures, NULL, 0, MEDIA_MS);
    check_one_epoch(run, "hvc1.1.6.L30.90", NULL);
    coded_free(pictures);
    coded_free(others);
}

static void another_codec_is_another_epoch(void **state)
{
    struct run *run = *state;
    struct coded *first = coded_load(TRACK_HEVC, "hevc");
    struct coded *then = coded_load(TRACK_AV1, "av1");
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(run, first, 0);
    header(run, sound, 0);
    media(run, first, sound, 0, MEDIA_MS);
    header(run, then, MEDIA_MS);
    media(run, then, sound, MEDIA_MS, 2 * MEDIA_MS);
    const struct track *track;
    assert_int_equal(epochs(run, TRACK_VIDEO, &track), 2);
    assert_string_equal(track->codecs, "av01.0.00M.08");
    assert_int_equal(epochs(run, TRACK_AUDIO, &track), 2);
    assert_int_equal(run->n_failed, 0);
    coded_free(first);
    coded_free(then);
    coded_free(sound);
}

/* AAC at 44.1 kHz behind Opus: none of it gets into the running epoch. */
static void another_codec_of_sound_waits_for_the_key_frame(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_AV1, "av1");
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    struct clip *clip = clip_load();
    header(run, pictures, 0);
    header(run, sound, 0);
    media(run, pictures, sound, 0, MEDIA_MS);
    struct rtmp_event event = {
        .type = RTMP_EVENT_AUDIO_CONFIG,
        .media = {.codec = RTMP_CODEC_AAC, .data = clip->tracks[TRACK_AUDIO]->config}};
    assert_int_equal(give(run, &event, MEDIA_MS), 0);
    event.type = RTMP_EVENT_AUDIO;
    for (size_t i = 0; i < clip->n_frames; i++) {
        if (clip->frames[i].kind != TRACK_AUDIO)
            continue;
        event.media.stamp_ms = MEDIA_MS + clip->frames[i].stamp_ms;
        event.media.data = clip->frames[i].data;
        assert_int_equal(give(run, &event, event.media.stamp_ms), 0);
        if (i == 20)
            break;
    }
    const struct track *track;
    assert_int_equal(epochs(run, TRACK_AUDIO, &track), 1);
    assert_string_equal(track->codecs, "opus");
    media(run, pictures, NULL, MEDIA_MS + 500, MEDIA_MS + 1500);
    assert_string_equal(show_ingest_track(run->ingest, TRACK_AUDIO)->codecs,
                        "mp4a.40.2");
    assert_int_equal(run->n_failed, 0);
    clip_free(clip);
    coded_free(pictures);
    coded_free(sound);
}

static void tell_color(struct run *run, uint8_t transfer, uint32_t stamp_ms)
{
    struct rtmp_event event = {
        .type = RTMP_EVENT_VIDEO_COLOR,
        .color = {.primaries = 9, .transfer = transfer, .matrix = 9}};
    assert_int_equal(give(run, &event, stamp_ms), 0);
}

static void
colours_are_known_whether_they_come_before_the_header_or_behind(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    tell_color(run, TRACK_TRANSFER_PQ, 0);
    header(run, pictures, 0);
    assert_int_equal(show_ingest_track(run->ingest, TRACK_VIDEO)->color.transfer,
                     TRACK_TRANSFER_PQ);
    tell_color(run, TRACK_TRANSFER_HLG, 0);
    assert_int_equal(show_ingest_track(run->ingest, TRACK_VIDEO)->color.transfer,
                     TRACK_TRANSFER_HLG);
    coded_free(pictures);
}

static void another_colour_is_another_epoch(void **state)
{
    struct run *run = *state;
    struct coded *pictures = coded_load(TRACK_HEVC, "hevc");
    tell_color(run, TRACK_TRANSFER_HLG, 0);
    header(run, pictures, 0);
    media(run, pictures, NULL, 0, MEDIA_MS);
    tell_color(run, TRACK_TRANSFER_HLG, MEDIA_MS); /* repeated: nothing */
    media(run, pictures, NULL, MEDIA_MS, 2 * MEDIA_MS);
    const struct track *track;
    assert_int_equal(epochs(run, TRACK_VIDEO, &track), 1);
    tell_color(run, TRACK_TRANSFER_PQ, 2 * MEDIA_MS);
    media(run, pictures, NULL, 2 * MEDIA_MS, 3 * MEDIA_MS);
    assert_int_equal(epochs(run, TRACK_VIDEO, &track), 2);
    assert_int_equal(track->color.transfer, TRACK_TRANSFER_PQ);
    assert_int_equal(run->n_failed, 0);
    coded_free(pictures);
}

/* Ten frames' worth of 10 ms instead of 20: the first bytes of music at 10 ms. */
static void the_first_packet_tells_how_long_frames_of_opus_are(void **state)
{
    struct run *run = *state;
    struct coded *sound = coded_load(TRACK_OPUS, "opus");
    header(run, sound, 0);
    assert_int_equal(show_ingest_track(run->ingest, TRACK_AUDIO)->frame_samples, 960);
    static const uint8_t short_packet[] = {30 << 3, 1, 2, 3};
    struct buf *data = buf_copy(bytes_make(short_packet, sizeof short_packet));
    struct rtmp_event event = {.type = RTMP_EVENT_AUDIO,
                               .media = {.codec = RTMP_CODEC_OPUS, .data = data}};
    assert_int_equal(give(run, &event, 0), 0);
    assert_int_equal(show_ingest_track(run->ingest, TRACK_AUDIO)->frame_samples, 480);
    buf_unref(data);
    coded_free(sound);
}

/* The recorded pictures and sound as several tracks, by numbers. */
static void track_header(struct run *run, const struct coded *coded, uint8_t track_id,
                         uint32_t stamp_ms)
{
    bool is_sound = coded->track->kind == TRACK_AUDIO;
    struct rtmp_event event = {.type = is_sound ? RTMP_EVENT_AUDIO_CONFIG
                                                : RTMP_EVENT_VIDEO_CONFIG,
                               .media = {.codec = told_as(coded->codec),
                                         .track_id = track_id,
                                         .stamp_ms = stamp_ms,
                                         .data = coded->record}};
    (void)give(run, &event, stamp_ms);
}

/* tracks: of pictures, which have equal stamps; a bit for each number that is sent. */
static void pictures_of(struct run *run, const struct coded *coded, unsigned tracks,
                        uint32_t from_ms, uint32_t to_ms)
{
    for (uint32_t base = from_ms; base < to_ms; base += LOOP_MS)
        for (size_t i = 0; i < coded->n_units; i++)
            for (uint8_t id = 0; id < 8; id++) {
                struct rtmp_event event = {
                    .type = RTMP_EVENT_VIDEO,
                    .media = {.codec = told_as(coded->codec),
                              .track_id = id,
                              .stamp_ms = base + coded->units[i].stamp_ms,
                              .cts_ms = coded->units[i].cts_ms,
                              .data = coded->units[i].data}};
                if (tracks >> id & 1)
                    (void)give(run, &event, event.media.stamp_ms);
            }
}

/* Number of epochs and of parts with media of a rendition. */
static unsigned rendition_epochs(struct run *run, unsigned rendition, size_t *ret_parts)
{
    struct snapshot *snapshot = packager_snapshot(run->packager, rendition);
    unsigned n = 0;
    const struct segment_epoch *last = NULL;
    *ret_parts = 0;
    for (size_t i = 0; snapshot && i < snapshot->n_segments; i++) {
        n += snapshot->segments[i]->epoch != last;
        last = snapshot->segments[i]->epoch;
        for (uint32_t k = 0; k < snapshot->segments[i]->n_parts; k++)
            *ret_parts += snapshot->segments[i]->parts[k]->data != NULL;
    }
    hls_snapshot_unref(snapshot);
    return n;
}

static void several_tracks_are_several_renditions(void **state)
{
    struct run *run = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    track_header(run, coded, 2, 0);
    track_header(run, coded, 0, 0);
    pictures_of(run, coded, 1 << 0 | 1 << 2, 0, MEDIA_MS);
    size_t first, second;
    assert_int_equal(
        rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 0), &first), 1);
    assert_int_equal(
        rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 1), &second), 1);
    assert_true(first > 8);
    assert_true(second + 2 >= first && second <= first);
    assert_int_equal(run->n_failed, 0);
    coded_free(coded);
}

static void
a_track_that_comes_late_begins_with_the_next_key_frame_of_the_first(void **state)
{
    struct run *run = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    size_t parts;
    track_header(run, coded, 0, 0);
    pictures_of(run, coded, 1 << 0, 0, MEDIA_MS);
    track_header(run, coded, 1, MEDIA_MS);
    pictures_of(run, coded, 1 << 0 | 1 << 1, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(
        rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 0), &parts), 2);
    (void)rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 1), &parts);
    assert_true(parts > 8);
    assert_int_equal(run->n_failed, 0);
    coded_free(coded);
}

static void when_the_first_track_ends_the_next_one_leads(void **state)
{
    struct run *run = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    track_header(run, coded, 0, 0);
    track_header(run, coded, 1, 0);
    pictures_of(run, coded, 1 << 0 | 1 << 1, 0, MEDIA_MS);
    size_t before, behind;
    (void)rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 0), &before);
    struct rtmp_event end = {.type = RTMP_EVENT_TRACK_END,
                             .track_end = {.is_video = true, .track_id = 0}};
    assert_int_equal(give(run, &end, MEDIA_MS), 0);
    pictures_of(run, coded, 1 << 1, MEDIA_MS, 2 * MEDIA_MS);
    assert_int_equal(
        rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 0), &behind), 2);
    assert_true(behind > before + 8);
    assert_int_equal(run->n_failed, 0);
    coded_free(coded);
}

static void more_tracks_than_there_are_places_are_left_out(void **state)
{
    struct run *run = *state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    for (uint8_t id = 0; id < 6; id++)
        track_header(run, coded, id, 0);
    assert_int_equal(run->n_failed, 2);
    assert_string_equal(run->err.text, "more than 4 video tracks; track 5 is left out");
    pictures_of(run, coded, 0x3f, 0, MEDIA_MS);
    assert_int_equal(run->n_failed, 2);
    size_t parts;
    assert_int_equal(
        rendition_epochs(run, media_rendition_id_make(TRACK_VIDEO, 3), &parts), 1);
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
        RUN(when_the_first_track_ends_the_next_one_leads),
        RUN(more_tracks_than_there_are_places_are_left_out),
        RUN(the_first_packet_tells_how_long_frames_of_opus_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
