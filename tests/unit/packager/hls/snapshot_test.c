#include "packager/hls/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packager/shelf.h"

struct fixture {
    struct shelf shelf;
    struct snapshot *snapshot;
};

/* Segments 1 to 3 complete with six parts each; of 4 there are two parts. */
static int set_up(void **state)
{
    static struct fixture f;
    shelf_init(&f.shelf, TRACK_VIDEO, "k3x9");
    for (int i = 0; i < 2; i++)
        (void)shelf_add(&f.shelf, "kppppp", 330);
    (void)shelf_add(&f.shelf, "kpgggp", 330);
    (void)shelf_add(&f.shelf, "kp", 334);
    struct snapshot fields = {
        .rendition = TRACK_VIDEO,
        .version = 1,
        .playlist = buf_copy(bytes_text("#EXTM3U\n")),
        .target_duration_s = 2,
        .part_target_ms = 334,
        .first_msn = 1,
        .last_msn = 3,
        .open_msn = 4,
        .n_open_parts = 2,
        .n_segments = 4,
        .segments = alloc_array(4, sizeof(struct segment *)),
        .next_epoch = segment_part_epoch_ref(f.shelf.epoch),
    };
    for (size_t i = 0; i < 4; i++)
        fields.segments[i] = segment_part_segment_ref(f.shelf.segments[i]);
    f.snapshot = hls_snapshot_create(&fields);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    hls_snapshot_unref(f->snapshot);
    shelf_finish(&f->shelf);
    return 0;
}

static void has_what_it_lists(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_true(hls_snapshot_has(s, 3, false, 0));
    assert_false(hls_snapshot_has(s, 4, false, 0));
    assert_true(hls_snapshot_has(s, 4, true, 1));
    assert_false(hls_snapshot_has(s, 4, true, 2));
    assert_false(hls_snapshot_has(s, 5, true, 0));
}

static void has_everything_of_the_past(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_true(hls_snapshot_has(s, 0, false, 0));
    assert_true(hls_snapshot_has(s, 1, true, 5));
    assert_true(hls_snapshot_has(s, 1, true, 99));
}

static void part_beyond_the_last_is_the_first_of_the_next(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_true(hls_snapshot_has(s, 3, true, 5));
    assert_true(hls_snapshot_has(s, 3, true, 6));
    s->n_open_parts = 0;
    assert_true(hls_snapshot_has(s, 3, true, 5));
    assert_false(hls_snapshot_has(s, 3, true, 6));
}

static void an_ended_one_has_all(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    s->ended = true;
    assert_true(hls_snapshot_has(s, 100, true, 100));
    assert_false(hls_snapshot_is_too_far(s, 100, true, 100));
}

static void two_segments_ahead_may_be_awaited(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_false(hls_snapshot_is_too_far(s, 4, false, 0));
    assert_false(hls_snapshot_is_too_far(s, 5, false, 0));
    assert_true(hls_snapshot_is_too_far(s, 6, false, 0));
    assert_true(hls_snapshot_is_too_far(s, UINT64_MAX, true, 0));
}

static void parts_of_three_seconds_ahead_may_be_awaited(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_false(hls_snapshot_is_too_far(s, 4, true, 2));
    assert_false(hls_snapshot_is_too_far(s, 4, true, 10));
    assert_true(hls_snapshot_is_too_far(s, 4, true, 11));
    assert_true(hls_snapshot_is_too_far(s, 4, true, UINT64_MAX));
    assert_false(hls_snapshot_is_too_far(s, 5, true, 8));
    assert_true(hls_snapshot_is_too_far(s, 5, true, 9));
    s->part_target_ms = 1000;
    assert_false(hls_snapshot_is_too_far(s, 4, true, 4));
    assert_true(hls_snapshot_is_too_far(s, 4, true, 5));
}

static void nothing_of_the_past_is_too_far(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    assert_false(hls_snapshot_is_too_far(s, 1, true, 1000));
    assert_false(hls_snapshot_is_too_far(s, 0, false, 0));
}

static enum hls_found find(const struct snapshot *s, const char *epoch,
                           const char *name, struct hls_resource *ret)
{
    return hls_snapshot_find(s, bytes_text(epoch), bytes_text(name), ret);
}

static void finds_init_segments_and_parts(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    struct hls_resource r;
    assert_int_equal(find(s, "k3x9", "video-init.mp4", &r), HLS_FOUND);
    assert_true(bytes_equal_text(buf_bytes(r.bufs[0]), "init"));
    assert_string_equal(r.mime, "video/mp4");
    assert_int_equal(find(s, "k3x9", "video-2.m4s", &r), HLS_FOUND);
    assert_int_equal(r.n_bufs, 6);
    assert_int_equal(r.len, 24);
    assert_int_equal(find(s, "k3x9", "video-4.1.m4s", &r), HLS_FOUND);
    assert_ptr_equal(r.bufs[0], s->segments[3]->parts[1]->data);
}

static void holds_only_the_part_that_comes_next(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    struct hls_resource r;
    assert_int_equal(find(s, "k3x9", "video-4.2.m4s", &r), HLS_HINTED);
    assert_int_equal(find(s, "k3x9", "video-4.3.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "k3x9", "video-5.0.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "p7q2", "video-4.2.m4s", &r), HLS_NOT_FOUND);
    s->ended = true;
    assert_int_equal(find(s, "k3x9", "video-4.2.m4s", &r), HLS_NOT_FOUND);
}

static void knows_neither_gaps_nor_open_segments(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    struct hls_resource r;
    assert_int_equal(find(s, "k3x9", "video-3.2.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "k3x9", "video-3.m4s", &r), HLS_FOUND);
    assert_int_equal(r.n_bufs, 3);
    assert_int_equal(find(s, "k3x9", "video-4.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "k3x9", "video-9.m4s", &r), HLS_NOT_FOUND);
}

static void finds_nothing_under_another_name(void **state)
{
    struct snapshot *s = ((struct fixture *)*state)->snapshot;
    static const char *const names[] = {
        "",
        "video-",
        "video-2",
        "video-02.m4s",
        "video-2.m4s.",
        "video-2.mp4",
        "audio-2.m4s",
        "audio-init.mp4",
        "video-2.1.2.m4s",
        "video--2.m4s",
        "video-2..m4s",
        "video-.m4s",
        "video-2.01.m4s",
        "VIDEO-2.m4s",
        "video-init.mp",
    };
    struct hls_resource r;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(find(s, "k3x9", names[i], &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "other", "video-2.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "", "video-2.m4s", &r), HLS_NOT_FOUND);
    assert_int_equal(find(s, "k3x", "video-init.mp4", &r), HLS_NOT_FOUND);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(has_what_it_lists),
        WITH_FIXTURE(has_everything_of_the_past),
        WITH_FIXTURE(part_beyond_the_last_is_the_first_of_the_next),
        WITH_FIXTURE(an_ended_one_has_all),
        WITH_FIXTURE(two_segments_ahead_may_be_awaited),
        WITH_FIXTURE(parts_of_three_seconds_ahead_may_be_awaited),
        WITH_FIXTURE(nothing_of_the_past_is_too_far),
        WITH_FIXTURE(finds_init_segments_and_parts),
        WITH_FIXTURE(holds_only_the_part_that_comes_next),
        WITH_FIXTURE(knows_neither_gaps_nor_open_segments),
        WITH_FIXTURE(finds_nothing_under_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
