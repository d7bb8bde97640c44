/* The clip's messages through an ingest into a packager: which tracks the playlists have,
 * and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "tests/unit/packager/clip.h"
#include "tests/unit/server/show/inlet.h"

enum { LOOP_MS = 3003 };

struct run {
    struct inlet in;
    struct clip *clip;
    size_t next;
    uint32_t round_ms;
    bool no_video, no_audio;
    uint32_t hurry; /* how many times faster than time it comes; 0: as fast */
};

static int setup(void **state)
{
    static struct run run;
    run = (struct run){.in = inlet_open(), .clip = clip_load()};
    *state = &run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    inlet_close(&run->in);
    clip_free(run->clip);
    return 0;
}

static int give(struct run *run, enum rtmp_event_type type, struct rtmp_media media)
{
    struct rtmp_event event = {.type = type, .media = media};
    return inlet_give(&run->in, &event,
                      media.stamp_ms / (run->hurry > 0 ? run->hurry : 1));
}

static void metadata(struct run *run, bool has_video, bool has_audio)
{
    struct rtmp_event event = {
        .type = RTMP_EVENT_METADATA,
        .metadata = {.has_video = has_video, .has_audio = has_audio}};
    assert_int_equal(inlet_give(&run->in, &event, 0), 0);
}

static int header_of(struct run *run, enum track_kind kind, struct buf *config)
{
    bool is_video = kind == TRACK_VIDEO;
    return give(
        run, is_video ? RTMP_EVENT_VIDEO_CONFIG : RTMP_EVENT_AUDIO_CONFIG,
        (struct rtmp_media){.codec = is_video ? RTMP_CODEC_H264 : RTMP_CODEC_AAC,
                            .stamp_ms = run->round_ms,
                            .data = config});
}

static void header(struct run *run, enum track_kind kind)
{
    assert_int_equal(header_of(run, kind, run->clip->tracks[kind]->config), 0);
}

static void headers(struct run *run)
{
    header(run, TRACK_VIDEO);
    header(run, TRACK_AUDIO);
}

static void frame(struct run *run, const struct clip_frame *frame)
{
    bool is_video = frame->kind == TRACK_VIDEO;
    (void)give(run, is_video ? RTMP_EVENT_VIDEO : RTMP_EVENT_AUDIO,
               (struct rtmp_media){.codec = is_video ? RTMP_CODEC_H264 : RTMP_CODEC_AAC,
                                   .stamp_ms = frame->stamp_ms,
                                   .cts_ms = frame->cts_ms,
                                   .key = frame->key,
                                   .data = frame->data});
}

/* Frames of the clip, over and over, up to a stamp. */
static void media_until(struct run *run, uint32_t ms)
{
    for (;;) {
        struct clip_frame next = run->clip->frames[run->next];
        next.stamp_ms += run->round_ms;
        if (next.stamp_ms >= ms)
            return;
        if (!(next.kind == TRACK_VIDEO ? run->no_video : run->no_audio))
            frame(run, &next);
        if (++run->next == run->clip->n_frames) {
            run->next = 0;
            run->round_ms += LOOP_MS;
        }
    }
}

/* The epochs that the renditions have; 0: there is none. */
static void assert_epochs(struct run *run, unsigned video, unsigned audio)
{
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), video);
    assert_int_equal(inlet_epochs(&run->in, TRACK_AUDIO), audio);
}

/* And nothing failed. */
static void assert_well(struct run *run, unsigned video, unsigned audio)
{
    assert_int_equal(run->in.n_failed, 0);
    assert_epochs(run, video, audio);
}

static void makes_both_renditions_of_both_tracks(void **state)
{
    struct run *run = *state;
    headers(run);
    media_until(run, 3500);
    assert_well(run, 1, 1);
    assert_string_equal(inlet_track(&run->in, TRACK_VIDEO)->codecs,
                        run->clip->tracks[TRACK_VIDEO]->codecs);
    assert_non_null(inlet_track(&run->in, TRACK_AUDIO));
}

static void drops_quietly_what_comes_before_the_headers(void **state)
{
    struct run *run = *state;
    media_until(run, 900);
    assert_int_equal(run->in.n_failed, 0);
    headers(run);
    media_until(run, 5000);
    assert_well(run, 1, 1);
}

/* Sound that comes within the wait is there from the start. */
static void waits_half_a_second_of_media_for_the_other_track(void **state)
{
    struct run *run = *state;
    header(run, TRACK_VIDEO);
    media_until(run, 400);
    header(run, TRACK_AUDIO);
    media_until(run, 5000);
    assert_well(run, 1, 1);
}

