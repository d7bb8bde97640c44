#include "core/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void zero_gives_zeroed_memory(void **state)
{
    (void)state;
    unsigned char *memory = alloc_zero(100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(memory[i], 0);
    alloc_free(memory);
}

static void gives_memory_for_size_zero(void **state)
{
    (void)state;
    void *zero = alloc_zero(0);
    void *array = alloc_array(0, 0);
    void *tried = alloc_try(0);
    assert_non_null(zero);
    assert_non_null(array);
    assert_non_null(tried);
    alloc_free(zero);
    alloc_free(array);
    alloc_free(tried);
}

static void array_is_zeroed_in_all_members(void **state)
{
    (void)state;
    uint64_t *array = alloc_array(33, sizeof *array);
    for (size_t i = 0; i < 33; i++)
        assert_int_equal(array[i], 0);
    alloc_free(array);
}

static void resize_keeps_content_and_starts_from_nothing(void **state)
{
    (void)state;
    char *memory = alloc_resize(NULL, 4);
    memcpy(memory, "abc", 4);
    memory = alloc_resize(memory, 4096);
    assert_string_equal(memory, "abc");
    alloc_free(memory);
}

static void text_copies(void **state)
{
    (void)state;
    char source[] = "show";
    char *copy = alloc_text(source);
    source[0] = 'S';
    assert_string_equal(copy, "show");
    alloc_free(copy);
}

static void text_of_nothing_is_nothing(void **state)
{
    (void)state;
    assert_null(alloc_text(NULL));
}

static void try_fails_softly_when_a_size_is_absurd(void **state)
{
    (void)state;
    volatile size_t absurd = SIZE_MAX / 4; /* unknown to the compiler's own checks */
    assert_null(alloc_try(absurd));
}

static void try_resize_leaves_memory_when_it_fails(void **state)
{
    (void)state;
    volatile size_t absurd = SIZE_MAX / 4;
    char *memory = alloc_text("kept");
    assert_null(alloc_try_resize(memory, absurd));
    assert_string_equal(memory, "kept");
    alloc_free(memory);
}

static void free_takes_nothing(void **state)
{
    (void)state;
    alloc_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_gives_zeroed_memory),
        cmocka_unit_test(gives_memory_for_size_zero),
        cmocka_unit_test(array_is_zeroed_in_all_members),
        cmocka_unit_test(resize_keeps_content_and_starts_from_nothing),
        cmocka_unit_test(text_copies),
        cmocka_unit_test(text_of_nothing_is_nothing),
        cmocka_unit_test(try_fails_softly_when_a_size_is_absurd),
        cmocka_unit_test(try_resize_leaves_memory_when_it_fails),
        cmocka_unit_test(free_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
