#include "server/show/key_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/auth/stream_key.h"

static const int64_t WALL_MS = 1795370400000; /* 2026-11-22 18:00 UTC */

static struct store_key *add(struct store_show *row, const char *key)
{
    struct store_key *added;
    struct err err;
    assert_int_equal(show_key_rules_add(row, bytes_text(key), WALL_MS, &added, &err),
                     0);
    return added;
}

static const struct store_key *find(const struct store_show *row, const char *key)
{
    uint8_t hash[STORE_KEY_HASH_SIZE];
    auth_stream_key_hash(bytes_text(key), hash);
    return show_key_rules_find(row, hash);
}

static void assert_refused(const struct store_key *key, int64_t wall_ms,
                           const char *words)
{
    struct err err;
    assert_int_equal(show_key_rules_check(key, wall_ms, &err), -ERR_INVALID);
    assert_string_equal(err.text, words);
}

static void finds_each_of_the_keys_by_its_hash(void **state)
{
    (void)state;
    struct store_show row = {0};
    add(&row, "one");
    add(&row, "two");
    assert_int_equal(find(&row, "one")->number, 1);
    assert_int_equal(find(&row, "two")->number, 2);
    assert_null(find(&row, "three"));
    assert_ptr_equal(show_key_rules_by_number(&row, 2), find(&row, "two"));
    assert_null(show_key_rules_by_number(&row, 3));
}

static void a_key_without_times_opens_always(void **state)
{
    (void)state;
    struct store_show row = {0};
    struct store_key *key = add(&row, "one");
    assert_int_equal(show_key_rules_check(key, 0, NULL), 0);
    assert_int_equal(show_key_rules_check(key, INT64_MAX, NULL), 0);
}

static void a_time_box_opens_at_its_start_and_closes_at_its_end(void **state)
{
    (void)state;
    struct store_show row = {0};
    struct store_key *key = add(&row, "one");
    key->not_before_ms = WALL_MS;
    key->expires_ms = WALL_MS + 3600000;
    assert_refused(key, WALL_MS - 1, "This key is valid from 2026-11-22 18:00 UTC.");
    assert_int_equal(show_key_rules_check(key, WALL_MS, NULL), 0);
    assert_int_equal(show_key_rules_check(key, WALL_MS + 3599999, NULL), 0);
    assert_refused(key, WALL_MS + 3600000, "This key expired at 2026-11-22 19:00 UTC.");
}

static void who_holds_a_key_that_is_gone_is_told_why(void **state)
{
    (void)state;
    struct store_show row = {0};
    add(&row, "one");
    add(&row, "two");
    assert_true(show_key_rules_revoke(&row, 1));
    show_key_rules_replace_all(&row);
    assert_refused(find(&row, "one"), WALL_MS, "This key was revoked.");
    assert_refused(find(&row, "two"), WALL_MS, "This key was replaced by a new one.");
}

static void a_key_is_revoked_once(void **state)
{
    (void)state;
    struct store_show row = {0};
    add(&row, "one");
    assert_false(show_key_rules_revoke(&row, 2));
    assert_true(show_key_rules_revoke(&row, 1));
    assert_false(show_key_rules_revoke(&row, 1));
}

static void a_show_has_so_many_valid_keys_and_no_more(void **state)
{
    (void)state;
    struct store_show row = {0};
    struct store_key *added = NULL;
    struct err err;
    for (int i = 0; i < SHOW_KEYS_VALID_MAX; i++)
        add(&row, "k");
    assert_int_equal(show_key_rules_add(&row, bytes_text("x"), 0, &added, &err),
                     -ERR_LIMIT);
    assert_null(added);
    assert_true(show_key_rules_revoke(&row, 3));
    add(&row, "x");
    assert_int_equal(show_key_rules_count_valid(&row), SHOW_KEYS_VALID_MAX);
}

/* However many come and go: a number is never given twice, what is valid is never
 * forgotten, and of those that are gone the newest are remembered. */
static void numbers_grow_and_the_oldest_that_is_gone_is_forgotten(void **state)
{
    (void)state;
    struct store_show row = {0};
    char text[16];
    add(&row, "stays");
    for (unsigned i = 2; i <= 100; i++) {
        (void)snprintf(text, sizeof text, "guest %u", i);
        assert_int_equal(add(&row, text)->number, i);
        assert_true(show_key_rules_revoke(&row, i));
    }
    assert_int_equal(row.n_keys, STORE_KEYS_MAX);
    assert_int_equal(find(&row, "stays")->state, STORE_KEY_VALID);
    assert_int_equal(find(&row, "guest 100")->number, 100);
    assert_non_null(find(&row, "guest 86"));
    assert_null(find(&row, "guest 85"));
}

static void names_are_k_and_the_number(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",    "k",   "7",           "k0", "k07",
                                        "k+7", "k 7", "k4294967296", "K7", "k7 "};
    char name[SHOW_KEY_NAME_MAX];
    show_key_rules_print_name(UINT32_MAX, name);
    assert_string_equal(name, "k4294967295");
    assert_int_equal(show_key_rules_parse_name(bytes_text(name)), UINT32_MAX);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(show_key_rules_parse_name(bytes_text(wrong[i])), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_of_the_keys_by_its_hash),
        cmocka_unit_test(a_key_without_times_opens_always),
        cmocka_unit_test(a_time_box_opens_at_its_start_and_closes_at_its_end),
        cmocka_unit_test(who_holds_a_key_that_is_gone_is_told_why),
        cmocka_unit_test(a_key_is_revoked_once),
        cmocka_unit_test(a_show_has_so_many_valid_keys_and_no_more),
        cmocka_unit_test(numbers_grow_and_the_oldest_that_is_gone_is_forgotten),
        cmocka_unit_test(names_are_k_and_the_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
