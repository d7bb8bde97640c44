#include "packager/packager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"
#include "tests/unit/packager/shelf.h"

enum { FRAME = 3000, SOUND = 1024 };

struct fixture {
    struct packager *packager;
    struct track *video, *audio;
    unsigned n_parts;
    struct packager_event last_part;
    struct packager_event last_finding;
    bool found;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){0};
    f.video = shelf_track(TRACK_VIDEO);
    f.audio = shelf_track(TRACK_AUDIO);
    f.packager = packager_create(&(struct packager_config){
        .part_ms = 334, .segment_ms = 2000, .window_ms = 16000, .first_msn = 7});
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    packager_destroy(f->packager);
    media_track_unref(f->video);
    media_track_unref(f->audio);
    return 0;
}

static void pull(struct fixture *f)
{
    struct packager_event event;
    while (packager_next(f->packager, &event)) {
        if (event.type == PACKAGER_PART_DUE) {
            f->n_parts++;
            f->last_part = event;
            packager_finish_part(f->packager, NULL, 0);
        } else if (event.type == PACKAGER_FINDING) {
            f->found = true;
            f->last_finding = event;
        }
    }
}

static int push(struct fixture *f, enum track_kind kind, int64_t dts, bool key)
{
    struct packet packet = {
        .kind = kind,
        .dts = dts,
        .pts = dts,
        .key = key,
        .data = buf_copy(bytes_text("payload")),
    };
    int result = packager_push(f->packager, &packet, 0, NULL);
    assert_null(packet.data);
    pull(f);
    return result;
}

/* Pictures from first to last-1 with a key frame each 2 s. */
static void push_pictures(struct fixture *f, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++)
        assert_int_equal(push(f, TRACK_VIDEO, i * FRAME, i % 60 == 0), 0);
}

static void needs_a_track(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_int_equal(packager_begin(f->packager, "e1", NULL, 0, 0, &err), -ERR_INVALID);
}

static void takes_only_tokens_that_fit_a_path(void **state)
{
    struct fixture *f = *state;
    static const char *const tokens[] = {"", "E1", "a/b", "a.b", "0123456789abcdef"};
    struct packager_track video = {.track = f->video};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        assert_int_equal(packager_begin(f->packager, tokens[i], &video, 1, 0, NULL),
                         -ERR_INVALID);
    assert_int_equal(packager_begin(f->packager, "0123456789abcde", &video, 1, 0, NULL),
                     0);
}

/* NULL: without. */
static size_t list_tracks(struct track *video, struct track *audio,
                          struct packager_track ret[TRACK_KINDS])
{
    size_t n = 0;
    if (video)
        ret[n++] = (struct packager_track){.track = video};
    if (audio)
        ret[n++] = (struct packager_track){.track = audio};
    return n;
}

static void begin(struct fixture *f, bool video, bool audio)
{
    struct packager_track tracks[TRACK_KINDS];
    size_t n = list_tracks(video ? f->video : NULL, audio ? f->audio : NULL, tracks);
    assert_int_equal(packager_begin(f->packager, "e1", tracks, n, 0, NULL), 0);
}

static bool continues(const struct fixture *f, struct track *video, struct track *audio)
{
    struct packager_track tracks[TRACK_KINDS];
    return packager_continues(f->packager, tracks, list_tracks(video, audio, tracks));
}

static void refuses_packets_of_a_track_that_was_not_announced(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(push(f, TRACK_VIDEO, 0, true), -ERR_MEDIA);
    begin(f, true, false);
    assert_int_equal(push(f, TRACK_AUDIO, 0, true), -ERR_MEDIA);
    assert_true(f->found);
    assert_int_equal(f->last_finding.finding.what, PACKAGER_REFUSED_PACKET);
    assert_int_equal(f->last_finding.finding.value, 2);
}