/* By the stamps, and not longer: the pictures are wanted. */
static void waits_for_half_a_second_and_not_longer(void **state)
{
    struct run *run = *state;
    metadata(run, true, true);
    run->no_audio = true;
    header(run, TRACK_VIDEO);
    media_until(run, 490);
    assert_int_equal(packager_newest_time(run->in.packager), 0);
    media_until(run, 560);
    assert_true(packager_newest_time(run->in.packager) > 0);
}

static void tells_the_language_of_the_sound(void **state)
{
    struct run *run = *state;
    struct rtmp_event event = {
        .type = RTMP_EVENT_METADATA,
        .metadata = {.has_video = true,
                     .has_audio = true,
                     .n_audio_tracks = 1,
                     .audio_tracks = {{.track_id = 0, .language = "pt-BR"}}}};
    assert_int_equal(inlet_give(&run->in, &event, 0), 0);
    headers(run);
    media_until(run, 4000);
    struct buf *list = packager_multivariant(run->in.packager);
    assert_non_null(list);
    struct bytes text = buf_bytes(list);
    assert_non_null(memmem(text.data, text.len, "LANGUAGE=\"pt-BR\"", 16));
    buf_unref(list);
}

static void begins_without_a_track_that_does_not_come(void **state)
{
    struct run *run = *state;
    metadata(run, true, true);
    run->no_audio = true;
    header(run, TRACK_VIDEO);
    media_until(run, 5000);
    assert_well(run, 1, 0);
}

static void does_not_wait_for_a_track_that_was_not_announced(void **state)
{
    struct run *run = *state;
    metadata(run, true, false);
    run->no_audio = true;
    header(run, TRACK_VIDEO);
    frame(run, &run->clip->frames[0]);
    /* It runs, and nothing was shown: with the sound it is begun anew. */
    header(run, TRACK_AUDIO);
    run->no_audio = false;
    media_until(run, 6000);
    assert_well(run, 1, 1);
}

static void opens_a_new_epoch_for_sound_that_comes_late(void **state)
{
    struct run *run = *state;
    metadata(run, true, false);
    run->no_audio = true;
    header(run, TRACK_VIDEO);
    media_until(run, 4000);
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), 1);
    header(run, TRACK_AUDIO);
    run->no_audio = false;
    media_until(run, 10000);
    assert_well(run, 2, 1);
}

/* Stamps of two tracks interleave, and one before the first is not ages after it. */
static void waits_on_when_a_stamp_lies_before_the_first(void **state)
{
    struct run *run = *state;
    struct clip_frame first = run->clip->frames[0];
    assert_int_equal(first.kind, TRACK_VIDEO);
    header(run, TRACK_VIDEO);
    first.stamp_ms = 40;
    frame(run, &first);
    first.stamp_ms = 7;
    frame(run, &first);
    header(run, TRACK_AUDIO);
    media_until(run, 5000);
    assert_epochs(run, 1, 1);
}

static void begins_when_too_many_packets_wait(void **state)
{
    struct run *run = *state;
    struct clip_frame first = run->clip->frames[0];
    header(run, TRACK_VIDEO);
    for (int i = 0; i < 2 * INGEST_WAITING_MAX; i++)
        frame(run, &first); /* all with one stamp: media time stands still */
    run->no_audio = true;
    media_until(run, 5000);
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), 1);
}

static void takes_sound_alone(void **state)
{
    struct run *run = *state;
    metadata(run, false, true);
    run->no_video = true;
    header(run, TRACK_AUDIO);
    media_until(run, 5000);
    assert_well(run, 0, 1);
}

static void adds_sound_that_comes_late_with_the_next_key_frame(void **state)
{
    struct run *run = *state;
    run->no_audio = true;
    header(run, TRACK_VIDEO);
    media_until(run, 4500);
    run->no_audio = false;
    header(run, TRACK_AUDIO);
    media_until(run, 9000);
    assert_well(run, 2, 1);
}

static void adds_pictures_that_come_late_with_their_first_key_frame(void **state)
{
    struct run *run = *state;
    run->no_video = true;
    header(run, TRACK_AUDIO);
    media_until(run, 4500);
    run->no_video = false;
    header(run, TRACK_VIDEO);
    media_until(run, 9000);
    assert_int_equal(run->in.n_refused, 0);
    assert_well(run, 1, 2);
}

static void ignores_a_header_that_is_repeated(void **state)
{
    struct run *run = *state;
    headers(run);
    for (uint32_t ms = 500; ms <= 6000; ms += 500) {
        media_until(run, ms);
        headers(run);
    }
    assert_well(run, 1, 1);
}

