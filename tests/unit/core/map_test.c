#include "core/map.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int one = 1;
static int two = 2;

static void finds_what_was_put(void **state)
{
    (void)state;
    struct map *map = map_create();
    assert_null(map_find(map, bytes_text("a")));
    assert_null(map_put(map, bytes_text("a"), &one));
    assert_ptr_equal(map_find(map, bytes_text("a")), &one);
    assert_null(map_find(map, bytes_text("b")));
    assert_int_equal(map_count(map), 1);
    map_destroy(map);
}

static void put_replaces_and_gives_the_one_before(void **state)
{
    (void)state;
    struct map *map = map_create();
    (void)map_put(map, bytes_text("a"), &one);
    assert_ptr_equal(map_put(map, bytes_text("a"), &two), &one);
    assert_ptr_equal(map_find(map, bytes_text("a")), &two);
    assert_int_equal(map_count(map), 1);
    map_destroy(map);
}

static void remove_gives_the_value_once(void **state)
{
    (void)state;
    struct map *map = map_create();
    (void)map_put(map, bytes_text("a"), &one);
    assert_ptr_equal(map_remove(map, bytes_text("a")), &one);
    assert_null(map_remove(map, bytes_text("a")));
    assert_null(map_find(map, bytes_text("a")));
    assert_int_equal(map_count(map), 0);
    map_destroy(map);
}

static void copies_its_keys(void **state)
{
    (void)state;
    char key[] = "show";
    struct map *map = map_create();
    (void)map_put(map, bytes_text(key), &one);
    key[0] = 'X';
    assert_ptr_equal(map_find(map, bytes_text("show")), &one);
    map_destroy(map);
}

static void a_key_may_be_empty_or_hold_any_byte(void **state)
{
    (void)state;
    struct map *map = map_create();
    (void)map_put(map, bytes_make(NULL, 0), &one);
    (void)map_put(map, bytes_make("a\0b", 3), &two);
    assert_ptr_equal(map_find(map, bytes_text("")), &one);
    assert_ptr_equal(map_find(map, bytes_make("a\0b", 3)), &two);
    assert_null(map_find(map, bytes_make("a\0c", 3)));
    assert_null(map_find(map, bytes_text("a")));
    map_destroy(map);
}

enum { MANY = 5000 };

static struct bytes numbered(char text[16], int i)
{
    (void)snprintf(text, 16, "key-%d", i);
    return bytes_text(text);
}

static void holds_many_and_forgets_none(void **state)
{
    (void)state;
    static int values[MANY];
    char text[16];
    struct map *map = map_create();
    for (int i = 0; i < MANY; i++)
        assert_null(map_put(map, numbered(text, i), &values[i]));
    assert_int_equal(map_count(map), MANY);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_find(map, numbered(text, i)), &values[i]);
    map_destroy(map);
}

static void comes_and_goes_for_ever_without_losing_its_way(void **state)
{
    (void)state;
    char text[16];
    struct map *map = map_create();
    for (int i = 0; i < MANY; i++) {
        (void)map_put(map, numbered(text, i), &one);
        if (i >= 10)
            assert_ptr_equal(map_remove(map, numbered(text, i - 10)), &one);
    }
    assert_int_equal(map_count(map), 10);
    assert_null(map_find(map, numbered(text, 0)));
    assert_ptr_equal(map_find(map, numbered(text, MANY - 1)), &one);
    map_destroy(map);
}

static void walks_each_entry_once(void **state)
{
    (void)state;
    static int seen[100];
    char text[16];
    struct map *map = map_create();
    for (int i = 0; i < 100; i++)
        (void)map_put(map, numbered(text, i), &seen[i]);
    size_t cursor = 0;
    struct bytes key;
    void *value;
    while (map_next(map, &cursor, &key, &value)) {
        ++*(int *)value;
        assert_ptr_equal(map_find(map, key), value);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(seen[i], 1);
    map_destroy(map);
}

static void the_entry_just_given_may_be_removed_while_walking(void **state)
{
    (void)state;
    char text[16];
    struct map *map = map_create();
    for (int i = 0; i < 100; i++)
        (void)map_put(map, numbered(text, i), &one);
    size_t cursor = 0;
    struct bytes key;
    void *value;
    int n = 0;
    while (map_next(map, &cursor, &key, &value)) {
        assert_ptr_equal(map_remove(map, key), &one);
        n++;
    }
    assert_int_equal(n, 100);
    assert_int_equal(map_count(map), 0);
    map_destroy(map);
}

static void the_key_may_be_left_out_while_walking(void **state)
{
    (void)state;
    struct map *map = map_create();
    (void)map_put(map, bytes_text("a"), &one);
    size_t cursor = 0;
    void *value = NULL;
    assert_true(map_next(map, &cursor, NULL, &value));
    assert_ptr_equal(value, &one);
    assert_false(map_next(map, &cursor, NULL, &value));
    map_destroy(map);
}

static void destroy_takes_nothing(void **state)
{
    (void)state;
    map_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put),
        cmocka_unit_test(put_replaces_and_gives_the_one_before),
        cmocka_unit_test(remove_gives_the_value_once),
        cmocka_unit_test(copies_its_keys),
        cmocka_unit_test(a_key_may_be_empty_or_hold_any_byte),
        cmocka_unit_test(holds_many_and_forgets_none),
        cmocka_unit_test(comes_and_goes_for_ever_without_losing_its_way),
        cmocka_unit_test(walks_each_entry_once),
        cmocka_unit_test(the_entry_just_given_may_be_removed_while_walking),
        cmocka_unit_test(the_key_may_be_left_out_while_walking),
        cmocka_unit_test(destroy_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
