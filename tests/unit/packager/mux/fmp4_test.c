#include "packager/mux/fmp4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/packet.h"
#include "packager/media/timeline.h"
#include "tests/unit/packager/clip.h"
#include "tests/unit/packager/mux/boxes.h"

enum {
    SAMPLE_IS_NOT_SYNC = 0x00010000,
    LOOP_MS = 3003, /* the clip's 90 frames */
    PACKETS_MAX = 20000,
};

/* One track's packets, sanitised, with exact durations. */
struct stream {
    struct track *track;
    size_t n;
    struct packet packets[PACKETS_MAX];
    int64_t durations[PACKETS_MAX];
};

static struct clip *clip;

static int load(void **state)
{
    (void)state;
    clip = clip_load();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    clip_free(clip);
    return 0;
}

/* The clip n_loops times in a row, on an axis that starts at base_ms. */
static struct stream *stream_make(enum track_kind kind, unsigned n_loops,
                                  int64_t base_ms)
{
    struct stream *stream = calloc(1, sizeof *stream);
    assert_non_null(stream);
    stream->track = clip->tracks[kind];
    struct timeline *timeline = media_timeline_create(base_ms);
    for (size_t i = 0; i < clip->n_frames * n_loops; i++) {
        const struct clip_frame *f = &clip->frames[i % clip->n_frames];
        uint32_t stamp_ms = f->stamp_ms + (uint32_t)(i / clip->n_frames) * LOOP_MS;
        struct packet p = {.kind = kind, .key = f->key, .data = f->data};
        if (f->kind != kind)
            continue;
        if (kind == TRACK_VIDEO)
            media_timeline_video(timeline, stamp_ms, f->cts_ms, &p.dts, &p.pts);
        else
            p.dts = p.pts =
                media_timeline_audio(timeline, stamp_ms, stream->track->sample_rate,
                                     stream->track->frame_samples);
        assert_true(stream->n < PACKETS_MAX);
        stream->packets[stream->n++] = p;
    }
    media_timeline_destroy(timeline);
    for (size_t i = 0; i < stream->n; i++)
        stream->durations[i] = i + 1 < stream->n
                                   ? stream->packets[i + 1].dts - stream->packets[i].dts
                                   : 1024;
    return stream;
}

static void write_one(struct fmp4 *fmp4, const struct stream *stream, size_t i)
{
    struct err err = {0};
    assert_int_equal(
        mux_fmp4_write(fmp4, &stream->packets[i], stream->durations[i], &err), 0);
}

static struct buf *cut(struct fmp4 *fmp4, struct bytes prefix)
{
    struct buf *part = NULL;
    assert_int_equal(mux_fmp4_cut(fmp4, prefix, &part, NULL), 0);
    assert_non_null(part);
    return part;
}

/* Every sample of a part has the time, key flag and bytes of its packet. */
static void check_samples(const struct boxes_part *part, const struct stream *stream,
                          size_t first, int64_t shift)
{
    int64_t decode = (int64_t)part->tfdt;
    for (size_t i = 0; i < part->n_samples; i++) {
        const struct boxes_sample *s = &part->samples[i];
        const struct packet *p = &stream->packets[first + i];
        assert_int_equal(decode, p->dts + shift);
        assert_int_equal(decode + s->cts, p->pts);
        assert_int_equal(s->duration, stream->durations[first + i]);
        assert_int_equal(!(s->flags & SAMPLE_IS_NOT_SYNC), p->key);
        assert_true(bytes_equal(s->data, buf_bytes(p->data)));
        decode += s->duration;
    }
}