/* The same configuration with another level: other bytes, and all frames decode. */
static struct buf *other_config(const struct run *run)
{
    struct bytes config = buf_bytes(run->clip->tracks[TRACK_VIDEO]->config);
    uint8_t *copy = alloc_zero(config.len + BUF_PADDING);
    memcpy(copy, config.data, config.len);
    copy[3]++;
    return buf_adopt(copy, config.len);
}

static void switches_to_another_header_at_the_next_key_frame(void **state)
{
    struct run *run = *state;
    struct buf *other = other_config(run);
    headers(run);
    media_until(run, 4500);
    assert_int_equal(header_of(run, TRACK_VIDEO, other), 0);
    media_until(run, 4900); /* no key frame in between */
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), 1);
    media_until(run, 9000);
    assert_well(run, 2, 2);
    buf_unref(other);
}

static void stays_when_the_old_header_comes_back_before_the_key_frame(void **state)
{
    struct run *run = *state;
    struct buf *other = other_config(run);
    headers(run);
    media_until(run, 4500);
    assert_int_equal(header_of(run, TRACK_VIDEO, other), 0);
    header(run, TRACK_VIDEO);
    media_until(run, 9000);
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), 1);
    buf_unref(other);
}

static void skips_empty_frames(void **state)
{
    struct run *run = *state;
    struct buf *nothing = buf_copy(bytes_make(NULL, 0));
    struct clip_frame empty = {.kind = TRACK_VIDEO, .stamp_ms = 10, .data = nothing};
    headers(run);
    frame(run, &empty);
    empty.kind = TRACK_AUDIO;
    frame(run, &empty);
    media_until(run, 4000);
    assert_int_equal(run->in.n_failed, 0);
    assert_int_equal(run->in.n_refused, 0);
    buf_unref(nothing);
}

/* An access unit of one large picture. */
static struct buf *large_picture(void)
{
    enum { LARGE = 8 * 1024 * 1024 };
    static const uint8_t head[] = {0, 0x7f, 0xff, 0xfc, 0x65, 0x88};
    uint8_t *memory = calloc(1, LARGE);
    assert_non_null(memory);
    memcpy(memory, head, sizeof head);
    struct buf *picture = buf_copy(bytes_make(memory, LARGE));
    free(memory);
    return picture;
}

static void does_not_wait_for_sound_while_megabytes_gather(void **state)
{
    struct run *run = *state;
    struct clip_frame large = {
        .kind = TRACK_VIDEO, .key = true, .data = large_picture()};
    header(run, TRACK_VIDEO);
    frame(run, &large);
    assert_int_equal(packager_newest_time(run->in.packager), 0);
    frame(run, &large);
    assert_true(packager_newest_time(run->in.packager) > 0);
    assert_int_equal(run->in.n_failed, 0);
    buf_unref(large.data);
}

static void refuses_a_header_that_cannot_be_and_goes_on(void **state)
{
    struct run *run = *state;
    struct buf *nothing = buf_copy(bytes_make(NULL, 0));
    headers(run);
    assert_true(header_of(run, TRACK_AUDIO, nothing) < 0);
    assert_true(header_of(run, TRACK_VIDEO, nothing) < 0);
    media_until(run, 4000);
    assert_int_equal(run->in.n_failed, 2);
    assert_int_equal(inlet_epochs(&run->in, TRACK_VIDEO), 1);
    buf_unref(nothing);
}

static void says_that_no_header_comes(void **state)
{
    struct run *run = *state;
    media_until(run, 10000);
    assert_true(run->in.n_failed > 0);
    assert_non_null(strstr(run->in.err.text, "comes without its header"));
    assert_int_equal(show_ingest_units(run->in.ingest), 0);
    headers(run);
    run->in.n_failed = 0;
    media_until(run, 15000);
    assert_well(run, 1, 1);
    assert_true(show_ingest_units(run->in.ingest) > 0);
}

static void says_why_the_header_was_refused_as_long_as_media_comes(void **state)
{
    struct run *run = *state;
    struct buf *nothing = buf_copy(bytes_make(NULL, 0));
    assert_true(header_of(run, TRACK_VIDEO, nothing) < 0);
    struct err why = run->in.err;
    run->no_audio = true;
    media_until(run, 1000);
    assert_int_equal(run->in.n_failed, 1 + 30);
    assert_string_equal(run->in.err.text, why.text);
    assert_int_equal(show_ingest_units(run->in.ingest), 0);
    buf_unref(nothing);
}

