#include "core/buf.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/pool.h"

static void copy_is_independent_of_its_source(void **state)
{
    (void)state;
    uint8_t source[] = {1, 2, 3};
    struct buf *buf = buf_copy(bytes_make(source, sizeof source));
    source[0] = 9;
    assert_int_equal(buf_bytes(buf).len, 3);
    assert_int_equal(buf_bytes(buf).data[0], 1);
    buf_unref(buf);
}

static void copy_has_zero_padding_behind(void **state)
{
    (void)state;
    struct buf *buf = buf_copy(bytes_text("abc"));
    const uint8_t *data = buf_bytes(buf).data;
    for (size_t i = 0; i < BUF_PADDING; i++)
        assert_int_equal(data[3 + i], 0);
    buf_unref(buf);
}

static void copy_of_nothing_is_empty_and_padded(void **state)
{
    (void)state;
    struct buf *buf = buf_copy(bytes_make(NULL, 0));
    assert_int_equal(buf_bytes(buf).len, 0);
    assert_non_null(buf_bytes(buf).data);
    buf_unref(buf);
}

static void try_copy_refuses_a_length_that_overflows(void **state)
{
    (void)state;
    uint8_t one = 1;
    assert_null(buf_try_copy(bytes_make(&one, SIZE_MAX)));
    assert_null(buf_try_copy(bytes_make(&one, SIZE_MAX - BUF_PADDING)));
}

static void adopt_pool_gives_the_block_back(void **state)
{
    (void)state;
    size_t before = pool_get_stats().used;
    uint8_t *block = pool_try(4 + BUF_PADDING);
    struct buf *buf = buf_adopt_pool(block, 4);
    assert_ptr_equal(buf_bytes(buf).data, block);
    assert_int_equal(buf_bytes(buf).len, 4);
    buf_unref(buf);
    assert_int_equal(pool_get_stats().used, before);
}

static void adopt_takes_memory_without_copying(void **state)
{
    (void)state;
    uint8_t *memory = alloc_zero(4 + BUF_PADDING);
    struct buf *buf = buf_adopt(memory, 4);
    assert_ptr_equal(buf_bytes(buf).data, memory);
    assert_int_equal(buf_bytes(buf).len, 4);
    buf_unref(buf); /* frees memory: a leak or a second free is seen by ASan */
}

static void static_bytes_are_not_freed(void **state)
{
    (void)state;
    static const char text[] = "for ever";
    struct buf *buf = buf_static(bytes_text(text));
    assert_ptr_equal(buf_bytes(buf).data, text);
    buf_unref(buf);
    assert_string_equal(text, "for ever");
}

static void lives_until_the_last_unref(void **state)
{
    (void)state;
    struct buf *buf = buf_copy(bytes_text("kept"));
    struct buf *again = buf_ref(buf);
    assert_ptr_equal(again, buf);
    buf_unref(buf);
    assert_true(bytes_equal_text(buf_bytes(again), "kept"));
    buf_unref(again);
}

static void takes_null_everywhere(void **state)
{
    (void)state;
    assert_null(buf_ref(NULL));
    buf_unref(NULL);
    assert_int_equal(buf_bytes(NULL).len, 0);
}

enum { TURNS = 20000 };

static void *ref_and_unref(void *ctx)
{
    struct buf *buf = ctx;
    for (int i = 0; i < TURNS; i++)
        buf_unref(buf_ref(buf));
    buf_unref(buf); /* the thread's own reference */
    return NULL;
}

static void threads_count_without_losing_one(void **state)
{
    (void)state;
    struct buf *buf = buf_copy(bytes_text("shared"));
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref, buf_ref(buf)),
                         0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(bytes_equal_text(buf_bytes(buf), "shared"));
    buf_unref(buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_is_independent_of_its_source),
        cmocka_unit_test(copy_has_zero_padding_behind),
        cmocka_unit_test(copy_of_nothing_is_empty_and_padded),
        cmocka_unit_test(try_copy_refuses_a_length_that_overflows),
        cmocka_unit_test(adopt_pool_gives_the_block_back),
        cmocka_unit_test(adopt_takes_memory_without_copying),
        cmocka_unit_test(static_bytes_are_not_freed),
        cmocka_unit_test(lives_until_the_last_unref),
        cmocka_unit_test(takes_null_everywhere),
        cmocka_unit_test(threads_count_without_losing_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