static void refuses_times_that_do_not_grow(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    assert_int_equal(push(f, TRACK_VIDEO, 0, true), 0);
    assert_int_equal(push(f, TRACK_VIDEO, 0, false), -ERR_MEDIA);
    assert_int_equal(push(f, TRACK_VIDEO, FRAME, false), 0);
}

static void refuses_times_off_the_axis(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    assert_int_equal(push(f, TRACK_VIDEO, -1, true), -ERR_MEDIA);
    assert_int_equal(push(f, TRACK_VIDEO, INT64_MAX, true), -ERR_MEDIA);
    assert_int_equal(push(f, TRACK_VIDEO, 0, true), 0);
    assert_int_equal(push(f, TRACK_VIDEO, 61 * 90000, true), -ERR_MEDIA);
}

static void refuses_more_bytes_than_may_wait(void **state)
{
    enum { LARGE = 8 * 1024 * 1024 };
    struct fixture *f = *state;
    char *memory = calloc(1, LARGE);
    assert_non_null(memory);
    struct buf *large = buf_copy(bytes_make((uint8_t *)memory, LARGE));
    free(memory);
    unsigned n_taken = 0;
    begin(f, true, false);
    for (int i = 0; i < 20; i++) {
        struct packet packet = {.kind = TRACK_VIDEO,
                                .dts = (int64_t)i * FRAME,
                                .pts = (int64_t)i * FRAME,
                                .key = i == 0,
                                .data = buf_ref(large)};
        n_taken += packager_push(f->packager, &packet, 0, NULL) == 0;
        pull(f);
    }
    assert_int_equal(n_taken, 8); /* 64 MiB, and the start is not measured yet */
    assert_true(f->found);
    buf_unref(large);
}

static void shows_nothing_before_the_second_key_frame(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    push_pictures(f, 0, 60);
    assert_null(packager_snapshot(f->packager, TRACK_VIDEO));
    assert_null(packager_multivariant(f->packager));
    assert_int_equal(packager_get_constants(f->packager).part_target_ms, 0);
    push_pictures(f, 60, 61);
    struct snapshot *snapshot = packager_snapshot(f->packager, TRACK_VIDEO);
    assert_non_null(snapshot);
    assert_int_equal(snapshot->last_msn, 7);
    assert_int_equal(snapshot->n_segments, 1);
    assert_int_equal(snapshot->segments[0]->n_parts, 6);
    assert_int_equal(f->n_parts, 6);
    hls_snapshot_unref(snapshot);
    struct buf *multivariant = packager_multivariant(f->packager);
    assert_non_null(multivariant);
    buf_unref(multivariant);
}

static void waits_for_a_second_key_frame_no_longer_than_a_segment(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    for (int64_t i = 0; i < 75; i++)
        assert_int_equal(push(f, TRACK_VIDEO, i * FRAME, i == 0), 0);
    assert_null(packager_snapshot(f->packager, TRACK_VIDEO));
    assert_int_equal(push(f, TRACK_VIDEO, 75 * FRAME, false), 0);
    struct snapshot *snapshot = packager_snapshot(f->packager, TRACK_VIDEO);
    assert_non_null(snapshot);
    assert_int_equal(snapshot->target_duration_s, 10);
    assert_int_equal(snapshot->n_open_parts, 7);
    hls_snapshot_unref(snapshot);
}

static void drops_what_lies_before_the_first_key_frame(void **state)
{
    struct fixture *f = *state;
    begin(f, true, true);
    for (int64_t i = 0; i < 200; i++) {
        assert_int_equal(push(f, TRACK_AUDIO, i * SOUND, true), 0);
        if (i < 100)
            assert_int_equal(push(f, TRACK_VIDEO, i * FRAME, i == 15 || i == 75), 0);
    }
    struct snapshot *video = packager_snapshot(f->packager, TRACK_VIDEO);
    struct snapshot *audio = packager_snapshot(f->packager, TRACK_AUDIO);
    assert_true(video->segments[0]->start == 45000);
    assert_true(audio->segments[0]->start == 22 * SOUND); /* 0.511 s */
    hls_snapshot_unref(video);
    hls_snapshot_unref(audio);
}