static void says_which_codec_it_does_not_take(void **state)
{
    struct run *run = *state;
    struct buf *data = buf_copy(bytes_text("x"));
    struct rtmp_media media = {
        .codec = RTMP_CODEC_OTHER, .codec_id = 0x76703038, .data = data};
    assert_int_equal(give(run, RTMP_EVENT_VIDEO_CONFIG, media), -ERR_UNSUPPORTED);
    assert_string_equal(run->in.err.text,
                        "the video is VP8, which this server does not take; set H.264 "
                        "in your encoder");
    media.codec_id = 2;
    assert_int_equal(give(run, RTMP_EVENT_AUDIO, media), -ERR_UNSUPPORTED);
    assert_non_null(strstr(run->in.err.text, "the audio is MP3"));
    assert_non_null(strstr(run->in.err.text, "set AAC"));
    media.codec_id = 9;
    assert_int_equal(give(run, RTMP_EVENT_AUDIO, media), -ERR_UNSUPPORTED);
    assert_non_null(strstr(run->in.err.text, "codec 9,"));
    media.codec_id = 0x7a7a0a39;
    assert_int_equal(give(run, RTMP_EVENT_VIDEO, media), -ERR_UNSUPPORTED);
    assert_non_null(strstr(run->in.err.text, "codec zz?9,"));
    buf_unref(data);
}

static void plays_the_sound_of_a_show_whose_pictures_it_does_not_take(void **state)
{
    struct run *run = *state;
    struct buf *data = buf_copy(bytes_text("x"));
    struct rtmp_media media = {
        .codec = RTMP_CODEC_OTHER, .codec_id = 0x76766331, .data = data};
    run->no_video = true;
    header(run, TRACK_AUDIO);
    for (uint32_t ms = 500; ms <= 5000; ms += 500) {
        media_until(run, ms);
        assert_int_equal(give(run, RTMP_EVENT_VIDEO, media), -ERR_UNSUPPORTED);
    }
    assert_epochs(run, 0, 1);
    buf_unref(data);
}

static void keeps_what_comes_faster_than_time_near_the_clock(void **state)
{
    struct run *run = *state;
    run->hurry = 10;
    headers(run);
    media_until(run, 60000);
    assert_int_equal(run->in.n_failed, 0);
    media_until(run, 600000);
    assert_true(run->in.n_failed > 0);
    assert_non_null(strstr(run->in.err.text, "faster than time"));
    int64_t newest_ms = packager_newest_time(run->in.packager) / 90;
    assert_true(newest_ms > 10000 + INGEST_AHEAD_MAX_MS);
    assert_true(newest_ms < 10000 + 60000 + INGEST_AHEAD_MAX_MS + LOOP_MS);
}

static void gives_back_what_waits_when_it_is_destroyed(void **state)
{
    struct run *run = *state;
    header(run, TRACK_VIDEO);
    media_until(run, 300);
    assert_int_equal(run->in.n_parts, 0);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(makes_both_renditions_of_both_tracks),
        RUN(drops_quietly_what_comes_before_the_headers),
        RUN(waits_half_a_second_of_media_for_the_other_track),
        RUN(waits_for_half_a_second_and_not_longer),
        RUN(tells_the_language_of_the_sound),
        RUN(begins_without_a_track_that_does_not_come),
        RUN(does_not_wait_for_a_track_that_was_not_announced),
        RUN(opens_a_new_epoch_for_sound_that_comes_late),
        RUN(waits_on_when_a_stamp_lies_before_the_first),
        RUN(begins_when_too_many_packets_wait),
        RUN(takes_sound_alone),
        RUN(adds_sound_that_comes_late_with_the_next_key_frame),
        RUN(adds_pictures_that_come_late_with_their_first_key_frame),
        RUN(ignores_a_header_that_is_repeated),
        RUN(switches_to_another_header_at_the_next_key_frame),
        RUN(stays_when_the_old_header_comes_back_before_the_key_frame),
        RUN(skips_empty_frames),
        RUN(does_not_wait_for_sound_while_megabytes_gather),
        RUN(refuses_a_header_that_cannot_be_and_goes_on),
        RUN(says_that_no_header_comes),
        RUN(says_why_the_header_was_refused_as_long_as_media_comes),
        RUN(says_which_codec_it_does_not_take),
        RUN(plays_the_sound_of_a_show_whose_pictures_it_does_not_take),
        RUN(keeps_what_comes_faster_than_time_near_the_clock),
        RUN(gives_back_what_waits_when_it_is_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