static void check_stream(const struct stream *stream, size_t per_part)
{
    struct fmp4 *fmp4 = NULL;
    assert_int_equal(mux_fmp4_create(stream->track, 7, &fmp4, NULL), 0);
    struct boxes_part *part = calloc(1, sizeof *part);
    assert_non_null(part);
    uint64_t next_tfdt = 0;
    uint32_t sequence = 7;
    for (size_t at = 0; at < stream->n; at += part->n_samples) {
        size_t n = stream->n - at < per_part ? stream->n - at : per_part;
        for (size_t i = 0; i < n; i++)
            write_one(fmp4, stream, at + i);
        int64_t shift = stream->packets[0].pts - stream->packets[0].dts;
        assert_int_equal(mux_fmp4_shift(fmp4), shift);
        struct buf *data = cut(fmp4, bytes_make(NULL, 0));
        boxes_read(buf_bytes(data), part);
        assert_int_equal(part->n_moof, 1);
        assert_int_equal(part->n_mdat, 1);
        assert_int_equal(part->n_other, 0);
        assert_int_equal(part->sequence, sequence++);
        assert_int_equal(part->n_samples, n);
        if (at > 0)
            assert_int_equal(part->tfdt, next_tfdt);
        check_samples(part, stream, at, shift);
        next_tfdt = part->tfdt;
        for (size_t i = 0; i < n; i++)
            next_tfdt += part->samples[i].duration;
        buf_unref(data);
    }
    free(part);
    mux_fmp4_destroy(fmp4);
}

static void keeps_every_time_over_hundreds_of_parts_with_b_frames(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 60, 10000);
    assert_int_equal(stream->n, 5400);
    assert_int_equal(stream->packets[0].pts - stream->packets[0].dts, 67 * 90);
    check_stream(stream, 10); /* 540 parts */
    check_stream(stream, 7);  /* key frames anywhere in a part */
    check_stream(stream, 1);
    free(stream);
}

static void keeps_every_time_of_audio(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_AUDIO, 40, 10000);
    check_stream(stream, 14); /* 372 parts */
    free(stream);
}

static void parts_of_many_and_of_large_packets_are_whole(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_AUDIO, 10, 10000);
    check_stream(stream, 600); /* the moof is larger than what is gathered at once */
    free(stream);
    static uint8_t large[300000];
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (uint8_t)(i * i >> 8);
    stream = stream_make(TRACK_VIDEO, 1, 10000);
    stream->n = 25;
    for (size_t i = 0; i < stream->n; i++)
        stream->packets[i].data =
            buf_copy(bytes_make(large + i, sizeof large - i * 11111));
    check_stream(stream, 10);
    for (size_t i = 0; i < stream->n; i++)
        buf_unref(stream->packets[i].data);
    free(stream);
}

static void begins_where_the_axis_begins_at_zero(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, 0);
    check_stream(stream, 10);
    free(stream);
    stream = stream_make(TRACK_AUDIO, 1, 0);
    check_stream(stream, 10);
    free(stream);
}

static void begins_on_an_axis_that_has_run_for_a_year(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, INT64_C(365) * 86400 * 1000);
    check_stream(stream, 10);
    free(stream);
}

static void accepts_pictures_shown_before_their_dts(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 2, 10000);
    for (size_t i = 0; i < stream->n; i++)
        stream->packets[i].pts -= 100 * 90; /* the smallest offset is 0 */
    check_stream(stream, 10);
    free(stream);
}

static void puts_the_prefix_first_and_changes_nothing_behind(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, 10000);
    struct buf *parts[2];
    for (size_t k = 0; k < 2; k++) {
        struct fmp4 *fmp4 = NULL;
        assert_int_equal(mux_fmp4_create(stream->track, 1, &fmp4, NULL), 0);
        for (size_t i = 0; i < 10; i++)
            write_one(fmp4, stream, i);
        parts[k] = cut(fmp4, bytes_text(k == 0 ? "" : "any bytes at all"));
        mux_fmp4_destroy(fmp4);
    }
    struct bytes with = buf_bytes(parts[1]);
    assert_true(bytes_has_prefix(with, "any bytes at all"));
    assert_true(bytes_equal(bytes_from(with, 16), buf_bytes(parts[0])));
    for (size_t i = 0; i < BUF_PADDING; i++)
        assert_int_equal(with.data[with.len + i], 0);
    buf_unref(parts[0]);
    buf_unref(parts[1]);
    free(stream);
}

