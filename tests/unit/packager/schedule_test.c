#include "packager/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PART_MS = 334, SILENT_MS = 668 };

/* Packets of both tracks each 20 ms, which stand ahead_ms before the clock. */
static void feed(struct schedule *s, int64_t from_ms, int64_t to_ms, int64_t ahead_ms)
{
    for (int64_t ms = from_ms; ms < to_ms; ms += 20) {
        packager_schedule_note(s, TRACK_VIDEO, ms + ahead_ms, ms);
        packager_schedule_note(s, TRACK_AUDIO, ms + ahead_ms - 300, ms);
        packager_schedule_hear(s, ms);
    }
}

static void knows_nothing_before_the_first_packet(void **state)
{
    (void)state;
    struct schedule s = {0};
    assert_true(packager_schedule_edge_ms(&s, PART_MS, 1000) == SCHEDULE_NEVER);
    assert_true(packager_schedule_due_ms(&s, PART_MS, 0, SILENT_MS) == INT64_MAX);
    assert_false(packager_schedule_is_silent(&s, SILENT_MS, 100000));
}

static void follows_the_clock_a_part_behind(void **state)
{
    (void)state;
    struct schedule s = {0};
    feed(&s, 0, 30000, 5000);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 31000), 36000 - PART_MS);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 631000), 636000 - PART_MS);
}

static void is_due_when_the_edge_is_there_and_all_was_silent(void **state)
{
    (void)state;
    struct schedule s = {0};
    feed(&s, 0, 30000, 5000); /* the last at 29980 */
    assert_int_equal(packager_schedule_due_ms(&s, PART_MS, 40000, SILENT_MS),
                     35000 + PART_MS);
    assert_int_equal(packager_schedule_due_ms(&s, PART_MS, 35000, SILENT_MS),
                     29980 + SILENT_MS);
    assert_false(packager_schedule_is_silent(&s, SILENT_MS, 29980 + SILENT_MS - 1));
    assert_true(packager_schedule_is_silent(&s, SILENT_MS, 29980 + SILENT_MS));
}

static void is_as_patient_as_packets_have_been_late(void **state)
{
    (void)state;
    struct schedule s = {0};
    feed(&s, 0, 30000, 0);
    /* A stall of a second, and what it held back at once. */
    for (int64_t ms = 30000; ms < 31000; ms += 20) {
        packager_schedule_note(&s, TRACK_VIDEO, ms, 31000);
        packager_schedule_note(&s, TRACK_AUDIO, ms - 300, 31000);
    }
    feed(&s, 31000, 35000, 0);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 36000),
                     36000 - 1000 - PART_MS);
    feed(&s, 35000, 60000, 0);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 61000), 61000 - PART_MS);
}

static void is_not_patient_for_ever(void **state)
{
    (void)state;
    struct schedule s = {0};
    feed(&s, 0, 5000, 0);
    packager_schedule_note(&s, TRACK_VIDEO, 0, 5000);
    packager_schedule_note(&s, TRACK_AUDIO, 0, 5000);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 6000), 6000 - PART_MS);
    packager_schedule_note(&s, TRACK_VIDEO, 3100, 5000);
    packager_schedule_note(&s, TRACK_AUDIO, 2800, 5000);
    assert_int_equal(packager_schedule_edge_ms(&s, PART_MS, 6000),
                     6000 - 1900 - PART_MS);
}

static void follows_a_clock_that_drifts(void **state)
{
    (void)state;
    struct schedule s = {0};
    for (int64_t ms = 0; ms < 36000000; ms += 100)
        packager_schedule_note(&s, TRACK_VIDEO, ms + ms / 5000, ms);
    int64_t edge_ms = packager_schedule_edge_ms(&s, 0, 36000000);
    assert_true(edge_ms <= 36007200 && edge_ms >= 36007200 - 5);
}

static void forgets_the_sender_before(void **state)
{
    (void)state;
    struct schedule s = {0};
    feed(&s, 0, 5000, 9000);
    packager_schedule_renew(&s);
    assert_int_equal(packager_schedule_edge_ms(&s, 0, 6000), 15000);
    packager_schedule_note(&s, TRACK_AUDIO, 6000, 6000);
    assert_int_equal(packager_schedule_edge_ms(&s, 0, 6000), 6000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_nothing_before_the_first_packet),
        cmocka_unit_test(follows_the_clock_a_part_behind),
        cmocka_unit_test(is_due_when_the_edge_is_there_and_all_was_silent),
        cmocka_unit_test(is_as_patient_as_packets_have_been_late),
        cmocka_unit_test(is_not_patient_for_ever),
        cmocka_unit_test(follows_a_clock_that_drifts),
        cmocka_unit_test(forgets_the_sender_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
