#include "server/hook/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"

enum { DAY_MS = HOOK_AGE_MAX_MS };

static struct hook_tell *make(const char *show, const char *id)
{
    struct hook_tell *tell = alloc_zero(sizeof *tell);
    tell->event.type = HOOK_UNPUBLISH;
    hook_event_set(tell->event.show, sizeof tell->event.show, show);
    hook_event_set(tell->event.id, sizeof tell->event.id, id);
    return tell;
}

static void assert_next(struct hook_queue *queue, int64_t now_ms, const char *id,
                        struct hook_tell **ret_tell)
{
    *ret_tell = hook_queue_next(queue, now_ms);
    assert_non_null(*ret_tell);
    assert_string_equal((*ret_tell)->event.id, id);
}

static void deliver(struct hook_queue *queue, struct hook_tell *tell)
{
    hook_queue_done(queue, tell);
    alloc_free(tell);
}

static void tells_a_show_s_events_one_after_the_other(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(10);
    assert_null(hook_queue_add(queue, make("a", "1")));
    assert_null(hook_queue_add(queue, make("a", "2")));
    assert_next(queue, 0, "1", &tell);
    assert_null(hook_queue_next(queue, 0));
    deliver(queue, tell);
    assert_next(queue, 0, "2", &tell);
    deliver(queue, tell);
    assert_null(hook_queue_next(queue, 0));
    assert_int_equal(hook_queue_count(queue), 0);
    hook_queue_destroy(queue);
}

static void a_show_that_fails_holds_up_no_other(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(10);
    (void)hook_queue_add(queue, make("a", "1"));
    (void)hook_queue_add(queue, make("b", "2"));
    assert_next(queue, 0, "1", &tell);
    assert_false(hook_queue_failed(queue, tell, 0, 0, 0));
    assert_next(queue, 0, "2", &tell);
    deliver(queue, tell);
    assert_null(hook_queue_next(queue, 0));
    assert_int_equal(hook_queue_due_ms(queue), 500);
    assert_null(hook_queue_next(queue, 499));
    assert_next(queue, 500, "1", &tell);
    hook_queue_destroy(queue);
}

static void waits_longer_after_each_failure_up_to_a_limit(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(10);
    (void)hook_queue_add(queue, make("a", "1"));
    int64_t now_ms = 0, whole_ms = HOOK_BACKOFF_MIN_MS;
    for (int i = 0; i < 12; i++) {
        assert_next(queue, now_ms, "1", &tell);
        /* The random number is spread over half of the wait. */
        uint32_t random = i % 2 ? 0 : (uint32_t)whole_ms / 2;
        assert_false(hook_queue_failed(queue, tell, now_ms, now_ms, random));
        assert_int_equal(hook_queue_due_ms(queue) - now_ms,
                         i % 2 ? whole_ms / 2 : whole_ms);
        now_ms = hook_queue_due_ms(queue);
        whole_ms =
            2 * whole_ms < HOOK_BACKOFF_MAX_MS ? 2 * whole_ms : HOOK_BACKOFF_MAX_MS;
    }
    hook_queue_destroy(queue);
}

static void a_delivery_ends_the_row_of_failures(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(10);
    (void)hook_queue_add(queue, make("a", "1"));
    (void)hook_queue_add(queue, make("a", "2"));
    assert_next(queue, 0, "1", &tell);
    (void)hook_queue_failed(queue, tell, 0, 0, 0);
    assert_next(queue, 5000, "1", &tell);
    deliver(queue, tell);
    assert_next(queue, 5000, "2", &tell);
    (void)hook_queue_failed(queue, tell, 5000, 0, 0);
    assert_int_equal(hook_queue_due_ms(queue), 5500);
    hook_queue_destroy(queue);
}

static void gives_up_after_a_day_and_goes_on(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(10);
    struct hook_tell *old = make("a", "1");
    old->event.wall_ms = 1000;
    (void)hook_queue_add(queue, old);
    (void)hook_queue_add(queue, make("a", "2"));
    assert_next(queue, 0, "1", &tell);
    assert_false(hook_queue_failed(queue, tell, 0, DAY_MS + 999, 0));
    assert_next(queue, 500, "1", &tell);
    assert_true(hook_queue_failed(queue, tell, 500, DAY_MS + 1000, 0));
    alloc_free(tell);
    assert_next(queue, 500, "2", &tell);
    assert_int_equal(hook_queue_count(queue), 1);
    hook_queue_destroy(queue);
}

static void the_oldest_makes_room_unless_it_is_being_sent(void **state)
{
    (void)state;
    struct hook_tell *tell;
    struct hook_queue *queue = hook_queue_create(2);
    assert_null(hook_queue_add(queue, make("a", "1")));
    assert_null(hook_queue_add(queue, make("b", "2")));
    assert_next(queue, 0, "1", &tell);
    struct hook_tell *dropped = hook_queue_add(queue, make("c", "3"));
    assert_string_equal(dropped->event.id, "2");
    alloc_free(dropped);
    assert_int_equal(hook_queue_count(queue), 2);
    deliver(queue, tell);
    assert_next(queue, 0, "3", &tell);
    hook_queue_destroy(queue);
}

static void an_empty_queue_waits_for_ever(void **state)
{
    (void)state;
    struct hook_queue *queue = hook_queue_create(2);
    assert_int_equal(hook_queue_due_ms(queue), INT64_MAX);
    assert_null(hook_queue_next(queue, 0));
    (void)hook_queue_add(queue, make("a", "1"));
    assert_true(hook_queue_due_ms(queue) <= 0);
    hook_queue_destroy(queue);
    hook_queue_destroy(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_show_s_events_one_after_the_other),
        cmocka_unit_test(a_show_that_fails_holds_up_no_other),
        cmocka_unit_test(waits_longer_after_each_failure_up_to_a_limit),
        cmocka_unit_test(a_delivery_ends_the_row_of_failures),
        cmocka_unit_test(gives_up_after_a_day_and_goes_on),
        cmocka_unit_test(the_oldest_makes_room_unless_it_is_being_sent),
        cmocka_unit_test(an_empty_queue_waits_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
