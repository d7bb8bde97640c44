#include "packager/mux/avmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packager/media/timeline.h"
#include "packager/mux/fmp4.h"
#include "tests/unit/packager/coded/coded.h"
#include "tests/unit/packager/mux/boxes.h"

enum { SAMPLE_IS_NOT_SYNC = 0x00010000, BOX_NAME = 4, PER_PART = 10 };

/* The content of the first box with this name, wherever it is; at least it begins there. */
static struct bytes find(struct bytes init, const char *name)
{
    for (size_t i = 4; i + BOX_NAME <= init.len; i++) {
        if (memcmp(init.data + i, name, BOX_NAME) != 0)
            continue;
        struct be_reader r = be_reader_of(bytes_from(init, i - 4));
        uint32_t size = be_read_u32(&r);
        if (size >= 8 && size <= init.len - (i - 4))
            return bytes_first(bytes_from(init, i + BOX_NAME), size - 8);
    }
    return bytes_make(NULL, 0);
}

static bool has(struct bytes init, const char *name)
{
    return find(init, name).data != NULL;
}

/* The track as the first key frame completes it. */
static struct track *complete(const struct coded *coded)
{
    struct packet packet;
    assert_int_equal(
        media_access_unit_clean(coded->track, coded->units[0].data, &packet, NULL), 0);
    struct track *track = media_access_unit_refine(coded->track, &packet);
    media_packet_finish(&packet);
    assert_true(media_track_is_complete(track));
    return track;
}

static struct buf *init_of(const struct track *track)
{
    struct fmp4 *fmp4 = NULL;
    assert_int_equal(mux_fmp4_create(track, 1, &fmp4, NULL), 0);
    struct buf *init = mux_fmp4_init(fmp4);
    mux_fmp4_destroy(fmp4);
    return init;
}

/* The initialisation section of a recorded publisher. */
static struct buf *init_of_coded(enum track_codec codec, const char *name)
{
    struct coded *coded = coded_load(codec, name);
    struct track *track = complete(coded);
    struct buf *init = init_of(track);
    media_track_unref(track);
    coded_free(coded);
    return init;
}

static void hevc_has_its_parameter_sets_in_the_sample_entry(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    struct buf *init = init_of(coded->track);
    assert_true(has(buf_bytes(init), "hvc1"));
    assert_false(has(buf_bytes(init), "hev1"));
    assert_true(
        bytes_equal(find(buf_bytes(init), "hvcC"), buf_bytes(coded->track->config)));
    assert_false(has(buf_bytes(init), "colr"));
    buf_unref(init);
    coded_free(coded);
}

static void av1_has_its_record_as_it_came(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_AV1, "av1");
    struct buf *init = init_of(coded->track);
    assert_true(has(buf_bytes(init), "av01"));
    assert_true(bytes_equal(find(buf_bytes(init), "av1C"), buf_bytes(coded->record)));
    buf_unref(init);
    coded_free(coded);
}

static void vp9_has_the_fields_of_its_record(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_VP9, "vp9");
    struct track *track = complete(coded);
    struct buf *init = init_of(track);
    assert_true(has(buf_bytes(init), "vp09"));
    assert_true(bytes_equal(find(buf_bytes(init), "vpcC"), buf_bytes(coded->record)));
    struct bytes entry = find(buf_bytes(init), "vp09");
    assert_int_equal(entry.data[25], 66); /* width */
    assert_int_equal(entry.data[27], 66);
    buf_unref(init);
    media_track_unref(track);
    coded_free(coded);
}

static void vp9_of_other_depths_and_colours_says_so(void **state)
{
    (void)state;
    static const char *const records[] = {
        "\1\0\0\0\2\x1f\xa3\x09\x10\x09\0\0", "\1\0\0\0\2\x1f\xc0\x09\x12\x09\0\0",
        "\1\0\0\0\1\x1f\x86\1\1\1\0\0",       "\1\0\0\0\3\x1f\xa4\1\1\1\0\0",
        "\1\0\0\0\3\x1f\xc6\1\1\1\0\0",
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct buf *record = buf_copy(bytes_make(records[i], 12));
        struct track *track;
        assert_int_equal(media_track_create(TRACK_VP9, record, &track, NULL), 0);
        struct track *sized = media_track_with_size(track, 1280, 720);
        struct buf *init = init_of(sized);
        assert_true(bytes_equal(find(buf_bytes(init), "vpcC"), buf_bytes(record)));
        buf_unref(init);
        media_track_unref(sized);
        media_track_unref(track);
        buf_unref(record);
    }
}

static void opus_has_its_priming_and_channels(void **state)
{
    (void)state;
    struct buf *init = init_of_coded(TRACK_OPUS, "opus");
    assert_true(has(buf_bytes(init), "Opus"));
    assert_true(bytes_equal(find(buf_bytes(init), "dOps"),
                            bytes_make("\0\2\1\x38\0\0\xbb\x80\0\0\0", 11)));
    buf_unref(init);
}

static void colours_of_the_pictures_stand_in_colr(void **state)
{
    (void)state;
    struct buf *init = init_of_coded(TRACK_HEVC, "hevc-pq");
    assert_true(bytes_equal(find(buf_bytes(init), "colr"),
                            bytes_make("nclx\0\x09\0\x10\0\x09\0", 11)));
    assert_false(has(buf_bytes(init), "mdcv"));
    assert_false(has(buf_bytes(init), "clli"));
    buf_unref(init);
}