static void tells_of_each_part_what_markers_need(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    push_pictures(f, 0, 61);
    assert_false(f->last_part.part.opens_segment);
    assert_true(f->last_part.part.start == 50 * FRAME);
    assert_true(f->last_part.part.end == 60 * FRAME);
    assert_true(packager_open_time(f->packager) == 60 * FRAME);
    assert_true(packager_newest_time(f->packager) == 60 * FRAME);
    push_pictures(f, 61, 71);
    assert_true(f->last_part.part.opens_segment);
    assert_true(f->last_part.part.independent);
    assert_int_equal(f->last_part.rendition, TRACK_VIDEO);
}

static void puts_markers_in_front_of_the_moof(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    struct marker markers[] = {{.time = 0, .box = buf_copy(bytes_text("one"))},
                               {.time = 1, .box = buf_copy(bytes_text("two"))}};
    for (int64_t i = 0; i < 61; i++) {
        struct packet packet = {.dts = i * FRAME,
                                .pts = i * FRAME,
                                .key = i % 60 == 0,
                                .data = buf_copy(bytes_text("payload"))};
        assert_int_equal(packager_push(f->packager, &packet, 0, NULL), 0);
    }
    struct packager_event event;
    assert_true(packager_next(f->packager, &event));
    assert_int_equal(event.type, PACKAGER_PART_DUE);
    packager_finish_part(f->packager, markers, 2);
    pull(f);
    struct snapshot *snapshot = packager_snapshot(f->packager, TRACK_VIDEO);
    struct bytes part = buf_bytes(snapshot->segments[0]->parts[0]->data);
    assert_memory_equal(part.data, "onetwo", 6);
    assert_memory_equal(part.data + 10, "moof", 4);
    hls_snapshot_unref(snapshot);
    buf_unref(markers[0].box);
    buf_unref(markers[1].box);
}

static void counts_segments_that_players_may_have_seen(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(packager_next_msn(f->packager), 7);
    begin(f, true, false);
    push_pictures(f, 0, 61);
    assert_int_equal(packager_next_msn(f->packager), 8);
    push_pictures(f, 61, 71);
    assert_int_equal(packager_next_msn(f->packager), 9);
    packager_end(f->packager, 0);
    pull(f);
    assert_int_equal(packager_next_msn(f->packager), 9);
    assert_int_equal(packager_next_discontinuity(f->packager), 1);
}

static void has_no_deadline_before_there_is_media(void **state)
{
    struct fixture *f = *state;
    assert_true(packager_deadline_ms(f->packager) == INT64_MAX);
    begin(f, true, false);
    assert_true(packager_deadline_ms(f->packager) == INT64_MAX);
    packager_tick(f->packager, 100000);
    pull(f);
    packager_end(f->packager, 100000);
    pull(f);
    assert_true(packager_deadline_ms(f->packager) == INT64_MAX);
}

static void tells_of_missing_media_without_asking(void **state)
{
    struct fixture *f = *state;
    struct packager_event event;
    begin(f, true, false);
    push_pictures(f, 0, 61); /* all at 0 ms: two seconds ahead */
    unsigned n_parts = f->n_parts;
    packager_tick(f->packager, 600);
    assert_false(packager_next(f->packager, &event));
    int64_t now_ms = packager_deadline_ms(f->packager);
    packager_tick(f->packager, now_ms);
    assert_true(packager_next(f->packager, &event));
    assert_int_equal(event.type, PACKAGER_PART_DUE); /* the open one is closed first */
    assert_true(event.part.start == 60 * FRAME && event.part.end == 61 * FRAME);
    packager_finish_part(f->packager, NULL, 0);
    assert_true(packager_next(f->packager, &event));
    assert_int_equal(event.type, PACKAGER_GAP);
    assert_int_equal(event.rendition, TRACK_VIDEO);
    assert_true(event.part.start == 61 * FRAME);
    pull(f);
    assert_int_equal(f->n_parts, n_parts);
    struct snapshot *snapshot = packager_snapshot(f->packager, TRACK_VIDEO);
    assert_int_equal(snapshot->n_open_parts, 1); /* in a segment of its own */
    const struct segment *last = snapshot->segments[snapshot->n_segments - 2];
    assert_int_equal(last->n_parts, 1);
    assert_true(last->duration == FRAME && !last->gap);
    hls_snapshot_unref(snapshot);
}

