#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/loop/loop.h"
#include "server/loop/timer.h"

struct clockwork {
    struct loop *loop;
    struct loop_timer *timer, *other;
    int64_t fired_ms;
    unsigned n_fired;
    char order[8];
};

static void fire_and_stop(void *ctx)
{
    struct clockwork *work = ctx;
    work->n_fired++;
    work->fired_ms = loop_now_ms(work->loop);
    loop_stop(work->loop);
}

static void fires_once_not_before_its_time(void **state)
{
    (void)state;
    struct clockwork work = {.loop = loop_create(0)};
    work.timer = loop_timer_create(work.loop, fire_and_stop, &work);
    int64_t start_ms = loop_now_ms(work.loop);
    loop_timer_start(work.timer, 5);
    loop_run(work.loop);
    loop_timer_destroy(work.timer);
    loop_destroy(work.loop);
    assert_int_equal(work.n_fired, 1);
    assert_true(work.fired_ms >= start_ms + 5);
}

static void start_replaces_the_time_before(void **state)
{
    (void)state;
    struct clockwork work = {.loop = loop_create(0)};
    work.timer = loop_timer_create(work.loop, fire_and_stop, &work);
    loop_timer_start(work.timer, 3600 * 1000);
    loop_timer_start_at(work.timer, loop_now_ms(work.loop) + 1);
    loop_run(work.loop);
    loop_timer_destroy(work.timer);
    loop_destroy(work.loop);
    assert_int_equal(work.n_fired, 1);
}

static void fire_first(void *ctx)
{
    struct clockwork *work = ctx;
    work->n_fired++;
    loop_timer_stop(work->other);
    loop_timer_start_at(work->other, INT64_MAX);
    loop_timer_start(work->timer, -1); /* in the past: at once */
    if (work->n_fired == 3)
        loop_stop(work->loop);
}

static void never(void *ctx)
{
    (void)ctx;
    fail();
}

static void a_stopped_timer_does_not_fire(void **state)
{
    (void)state;
    struct clockwork work = {.loop = loop_create(0)};
    work.timer = loop_timer_create(work.loop, fire_first, &work);
    work.other = loop_timer_create(work.loop, never, &work);
    loop_timer_start(work.timer, 0);
    loop_timer_start(work.other, 1);
    loop_run(work.loop);
    loop_timer_destroy(work.timer);
    loop_timer_destroy(work.other);
    loop_destroy(work.loop);
    assert_int_equal(work.n_fired, 3);
}

static void destroy_itself(void *ctx)
{
    struct clockwork *work = ctx;
    loop_timer_destroy(work->timer);
    loop_timer_destroy(work->other);
    loop_stop(work->loop);
}

static void may_be_destroyed_in_its_own_callback(void **state)
{
    (void)state;
    struct clockwork work = {.loop = loop_create(0)};
    work.timer = loop_timer_create(work.loop, destroy_itself, &work);
    work.other = loop_timer_create(work.loop, never, &work);
    loop_timer_start(work.timer, 0);
    loop_timer_start(work.other, 0);
    loop_run(work.loop);
    loop_destroy(work.loop);
}

static void may_be_destroyed_after_the_loop(void **state)
{
    (void)state;
    struct loop *loop = loop_create(0);
    struct loop_timer *timer = loop_timer_create(loop, never, NULL);
    loop_timer_start(timer, 3600 * 1000);
    loop_stop(loop);
    loop_run(loop);
    loop_timer_start(timer, 0); /* nothing happens any more */
    loop_destroy(loop);
    loop_timer_destroy(timer);
    loop_timer_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_once_not_before_its_time),
        cmocka_unit_test(start_replaces_the_time_before),
        cmocka_unit_test(a_stopped_timer_does_not_fire),
        cmocka_unit_test(may_be_destroyed_in_its_own_callback),
        cmocka_unit_test(may_be_destroyed_after_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