/* SMPTE ST 2086 and CTA 861.3, as ISO 14496-12 12.1.7 and 12.1.8 write them. */
static void brightness_that_was_told_stands_in_mdcv_and_clli(void **state)
{
    (void)state;
    struct coded *coded = coded_load(TRACK_HEVC, "hevc");
    const struct track_color color = {
        .known = true,
        .primaries = 9,
        .transfer = 16,
        .matrix = 9,
        .full_range = true,
        .has_mastering = true,
        .mastering_xy = {{0x0102, 2}, {3, 4}, {5, 6}, {7, 8}},
        .luminance_max = 10000000,
        .luminance_min = 1,
        .has_light_level = true,
        .max_cll = 1000,
        .max_fall = 400,
    };
    struct track *track = media_track_with_color(coded->track, &color);
    struct buf *init = init_of(track);
    assert_true(bytes_equal(find(buf_bytes(init), "colr"),
                            bytes_make("nclx\0\x09\0\x10\0\x09\x80", 11)));
    assert_true(bytes_equal(
        find(buf_bytes(init), "mdcv"),
        bytes_make("\1\2\0\2\0\3\0\4\0\5\0\6\0\7\0\x08\0\x98\x96\x80\0\0\0\1", 24)));
    assert_true(
        bytes_equal(find(buf_bytes(init), "clli"), bytes_make("\x03\xe8\x01\x90", 4)));
    buf_unref(init);
    media_track_unref(track);
    coded_free(coded);
}

struct stream {
    size_t n;
    struct packet packets[CODED_UNITS_MAX];
};

static void make_packets(const struct coded *coded, const struct track *track,
                         struct stream *stream)
{
    struct timeline *timeline = media_timeline_create(5000);
    for (size_t i = 0; i < coded->n_units; i++) {
        const struct coded_unit *unit = &coded->units[i];
        struct packet *packet = &stream->packets[stream->n++];
        assert_int_equal(media_access_unit_clean(track, unit->data, packet, NULL), 0);
        if (track->kind == TRACK_VIDEO)
            media_timeline_video(timeline, unit->stamp_ms, unit->cts_ms, &packet->dts,
                                 &packet->pts);
        else
            packet->dts = packet->pts = media_timeline_audio(
                timeline, unit->stamp_ms, track->sample_rate, packet->n_samples);
    }
    media_timeline_destroy(timeline);
}

static void check_part(struct fmp4 *fmp4, const struct stream *stream, size_t first,
                       size_t n)
{
    static struct boxes_part part;
    struct buf *data = NULL;
    assert_int_equal(mux_fmp4_cut(fmp4, bytes_make(NULL, 0), &data, NULL), 0);
    boxes_read(buf_bytes(data), &part);
    assert_int_equal(part.n_samples, n);
    int64_t decode = (int64_t)part.tfdt;
    for (size_t i = 0; i < n; i++) {
        const struct boxes_sample *s = &part.samples[i];
        const struct packet *p = &stream->packets[first + i];
        assert_int_equal(decode, p->dts + mux_fmp4_shift(fmp4));
        assert_int_equal(decode + s->cts, p->pts);
        assert_int_equal(!(s->flags & SAMPLE_IS_NOT_SYNC), p->key);
        assert_true(bytes_equal(s->data, buf_bytes(p->data)));
        decode += s->duration;
    }
    buf_unref(data);
}

static void check_samples(enum track_codec codec, const char *name)
{
    struct coded *coded = coded_load(codec, name);
    struct track *track = complete(coded);
    struct stream stream = {0};
    make_packets(coded, track, &stream);
    struct fmp4 *fmp4 = NULL;
    assert_int_equal(mux_fmp4_create(track, 1, &fmp4, NULL), 0);
    size_t first = 0;
    for (size_t i = 0; i + 1 < stream.n; i++) {
        const struct packet *p = &stream.packets[i];
        assert_int_equal(mux_fmp4_write(fmp4, p, p[1].dts - p->dts, NULL), 0);
        if (i + 1 - first < PER_PART && i + 2 < stream.n)
            continue;
        check_part(fmp4, &stream, first, i + 1 - first);
        first = i + 1;
    }
    mux_fmp4_destroy(fmp4);
    for (size_t i = 0; i < stream.n; i++)
        media_packet_finish(&stream.packets[i]);
    media_track_unref(track);
    coded_free(coded);
}

static void samples_of_every_codec_come_out_as_they_went_in(void **state)
{
    (void)state;
    check_samples(TRACK_HEVC, "hevc");
    check_samples(TRACK_HEVC, "hevc-pq");
    check_samples(TRACK_AV1, "av1");
    check_samples(TRACK_VP9, "vp9");
    check_samples(TRACK_OPUS, "opus");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hevc_has_its_parameter_sets_in_the_sample_entry),
        cmocka_unit_test(av1_has_its_record_as_it_came),
        cmocka_unit_test(vp9_has_the_fields_of_its_record),
        cmocka_unit_test(vp9_of_other_depths_and_colours_says_so),
        cmocka_unit_test(opus_has_its_priming_and_channels),
        cmocka_unit_test(colours_of_the_pictures_stand_in_colr),
        cmocka_unit_test(brightness_that_was_told_stands_in_mdcv_and_clli),
        cmocka_unit_test(samples_of_every_codec_come_out_as_they_went_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