static void jumps_over_a_hole_between_parts(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, 10000);
    struct fmp4 *fmp4 = NULL;
    assert_int_equal(mux_fmp4_create(stream->track, 1, &fmp4, NULL), 0);
    for (size_t i = 0; i < 10; i++)
        write_one(fmp4, stream, i);
    buf_unref(cut(fmp4, bytes_make(NULL, 0)));
    for (size_t i = 10; i < stream->n; i++) {
        stream->packets[i].dts += 5 * 90000 + 17;
        stream->packets[i].pts += 5 * 90000 + 17;
    }
    for (size_t i = 10; i < 20; i++)
        write_one(fmp4, stream, i);
    struct buf *data = cut(fmp4, bytes_make(NULL, 0));
    struct boxes_part *part = calloc(1, sizeof *part);
    assert_non_null(part);
    boxes_read(buf_bytes(data), part);
    assert_int_equal(part->n_samples, 10);
    check_samples(part, stream, 10, mux_fmp4_shift(fmp4));
    free(part);
    buf_unref(data);
    mux_fmp4_destroy(fmp4);
    free(stream);
}

static void refuses_packets_that_do_not_follow_and_goes_on(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, 10000);
    struct fmp4 *fmp4 = NULL;
    struct err err = {0};
    assert_int_equal(mux_fmp4_create(stream->track, 1, &fmp4, NULL), 0);
    write_one(fmp4, stream, 0);
    /* A hole inside a part, and a step back. */
    assert_int_equal(mux_fmp4_write(fmp4, &stream->packets[2], 3000, &err),
                     -ERR_INVALID);
    assert_int_equal(mux_fmp4_write(fmp4, &stream->packets[0], 3000, &err),
                     -ERR_INVALID);
    assert_int_equal(mux_fmp4_write(fmp4, &stream->packets[1], 0, &err), -ERR_INVALID);
    struct packet early = stream->packets[1];
    early.pts = early.dts - 90001;
    assert_int_equal(mux_fmp4_write(fmp4, &early, 3000, &err), -ERR_MEDIA);
    struct packet empty = stream->packets[1];
    empty.data = NULL;
    assert_int_equal(mux_fmp4_write(fmp4, &empty, 3000, &err), -ERR_MEDIA);
    write_one(fmp4, stream, 1);
    struct buf *data = cut(fmp4, bytes_make(NULL, 0));
    struct boxes_part *part = calloc(1, sizeof *part);
    assert_non_null(part);
    boxes_read(buf_bytes(data), part);
    assert_int_equal(part->n_samples, 2);
    check_samples(part, stream, 0, mux_fmp4_shift(fmp4));
    free(part);
    buf_unref(data);
    mux_fmp4_destroy(fmp4);
    free(stream);
}

static void refuses_more_than_a_part_may_hold(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_VIDEO, 1, 10000);
    struct fmp4 *fmp4 = NULL;
    struct err err = {0};
    struct packet large = stream->packets[0], more = stream->packets[1];
    char *memory = calloc(1, MUX_FMP4_PART_MAX);
    assert_non_null(memory);
    large.data = buf_copy(bytes_make((uint8_t *)memory, MUX_FMP4_PART_MAX - 1));
    free(memory);
    assert_int_equal(mux_fmp4_create(stream->track, 1, &fmp4, NULL), 0);
    assert_int_equal(mux_fmp4_write(fmp4, &large, stream->durations[0], NULL), 0);
    assert_int_equal(mux_fmp4_write(fmp4, &more, stream->durations[1], &err),
                     -ERR_MEDIA);
    buf_unref(cut(fmp4, bytes_make(NULL, 0)));
    write_one(fmp4, stream, 1);
    buf_unref(large.data);
    mux_fmp4_destroy(fmp4);
    free(stream);
}

static void refuses_to_cut_a_part_without_packets(void **state)
{
    (void)state;
    struct fmp4 *fmp4 = NULL;
    struct buf *part = NULL;
    assert_int_equal(mux_fmp4_create(clip->tracks[TRACK_AUDIO], 1, &fmp4, NULL), 0);
    assert_int_equal(mux_fmp4_cut(fmp4, bytes_text("x"), &part, NULL), -ERR_INVALID);
    assert_null(part);
    mux_fmp4_destroy(fmp4);
}

static bool has_box(struct bytes in, const char *type)
{
    for (size_t i = 0; i + 4 <= in.len; i++)
        if (memcmp(in.data + i, type, 4) == 0)
            return true;
    return false;
}

