#include "core/counter.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void adds_and_sets(void **state)
{
    (void)state;
    struct counter counter = {0};
    assert_int_equal(counter_get(&counter), 0);
    counter_add(&counter, 5);
    counter_add(&counter, -7);
    assert_int_equal(counter_get(&counter), -2);
    counter_set(&counter, 40);
    assert_int_equal(counter_get(&counter), 40);
}

enum { TURNS = 50000, THREADS = 4 };

static void *count(void *ctx)
{
    for (int i = 0; i < TURNS; i++)
        counter_add(ctx, 1);
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    struct counter counter = {0};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &counter), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(counter_get(&counter), TURNS * THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_sets),
        cmocka_unit_test(threads_lose_no_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
