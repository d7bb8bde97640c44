#include "server/show/lineup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packager/clip.h"
#include "tests/unit/packager/coded/coded.h"

struct run {
    struct clip *clip;
    struct lineup lineup;
};

static int setup(void **state)
{
    static struct run run;
    run = (struct run){.clip = clip_load()};
    *state = &run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    show_lineup_finish(&run->lineup);
    clip_free(run->clip);
    return 0;
}

static struct lineup_slot *add(struct run *run, enum track_kind kind, uint8_t track_id)
{
    struct lineup_slot *slot = show_lineup_claim(&run->lineup, kind, track_id);
    assert_non_null(slot);
    show_lineup_header(&run->lineup, slot, media_track_ref(run->clip->tracks[kind]));
    return slot;
}

static size_t begin(struct run *run, struct lineup_slot **slots)
{
    return show_lineup_begin(&run->lineup, slots);
}

static struct track *another(struct run *run)
{
    return media_track_with_size(run->clip->tracks[TRACK_VIDEO], 1920, 1080);
}

static void the_lowest_number_leads(void **state)
{
    struct run *run = *state;
    assert_null(show_lineup_lead(&run->lineup, TRACK_VIDEO));
    struct lineup_slot *sound = add(run, TRACK_AUDIO, 0);
    assert_true(show_lineup_is_first(&run->lineup, sound));
    struct lineup_slot *second = add(run, TRACK_VIDEO, 2);
    assert_ptr_equal(show_lineup_lead(&run->lineup, TRACK_VIDEO), second);
    assert_true(show_lineup_is_first(&run->lineup, second));
    assert_false(show_lineup_is_first(&run->lineup, sound));
    struct lineup_slot *first = add(run, TRACK_VIDEO, 1);
    assert_ptr_equal(show_lineup_lead(&run->lineup, TRACK_VIDEO), first);
    /* One without a header leads nothing. */
    assert_non_null(show_lineup_claim(&run->lineup, TRACK_VIDEO, 0));
    assert_ptr_equal(show_lineup_lead(&run->lineup, TRACK_VIDEO), first);
}

static void tracks_begin_in_the_order_of_their_numbers(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    add(run, TRACK_AUDIO, 7);
    add(run, TRACK_VIDEO, 255);
    add(run, TRACK_VIDEO, 0);
    add(run, TRACK_AUDIO, 3);
    assert_int_equal(begin(run, slots), 4);
    static const struct {
        enum track_kind kind;
        uint8_t track_id;
        unsigned index;
    } expected[] = {{TRACK_VIDEO, 0, 0},
                    {TRACK_VIDEO, 255, 1},
                    {TRACK_AUDIO, 3, 0},
                    {TRACK_AUDIO, 7, 1}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(slots[i]->kind, expected[i].kind);
        assert_int_equal(slots[i]->track_id, expected[i].track_id);
        assert_int_equal(slots[i]->index, expected[i].index);
        assert_true(slots[i]->runs);
    }
}

static void there_are_four_places_of_a_kind(void **state)
{
    struct run *run = *state;
    for (uint8_t id = 0; id < LINEUP_TRACKS_MAX; id++)
        add(run, TRACK_VIDEO, id);
    assert_null(show_lineup_claim(&run->lineup, TRACK_VIDEO, 4));
    assert_non_null(show_lineup_claim(&run->lineup, TRACK_VIDEO, 3));
    assert_non_null(show_lineup_claim(&run->lineup, TRACK_AUDIO, 4));
    assert_null(show_lineup_find(&run->lineup, TRACK_VIDEO, 4));
}

