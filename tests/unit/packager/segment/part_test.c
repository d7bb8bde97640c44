#include "packager/segment/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/packager/shelf.h"

/* Leaks and uses after the end are the sanitizers' to find. */
static void a_segment_holds_its_parts_and_its_epoch(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_init(&shelf, TRACK_VIDEO, "e1");
    struct segment *segment = segment_part_segment_ref(shelf_add(&shelf, "kp", 200));
    shelf_finish(&shelf);
    assert_int_equal(segment->n_parts, 2);
    assert_true(bytes_equal_text(buf_bytes(segment->parts[1]->data), "part"));
    assert_string_equal(segment->epoch->token, "e1");
    assert_int_equal(segment->epoch->track->kind, TRACK_VIDEO);
    segment_part_segment_unref(segment);
}

static void a_copy_of_an_open_segment_stays_as_it_was(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_init(&shelf, TRACK_VIDEO, "e1");
    struct segment open = *shelf_add(&shelf, "kpp", 100);
    open.n_parts = 2;
    struct segment *copy = segment_part_segment_create(&open);
    open.n_parts = 3;
    assert_int_equal(copy->n_parts, 2);
    assert_ptr_equal(copy->parts[0], open.parts[0]);
    segment_part_segment_unref(copy);
    shelf_finish(&shelf);
}

static void destructors_take_null(void **state)
{
    (void)state;
    segment_part_unref(NULL);
    segment_part_segment_unref(NULL);
    segment_part_epoch_unref(NULL);
    assert_null(segment_part_epoch_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_holds_its_parts_and_its_epoch),
        cmocka_unit_test(a_copy_of_an_open_segment_stays_as_it_was),
        cmocka_unit_test(destructors_take_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
