#include "packager/hls/media_playlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/builder.h"
#include "core/iso8601.h"
#include "tests/unit/packager/golden.h"
#include "tests/unit/packager/shelf.h"

struct fixture {
    struct shelf shelf;
    struct media_playlist *playlist;
    struct media_playlist_state state;
};

static void fixture_init(struct fixture *f, enum track_kind kind, bool can_skip)
{
    *f = (struct fixture){0};
    shelf_init(&f->shelf, kind, "k3x9");
    f->playlist = hls_media_playlist_create(&(struct media_playlist_config){
        .target_duration_s = 2,
        .part_target_ms = 334,
        .can_skip = can_skip,
    });
}

static void fixture_finish(struct fixture *f)
{
    hls_media_playlist_destroy(f->playlist);
    shelf_finish(&f->shelf);
}

static void add_segments(struct fixture *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)shelf_add(&f->shelf, "kppppp", 330);
}

/* From the first-th on; the newest segment is open when open is true. */
static void describe(struct fixture *f, size_t first, bool open)
{
    struct shelf *shelf = &f->shelf;
    struct segment *last = shelf->n > 0 ? shelf->segments[shelf->n - 1] : NULL;
    f->state.segments = shelf->segments + first;
    f->state.n_segments = shelf->n - first - (open ? 1 : 0);
    f->state.open = open ? last : NULL;
    f->state.open_msn = shelf->next_msn - (open ? 1 : 0);
    f->state.next_epoch = shelf->epoch;
    f->state.open_boundary = open ? last->boundary : shelf->pos_ms * 90;
}

static void render(struct fixture *f, const char *full, const char *delta)
{
    struct buf *text, *difference;
    hls_media_playlist_render(f->playlist, &f->state, &text, &difference);
    assert_golden(full, text);
    if (delta) {
        assert_non_null(difference);
        assert_golden(delta, difference);
    } else {
        assert_null(difference);
    }
}

static void start_of_a_show(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, true);
    (void)shelf_add(&f.shelf, "kpppp", 334);
    describe(&f, 0, true);
    f.state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 1, 4};
    render(&f, "hls/start.m3u8", NULL);
    fixture_finish(&f);
}

static void middle_of_a_show(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, true);
    add_segments(&f, 10);
    (void)shelf_add(&f.shelf, "kpp", 334);
    describe(&f, 2, true);
    f.state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 11, 3};
    render(&f, "hls/middle.m3u8", "hls/middle-delta.m3u8");
    fixture_finish(&f);
}

static void right_behind_a_complete_segment(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, false);
    add_segments(&f, 4);
    describe(&f, 0, false);
    f.state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 4, 5};
    render(&f, "hls/boundary.m3u8", NULL);
    fixture_finish(&f);
}

static void gap_parts_and_gap_segments(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, false);
    add_segments(&f, 1);
    (void)shelf_add(&f.shelf, "kppggg", 330);
    (void)shelf_add(&f.shelf, "gggggg", 330);
    (void)shelf_add(&f.shelf, "gk", 334);
    describe(&f, 0, true);
    render(&f, "hls/gap.m3u8", NULL);
    fixture_finish(&f);
}

static void discontinuity_with_another_epoch(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, true);
    add_segments(&f, 4);
    shelf_enter(&f.shelf, "p7q2");
    f.shelf.pos_ms += 5000;
    shelf_add(&f.shelf, "kppppp", 330)->discontinuity = true;
    add_segments(&f, 4);
    (void)shelf_add(&f.shelf, "kp", 334);
    describe(&f, 1, true);
    f.state.discontinuity = 3;
    render(&f, "hls/discontinuity.m3u8", "hls/discontinuity-delta.m3u8");
    fixture_finish(&f);
}

static void open_segment_with_a_discontinuity(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_AUDIO, false);
    add_segments(&f, 3);
    shelf_enter(&f.shelf, "p7q2");
    shelf_add(&f.shelf, "k", 334)->discontinuity = true;
    describe(&f, 0, true);
    f.state.reports[TRACK_VIDEO] = (struct media_playlist_report){true, 3, 5};
    render(&f, "hls/discontinuity-open.m3u8", NULL);
    fixture_finish(&f);
}

static void next_part_needs_another_map(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, false);
    add_segments(&f, 3);
    shelf_enter(&f.shelf, "p7q2");
    describe(&f, 0, false);
    render(&f, "hls/next-map.m3u8", NULL);
    fixture_finish(&f);
}