static void init_is_ftyp_and_moov_and_equal_for_equal_tracks(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TRACK_KINDS; kind++) {
        struct fmp4 *a = NULL;
        struct fmp4 *b = NULL;
        assert_int_equal(mux_fmp4_create(clip->tracks[kind], 1, &a, NULL), 0);
        assert_int_equal(mux_fmp4_create(clip->tracks[kind], 4000, &b, NULL), 0);
        struct buf *init = mux_fmp4_init(a);
        struct buf *other = mux_fmp4_init(b);
        struct bytes in = buf_bytes(init);
        assert_true(bytes_equal(in, buf_bytes(other)));
        struct be_reader r = be_reader_of(in);
        char type[5];
        struct bytes box, body;
        assert_true(boxes_next(&r, type, &box, &body));
        assert_string_equal(type, "ftyp");
        assert_true(has_box(body, "cmfc"));
        assert_true(boxes_next(&r, type, &box, &body));
        assert_string_equal(type, "moov");
        assert_false(boxes_next(&r, type, &box, &body));
        assert_true(has_box(body, "mvex"));
        assert_true(has_box(body, kind == TRACK_VIDEO ? "avc1" : "mp4a"));
        assert_false(has_box(body, "edts"));
        assert_false(has_box(body, "Lavf"));
        buf_unref(init);
        buf_unref(other);
        mux_fmp4_destroy(a);
        mux_fmp4_destroy(b);
    }
}

static void a_raw_frame_that_looks_like_adts_is_refused_and_not_rewritten(void **state)
{
    (void)state;
    /* A whole ADTS frame of 9 bytes, which a filter would strip of its header. */
    static const uint8_t raw[] = {0xff, 0xf1, 0x50, 0x40, 0x01, 0x3f, 0xfc, 0x01, 0x02};
    struct fmp4 *fmp4 = NULL;
    struct err err = {0};
    assert_int_equal(mux_fmp4_create(clip->tracks[TRACK_AUDIO], 1, &fmp4, NULL), 0);
    struct packet packet = {.kind = TRACK_AUDIO,
                            .dts = 44100,
                            .pts = 44100,
                            .key = true,
                            .data = buf_copy(bytes_make(raw, sizeof raw))};
    assert_int_equal(mux_fmp4_write(fmp4, &packet, 1024, &err), -ERR_MEDIA);
    media_packet_finish(&packet);
    mux_fmp4_destroy(fmp4);
}

static void destroys_a_muxer_with_an_open_part(void **state)
{
    (void)state;
    struct stream *stream = stream_make(TRACK_AUDIO, 1, 10000);
    struct fmp4 *fmp4 = NULL;
    assert_int_equal(mux_fmp4_create(stream->track, 1, &fmp4, NULL), 0);
    write_one(fmp4, stream, 0);
    mux_fmp4_destroy(fmp4); /* leaks would show under the sanitizer */
    mux_fmp4_destroy(NULL);
    free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_time_over_hundreds_of_parts_with_b_frames),
        cmocka_unit_test(keeps_every_time_of_audio),
        cmocka_unit_test(parts_of_many_and_of_large_packets_are_whole),
        cmocka_unit_test(begins_where_the_axis_begins_at_zero),
        cmocka_unit_test(begins_on_an_axis_that_has_run_for_a_year),
        cmocka_unit_test(accepts_pictures_shown_before_their_dts),
        cmocka_unit_test(puts_the_prefix_first_and_changes_nothing_behind),
        cmocka_unit_test(jumps_over_a_hole_between_parts),
        cmocka_unit_test(refuses_packets_that_do_not_follow_and_goes_on),
        cmocka_unit_test(refuses_more_than_a_part_may_hold),
        cmocka_unit_test(refuses_to_cut_a_part_without_packets),
        cmocka_unit_test(init_is_ftyp_and_moov_and_equal_for_equal_tracks),
        cmocka_unit_test(a_raw_frame_that_looks_like_adts_is_refused_and_not_rewritten),
        cmocka_unit_test(destroys_a_muxer_with_an_open_part),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
