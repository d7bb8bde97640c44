#include "overlay/cue/schedule.h"

#include "tests/unit/overlay/fixture.h"

static struct cue_entry *add(struct cue_schedule *schedule, uint64_t id, int64_t time)
{
    struct cue_entry *entry = cue_entry_create(CUE_SHOW, bytes_text("a"));
    entry->id = id;
    entry->time = time;
    cue_schedule_add(schedule, entry);
    return entry;
}

static void empty(struct cue_schedule *schedule)
{
    struct cue_entry *entry;
    while ((entry = cue_schedule_first(schedule))) {
        cue_schedule_remove(schedule, entry);
        cue_entry_destroy(entry);
    }
}

static void keeps_cues_in_order_of_time_and_then_of_request(void **state)
{
    (void)state;
    struct cue_schedule schedule = {0};
    add(&schedule, 1, 30);
    add(&schedule, 2, 10);
    add(&schedule, 3, 30);
    add(&schedule, 4, 20);
    const uint64_t ids[] = {2, 4, 1, 3};
    assert_int_equal(cue_schedule_count(&schedule), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cue_schedule_at(&schedule, i)->id, ids[i]);
    empty(&schedule);
}

static void gives_the_first_and_forgets_what_is_removed(void **state)
{
    (void)state;
    struct cue_schedule schedule = {0};
    assert_null(cue_schedule_first(&schedule));
    struct cue_entry *late = add(&schedule, 1, 30);
    struct cue_entry *early = add(&schedule, 2, 10);
    assert_ptr_equal(cue_schedule_first(&schedule), early);
    cue_schedule_remove(&schedule, early);
    cue_entry_destroy(early);
    assert_ptr_equal(cue_schedule_first(&schedule), late);
    empty(&schedule);
    assert_int_equal(cue_schedule_count(&schedule), 0);
}

static void says_when_it_is_full(void **state)
{
    (void)state;
    struct cue_schedule schedule = {0};
    for (uint64_t i = 1; i < CUE_SCHEDULE_MAX; i++)
        add(&schedule, i, 1000 - (int64_t)i);
    assert_false(cue_schedule_is_full(&schedule));
    add(&schedule, CUE_SCHEDULE_MAX, 0);
    assert_true(cue_schedule_is_full(&schedule));
    assert_int_equal(cue_schedule_first(&schedule)->id, CUE_SCHEDULE_MAX);
    empty(&schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_cues_in_order_of_time_and_then_of_request),
        cmocka_unit_test(gives_the_first_and_forgets_what_is_removed),
        cmocka_unit_test(says_when_it_is_full),
    };
    return cmocka_run_group_tests_name("cue/schedule", tests, NULL, NULL);
}