static void end_of_a_show(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, true);
    add_segments(&f, 9);
    (void)shelf_add(&f.shelf, "kp", 120);
    describe(&f, 1, false);
    f.state.next_epoch = NULL;
    f.state.ended = true;
    render(&f, "hls/end.m3u8", NULL);
    fixture_finish(&f);
}

static void sound_alone(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_AUDIO, false);
    (void)shelf_add(&f.shelf, "kkkkkk", 330);
    (void)shelf_add(&f.shelf, "kkk", 334);
    describe(&f, 0, true);
    render(&f, "hls/audio-only.m3u8", NULL);
    fixture_finish(&f);
}

/* Ranges. */

static struct buf *range_line(const char *id, int64_t start_ms, int64_t end_ms)
{
    char start[ISO8601_MAX], end[ISO8601_MAX];
    struct builder b;
    builder_init(&b, 256);
    builder_printf(&b, "#EXT-X-DATERANGE:ID=\"%s\",START-DATE=\"%s\"", id,
                   iso8601_print(SHELF_ANCHOR_MS + start_ms, start));
    if (end_ms >= 0)
        builder_printf(&b, ",END-DATE=\"%s\"",
                       iso8601_print(SHELF_ANCHOR_MS + end_ms, end));
    return builder_take(&b);
}

static struct marker_range range(int64_t start_ms, int64_t end_ms, const char *id)
{
    bool open = end_ms < 0;
    return (struct marker_range){
        .start = start_ms * 90,
        .end = open ? MARKER_OPEN : end_ms * 90,
        .line = range_line(id, start_ms, -1),
        .line_closed = open ? NULL : range_line(id, start_ms, end_ms),
    };
}

static void ranges_show_between_window_and_open_segment(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, TRACK_VIDEO, true);
    add_segments(&f, 10);
    (void)shelf_add(&f.shelf, "kpp", 334);
    describe(&f, 2, true);
    struct marker_range ranges[] = {
        range(100, 3900, "over-before-the-window"),
        range(100, 4100, "ends-in-the-window"),
        range(200, -1, "lasts-since-before-the-window"),
        range(9000, 20100, "ends-in-the-open-segment"),
        range(9000, 19000, "is-over"),
        range(19999, -1, "starts-just-before-the-open-segment"),
        range(20000, -1, "starts-with-the-open-segment"),
        range(20300, -1, "starts-in-the-open-segment"),
    };
    f.state.ranges = ranges;
    f.state.n_ranges = sizeof ranges / sizeof ranges[0];
    render(&f, "hls/ranges.m3u8", "hls/ranges-delta.m3u8");
    for (size_t i = 0; i < f.state.n_ranges; i++) {
        buf_unref(ranges[i].line);
        buf_unref(ranges[i].line_closed);
    }
    fixture_finish(&f);
}

/* The kept lines of complete segments give what a fresh rendering gives. */
static void kept_lines_equal_fresh_ones(void **state)
{
    (void)state;
    struct fixture kept;
    fixture_init(&kept, TRACK_VIDEO, true);
    for (size_t i = 0; i < 30; i++) {
        add_segments(&kept, 1);
        describe(&kept, i > 9 ? i - 9 : 0, false);
        struct buf *full, *delta;
        hls_media_playlist_render(kept.playlist, &kept.state, &full, &delta);
        struct media_playlist *fresh =
            hls_media_playlist_create(&(struct media_playlist_config){
                .target_duration_s = 2,
                .part_target_ms = 334,
                .can_skip = true,
            });
        struct buf *full_again, *delta_again;
        hls_media_playlist_render(fresh, &kept.state, &full_again, &delta_again);
        assert_true(bytes_equal(buf_bytes(full), buf_bytes(full_again)));
        assert_true(bytes_equal(buf_bytes(delta), buf_bytes(delta_again)));
        hls_media_playlist_destroy(fresh);
        buf_unref(full);
        buf_unref(delta);
        buf_unref(full_again);
        buf_unref(delta_again);
    }
    fixture_finish(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_of_a_show),
        cmocka_unit_test(middle_of_a_show),
        cmocka_unit_test(right_behind_a_complete_segment),
        cmocka_unit_test(gap_parts_and_gap_segments),
        cmocka_unit_test(discontinuity_with_another_epoch),
        cmocka_unit_test(open_segment_with_a_discontinuity),
        cmocka_unit_test(next_part_needs_another_map),
        cmocka_unit_test(end_of_a_show),
        cmocka_unit_test(sound_alone),
        cmocka_unit_test(ranges_show_between_window_and_open_segment),
        cmocka_unit_test(kept_lines_equal_fresh_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
