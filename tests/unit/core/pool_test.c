#include "core/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { REGION_MAX = 64 * 1024 * 1024 }; /* no region is that long */

static int set_up(void **state)
{
    (void)state;
    return pool_get_stats().used == 0 ? 0 : -1;
}

static void blocks_do_not_overlap(void **state)
{
    (void)state;
    uint8_t *blocks[300];
    for (size_t i = 0; i < 300; i++) {
        blocks[i] = pool_try(1 + i * 997);
        memset(blocks[i], (int)(i & 0xff), 1 + i * 997);
    }
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(blocks[i][0], i & 0xff);
        assert_int_equal(blocks[i][i * 997], i & 0xff);
        pool_free(blocks[i]);
    }
    assert_int_equal(pool_get_stats().used, 0);
}

/* As a window does: the oldest go, new ones of other lengths come. */
static void what_is_free_is_used_again(void **state)
{
    (void)state;
    enum { WINDOW = 100, ROUNDS = 20000 };
    void *window[WINDOW] = {NULL};
    uint32_t random = 1;
    for (size_t i = 0; i < ROUNDS; i++) {
        random = random * 1664525u + 1013904223u;
        pool_free(window[i % WINDOW]);
        window[i % WINDOW] = pool_try(60000 + random % 100000);
        assert_non_null(window[i % WINDOW]);
    }
    assert_true(pool_get_stats().used < (size_t)WINDOW * 162 * 1024);
    assert_true(pool_get_stats().reserved <= REGION_MAX);
    for (size_t i = 0; i < WINDOW; i++)
        pool_free(window[i]);
    assert_int_equal(pool_get_stats().used, 0);
}

static void memory_goes_back_when_all_is_free(void **state)
{
    (void)state;
    enum { N = 200 };
    void *blocks[N];
    for (size_t i = 0; i < N; i++)
        blocks[i] = pool_try(1024 * 1024);
    assert_true(pool_get_stats().reserved >= (size_t)N * 1024 * 1024);
    for (size_t i = 0; i < N; i++)
        pool_free(blocks[i]);
    assert_true(pool_get_stats().reserved <= REGION_MAX);
}

static void a_block_may_be_longer_than_a_region(void **state)
{
    (void)state;
    size_t before = pool_get_stats().reserved;
    uint8_t *small = pool_try(10);
    uint8_t *block = pool_try(REGION_MAX);
    memset(block, 7, REGION_MAX);
    pool_shrink(block, 100);
    pool_free(block);
    pool_free(small);
    assert_int_equal(pool_get_stats().used, 0);
    assert_true(pool_get_stats().reserved <= before + REGION_MAX / 2);
}

static void refuses_what_no_machine_has(void **state)
{
    (void)state;
    assert_null(pool_try(SIZE_MAX));
    assert_null(pool_try(SIZE_MAX - REGION_MAX));
    assert_int_equal(pool_get_stats().used, 0);
}

static void shrinking_gives_the_rest_back(void **state)
{
    (void)state;
    uint8_t *block = pool_try(100 * 1024);
    memset(block, 5, 100 * 1024);
    pool_shrink(block, 10);
    assert_true(pool_get_stats().used < 2 * 1024);
    assert_int_equal(block[9], 5);
    pool_free(block);
    assert_int_equal(pool_get_stats().used, 0);
}

static void *free_in_thread(void *block)
{
    pool_free(block);
    return NULL;
}

static void another_thread_may_free(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, free_in_thread, pool_try(5000)), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pool_get_stats().used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(blocks_do_not_overlap, set_up),
        cmocka_unit_test_setup(what_is_free_is_used_again, set_up),
        cmocka_unit_test_setup(memory_goes_back_when_all_is_free, set_up),
        cmocka_unit_test_setup(a_block_may_be_longer_than_a_region, set_up),
        cmocka_unit_test_setup(refuses_what_no_machine_has, set_up),
        cmocka_unit_test_setup(shrinking_gives_the_rest_back, set_up),
        cmocka_unit_test_setup(another_thread_may_free, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
