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

struct shape {
    enum track_kind kind;
    bool can_skip;
};

static struct shape pictures = {TRACK_VIDEO, false};
static struct shape with_deltas = {TRACK_VIDEO, true};
static struct shape sound = {TRACK_AUDIO, false};

struct fixture {
    struct shelf shelf;
    struct media_playlist_config config;
    struct media_playlist *playlist;
    struct media_playlist_state state;
};

static int setup(void **state)
{
    static struct fixture f;
    const struct shape *shape = *state;
    f = (struct fixture){.config = {.target_duration_s = 2,
                                    .part_target_ms = 334,
                                    .can_skip = shape->can_skip}};
    shelf_init(&f.shelf, shape->kind, "k3x9");
    f.playlist = hls_media_playlist_create(&f.config);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    hls_media_playlist_destroy(f->playlist);
    shelf_finish(&f->shelf);
    return 0;
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
    struct fixture *f = *state;
    (void)shelf_add(&f->shelf, "kpppp", 334);
    describe(f, 0, true);
    f->state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 1, 4};
    render(f, "hls/start.m3u8", NULL);
}

static void middle_of_a_show(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 10);
    (void)shelf_add(&f->shelf, "kpp", 334);
    describe(f, 2, true);
    f->state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 11, 3};
    render(f, "hls/middle.m3u8", "hls/middle-delta.m3u8");
}

static void right_behind_a_complete_segment(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 4);
    describe(f, 0, false);
    f->state.reports[TRACK_AUDIO] = (struct media_playlist_report){true, 4, 5};
    render(f, "hls/boundary.m3u8", NULL);
}

static void gap_parts_and_gap_segments(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 1);
    (void)shelf_add(&f->shelf, "kppggg", 330);
    (void)shelf_add(&f->shelf, "gggggg", 330);
    (void)shelf_add(&f->shelf, "gk", 334);
    describe(f, 0, true);
    render(f, "hls/gap.m3u8", NULL);
}

static void discontinuity_with_another_epoch(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 4);
    shelf_enter(&f->shelf, "p7q2");
    f->shelf.pos_ms += 5000;
    shelf_add(&f->shelf, "kppppp", 330)->discontinuity = true;
    add_segments(f, 4);
    (void)shelf_add(&f->shelf, "kp", 334);
    describe(f, 1, true);
    f->state.discontinuity = 3;
    render(f, "hls/discontinuity.m3u8", "hls/discontinuity-delta.m3u8");
}

static void open_segment_with_a_discontinuity(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 3);
    shelf_enter(&f->shelf, "p7q2");
    shelf_add(&f->shelf, "k", 334)->discontinuity = true;
    describe(f, 0, true);
    f->state.reports[TRACK_VIDEO] = (struct media_playlist_report){true, 3, 5};
    render(f, "hls/discontinuity-open.m3u8", NULL);
}

static void next_part_needs_another_map(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 3);
    shelf_enter(&f->shelf, "p7q2");
    describe(f, 0, false);
    render(f, "hls/next-map.m3u8", NULL);
}

static void end_of_a_show(void **state)
{
    struct fixture *f = *state;
    add_segments(f, 9);
    (void)shelf_add(&f->shelf, "kp", 120);
    describe(f, 1, false);
    f->state.next_epoch = NULL;
    f->state.ended = true;
    render(f, "hls/end.m3u8", NULL);
}

static void sound_alone(void **state)
{
    struct fixture *f = *state;
    (void)shelf_add(&f->shelf, "kkkkkk", 330);
    (void)shelf_add(&f->shelf, "kkk", 334);
    describe(f, 0, true);
    render(f, "hls/audio-only.m3u8", NULL);
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
    struct fixture *f = *state;
    add_segments(f, 10);
    (void)shelf_add(&f->shelf, "kpp", 334);
    describe(f, 2, true);
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
    f->state.ranges = ranges;
    f->state.n_ranges = sizeof ranges / sizeof ranges[0];
    render(f, "hls/ranges.m3u8", "hls/ranges-delta.m3u8");
    for (size_t i = 0; i < f->state.n_ranges; i++) {
        buf_unref(ranges[i].line);
        buf_unref(ranges[i].line_closed);
    }
}

/* The kept lines of complete segments give what a fresh rendering gives. */
static void kept_lines_equal_fresh_ones(void **state)
{
    struct fixture *kept = *state;
    for (size_t i = 0; i < 30; i++) {
        add_segments(kept, 1);
        describe(kept, i > 9 ? i - 9 : 0, false);
        struct buf *full, *delta;
        hls_media_playlist_render(kept->playlist, &kept->state, &full, &delta);
        struct media_playlist *fresh = hls_media_playlist_create(&kept->config);
        struct buf *full_again, *delta_again;
        hls_media_playlist_render(fresh, &kept->state, &full_again, &delta_again);
        assert_true(bytes_equal(buf_bytes(full), buf_bytes(full_again)));
        assert_true(bytes_equal(buf_bytes(delta), buf_bytes(delta_again)));
        hls_media_playlist_destroy(fresh);
        buf_unref(full);
        buf_unref(delta);
        buf_unref(full_again);
        buf_unref(delta_again);
    }
}

#define OF(shape, test) \
    cmocka_unit_test_prestate_setup_teardown(test, setup, teardown, &(shape))

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(with_deltas, start_of_a_show),
        OF(with_deltas, middle_of_a_show),
        OF(pictures, right_behind_a_complete_segment),
        OF(pictures, gap_parts_and_gap_segments),
        OF(with_deltas, discontinuity_with_another_epoch),
        OF(sound, open_segment_with_a_discontinuity),
        OF(pictures, next_part_needs_another_map),
        OF(with_deltas, end_of_a_show),
        OF(sound, sound_alone),
        OF(with_deltas, ranges_show_between_window_and_open_segment),
        OF(with_deltas, kept_lines_equal_fresh_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