static void a_header_that_differs_waits_for_the_next_beginning(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    struct lineup_slot *slot = add(run, TRACK_VIDEO, 0);
    assert_int_equal(begin(run, slots), 1);
    assert_false(show_lineup_changes(&run->lineup));
    add(run, TRACK_VIDEO, 0); /* the same again */
    assert_false(show_lineup_changes(&run->lineup));
    show_lineup_header(&run->lineup, slot, another(run));
    assert_true(show_lineup_changes(&run->lineup));
    assert_int_equal(slot->track->width, 64);
    assert_int_equal(show_lineup_newest(slot)->width, 1920);
    assert_int_equal(begin(run, slots), 1);
    assert_int_equal(slot->track->width, 1920);
    assert_false(show_lineup_changes(&run->lineup));
}

static void a_header_that_comes_back_changes_nothing(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    struct lineup_slot *slot = add(run, TRACK_VIDEO, 0);
    assert_int_equal(begin(run, slots), 1);
    show_lineup_header(&run->lineup, slot, another(run));
    add(run, TRACK_VIDEO, 0);
    assert_false(show_lineup_changes(&run->lineup));
}

static void a_track_that_ends_goes_at_the_next_beginning(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    struct lineup_slot *first = add(run, TRACK_VIDEO, 0);
    struct lineup_slot *second = add(run, TRACK_VIDEO, 1);
    assert_int_equal(begin(run, slots), 2);
    show_lineup_end(first);
    assert_true(show_lineup_changes(&run->lineup));
    assert_ptr_equal(show_lineup_lead(&run->lineup, TRACK_VIDEO), second);
    assert_int_equal(begin(run, slots), 1);
    assert_ptr_equal(slots[0], second);
    assert_int_equal(second->index, 0);
    assert_null(show_lineup_find(&run->lineup, TRACK_VIDEO, 0));
    assert_false(show_lineup_changes(&run->lineup));
}

static void a_header_takes_an_end_back(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    struct lineup_slot *slot = add(run, TRACK_VIDEO, 0);
    assert_int_equal(begin(run, slots), 1);
    show_lineup_end(slot);
    add(run, TRACK_VIDEO, 0);
    assert_false(show_lineup_changes(&run->lineup));
    assert_ptr_equal(show_lineup_lead(&run->lineup, TRACK_VIDEO), slot);
}

static void a_track_without_a_size_begins_when_it_has_one(void **state)
{
    struct run *run = *state;
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    struct coded *coded = coded_load(TRACK_VP9, "vp9");
    struct lineup_slot *slot = show_lineup_claim(&run->lineup, TRACK_VIDEO, 0);
    show_lineup_header(&run->lineup, slot, media_track_ref(coded->track));
    assert_int_equal(show_lineup_count(&run->lineup, TRACK_VIDEO), 0);
    assert_int_equal(begin(run, slots), 0);
    struct packet unit = {
        .kind = TRACK_VIDEO, .key = true, .data = coded->units[0].data};
    show_lineup_refine(&run->lineup, slot, &unit);
    assert_true(show_lineup_changes(&run->lineup));
    assert_int_equal(begin(run, slots), 1);
    assert_int_equal(slot->track->width, 66);
    coded_free(coded);
}

static void each_track_has_colours_of_its_own(void **state)
{
    struct run *run = *state;
    const struct rtmp_color pq = {.primaries = 9, .transfer = 16, .matrix = 9};
    struct lineup_slot *first = add(run, TRACK_VIDEO, 0);
    struct lineup_slot *second = show_lineup_claim(&run->lineup, TRACK_VIDEO, 1);
    show_lineup_tell_color(&run->lineup, second, &pq);
    add(run, TRACK_VIDEO, 1);
    assert_false(first->track->color.known);
    assert_int_equal(second->track->color.transfer, TRACK_TRANSFER_PQ);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(the_lowest_number_leads),
        RUN(tracks_begin_in_the_order_of_their_numbers),
        RUN(there_are_four_places_of_a_kind),
        RUN(a_header_that_differs_waits_for_the_next_beginning),
        RUN(a_header_that_comes_back_changes_nothing),
        RUN(a_track_that_ends_goes_at_the_next_beginning),
        RUN(a_header_takes_an_end_back),
        RUN(a_track_without_a_size_begins_when_it_has_one),
        RUN(each_track_has_colours_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
