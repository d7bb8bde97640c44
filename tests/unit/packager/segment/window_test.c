#include "packager/segment/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packager/shelf.h"

struct fixture {
    struct shelf shelf;
    struct window window;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){0};
    shelf_init(&fixture.shelf, TRACK_VIDEO, "e1");
    segment_window_init(&fixture.window, 5);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    segment_window_finish(&f->window);
    shelf_finish(&f->shelf);
    return 0;
}

static void add(struct fixture *f, size_t n, int64_t ms, bool discontinuity)
{
    for (size_t i = 0; i < n; i++) {
        struct segment *segment = shelf_add(&f->shelf, "k", ms);
        segment->discontinuity = discontinuity;
        segment_window_add(&f->window, segment_part_segment_ref(segment));
    }
}

static void lists_at_least_six_segments(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(segment_window_wanted_first(&f->window, 1000), 0);
    add(f, 6, 2000, false);
    assert_int_equal(segment_window_wanted_first(&f->window, 1000), 1);
    add(f, 1, 2000, false);
    assert_int_equal(segment_window_wanted_first(&f->window, 1000), 2);
}

static void lists_at_least_the_window(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 2000, false);
    assert_int_equal(segment_window_wanted_first(&f->window, 16000), 2);
    assert_int_equal(segment_window_wanted_first(&f->window, 16001), 1);
}

static void keeps_what_has_left_as_long_as_the_longest_playlist(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 2000, false);
    segment_window_trim(&f->window, 2, 100000);
    assert_int_equal(segment_window_n_left(&f->window), 1);
    assert_int_equal(segment_window_count(&f->window), 9);
    segment_window_trim(&f->window, 2, 100000 + 18000);
    assert_int_equal(segment_window_count(&f->window), 9);
    segment_window_trim(&f->window, 2, 100000 + 20000);
    assert_int_equal(segment_window_count(&f->window), 8);
    assert_int_equal(segment_window_get(&f->window, 0)->msn, 2);
}

static void counts_discontinuities_that_leave(void **state)
{
    struct fixture *f = *state;
    add(f, 1, 2000, false);
    add(f, 2, 2000, true);
    add(f, 6, 2000, false);
    assert_int_equal(segment_window_discontinuity(&f->window), 5);
    assert_int_equal(segment_window_last_discontinuity(&f->window), 7);
    segment_window_trim(&f->window, 2, 0);
    assert_int_equal(segment_window_discontinuity(&f->window), 5);
    segment_window_trim(&f->window, 3, 0);
    assert_int_equal(segment_window_discontinuity(&f->window), 6);
    assert_int_equal(segment_window_last_discontinuity(&f->window), 7);
}

static void never_takes_a_segment_back(void **state)
{
    struct fixture *f = *state;
    add(f, 9, 2000, false);
    segment_window_trim(&f->window, 3, 0);
    segment_window_trim(&f->window, 1, 0);
    assert_int_equal(segment_window_n_left(&f->window), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_at_least_six_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_at_least_the_window, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            keeps_what_has_left_as_long_as_the_longest_playlist, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_discontinuities_that_leave, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(never_takes_a_segment_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