static void continues_with_the_same_tracks_only(void **state)
{
    struct fixture *f = *state;
    assert_false(continues(f, f->video, f->audio));
    begin(f, true, true);
    pull(f);
    struct track *copy = NULL;
    assert_int_equal(media_track_create(f->video->codec, f->video->config, &copy, NULL),
                     0);
    assert_true(continues(f, copy, f->audio));
    media_track_unref(copy);
    assert_false(continues(f, f->video, NULL));
    assert_false(continues(f, NULL, f->audio));
    packager_end(f->packager, 0);
    pull(f);
    assert_false(continues(f, f->video, f->audio));
}

static void resumes_with_a_key_frame(void **state)
{
    struct fixture *f = *state;
    begin(f, true, false);
    push_pictures(f, 0, 61);
    packager_resume(f->packager, 0);
    pull(f);
    for (int64_t i = 65; i < 70; i++)
        assert_int_equal(push(f, TRACK_VIDEO, i * FRAME, false), 0);
    assert_int_equal(push(f, TRACK_VIDEO, 75 * FRAME, true), 0);
    assert_int_equal(push(f, TRACK_VIDEO, 76 * FRAME, false), 0);
    struct snapshot *snapshot = packager_snapshot(f->packager, TRACK_VIDEO);
    const struct segment *open = snapshot->segments[snapshot->n_segments - 1];
    assert_int_equal(open->n_parts, 2); /* in a segment of its own */
    assert_null(open->parts[0]->data);
    assert_null(open->parts[1]->data);
    assert_true(open->parts[1]->start + open->parts[1]->duration == 75 * FRAME);
    hls_snapshot_unref(snapshot);
    assert_false(f->found && f->last_finding.finding.what == PACKAGER_REFUSED_PACKET);
}

static void can_be_given_up_at_any_moment(void **state)
{
    struct fixture *f = *state;
    begin(f, true, true);
    push_pictures(f, 0, 20);
    begin(f, true, true);
    struct packet packet = {.data = buf_copy(bytes_text("payload"))};
    assert_int_equal(packager_push(f->packager, &packet, 0, NULL), 0);
    packager_end(f->packager, 0);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(needs_a_track),
        WITH_FIXTURE(takes_only_tokens_that_fit_a_path),
        WITH_FIXTURE(refuses_packets_of_a_track_that_was_not_announced),
        WITH_FIXTURE(refuses_times_that_do_not_grow),
        WITH_FIXTURE(refuses_times_off_the_axis),
        WITH_FIXTURE(refuses_more_bytes_than_may_wait),
        WITH_FIXTURE(shows_nothing_before_the_second_key_frame),
        WITH_FIXTURE(waits_for_a_second_key_frame_no_longer_than_a_segment),
        WITH_FIXTURE(drops_what_lies_before_the_first_key_frame),
        WITH_FIXTURE(tells_of_each_part_what_markers_need),
        WITH_FIXTURE(puts_markers_in_front_of_the_moof),
        WITH_FIXTURE(counts_segments_that_players_may_have_seen),
        WITH_FIXTURE(has_no_deadline_before_there_is_media),
        WITH_FIXTURE(tells_of_missing_media_without_asking),
        WITH_FIXTURE(continues_with_the_same_tracks_only),
        WITH_FIXTURE(resumes_with_a_key_frame),
        WITH_FIXTURE(can_be_given_up_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
