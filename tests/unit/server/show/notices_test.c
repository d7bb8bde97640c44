#include "server/show/notices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/logged.h"

static const char STUDIO[] = "192.0.2.1";
static const char PHONE[] = "192.0.2.2";
static const char WRONG_KEY[] = "wrong key";
static const char TAKEN[] = "somebody else is on air";

static bool pass(struct show_notices *notices, const char *address, const char *reason,
                 int64_t now_ms)
{
    unsigned n_more;
    return show_notices_pass(notices, address, reason, now_ms, &n_more);
}

static void writes_each_address_and_reason_once_in_a_window(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    assert_true(pass(&notices, STUDIO, WRONG_KEY, 1000));
    assert_true(pass(&notices, PHONE, WRONG_KEY, 1000));
    assert_true(pass(&notices, STUDIO, TAKEN, 1000));
    assert_false(pass(&notices, STUDIO, WRONG_KEY, 1001));
    assert_false(pass(&notices, PHONE, WRONG_KEY, 999 + NOTICES_WINDOW_MS));
    assert_true(pass(&notices, STUDIO, WRONG_KEY, 1000 + NOTICES_WINDOW_MS));
}

static void says_how_many_there_were_meanwhile(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    unsigned n_more = 99;
    assert_true(show_notices_pass(&notices, STUDIO, WRONG_KEY, 0, &n_more));
    assert_int_equal(n_more, 0);
    for (int i = 1; i <= 7; i++)
        assert_false(show_notices_pass(&notices, STUDIO, WRONG_KEY, i, &n_more));
    assert_true(
        show_notices_pass(&notices, STUDIO, WRONG_KEY, NOTICES_WINDOW_MS, &n_more));
    assert_int_equal(n_more, 7);
    assert_true(
        show_notices_pass(&notices, STUDIO, WRONG_KEY, 2 * NOTICES_WINDOW_MS, &n_more));
    assert_int_equal(n_more, 0);
}

static void takes_a_network_of_ipv6_and_this_machine_for_one_address(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    assert_true(pass(&notices, "2001:db8::1", WRONG_KEY, 0));
    assert_false(pass(&notices, "2001:db8::ffff", WRONG_KEY, 1));
    assert_true(pass(&notices, "2001:db8:0:1::1", WRONG_KEY, 1));
    assert_true(pass(&notices, "127.0.0.1", WRONG_KEY, 0));
    assert_false(pass(&notices, "::1", WRONG_KEY, 1));
    assert_false(pass(&notices, "local", WRONG_KEY, 1));
}

/* An hour in which a thousand addresses are refused every second. */
static void a_flood_of_addresses_writes_no_more_than_it_may(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    unsigned n_lines = 0;
    for (int second = 0; second < 3600; second++)
        for (int i = 0; i < 1000; i++) {
            char address[32];
            (void)snprintf(address, sizeof address, "10.%d.%d.%d", second % 7, i / 250,
                           i % 250);
            n_lines += pass(&notices, address, WRONG_KEY, second * 1000);
        }
    /* The table's places each minute, and one line of the others every 5 s. */
    assert_in_range(n_lines, 60 * NOTICES_MAX, 60 * NOTICES_MAX + 721);
}

static void an_address_with_many_reasons_leaves_places_to_others(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    char reason[32];
    unsigned n_lines = 0;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(reason, sizeof reason, "chunk size %u", i);
        n_lines += pass(&notices, STUDIO, reason, 1);
    }
    assert_int_equal(n_lines, NOTICES_PER_ADDRESS_MAX + 1);
    assert_true(pass(&notices, PHONE, WRONG_KEY, 2));
}

static void counts_the_others_behind_the_last_place(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    unsigned n_more;
    for (unsigned i = 0; i < NOTICES_MAX + 10; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "10.0.0.%u", i);
        (void)pass(&notices, address, WRONG_KEY, 0);
    }
    assert_true(show_notices_pass(&notices, "10.0.1.1", WRONG_KEY, 10000, &n_more));
    assert_int_equal(n_more, 9);
}

static void the_line_says_what_why_and_how_many_more(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    logged_begin();
    for (int second = 0; second < 120; second++)
        show_notices_warn(&notices, NULL, STUDIO, "publish refused", WRONG_KEY,
                          second * 1000);
    const char *text = logged_end();
    assert_int_equal(logged_count(text, "\n"), 2);
    assert_int_equal(logged_count(text, "warn publish refused: wrong key\n"), 1);
    assert_int_equal(logged_count(text,
                                  "warn publish refused: wrong key (59 more since "
                                  "the last such line)\n"),
                     1);
}

static void a_reason_with_other_numbers_is_the_same(void **state)
{
    (void)state;
    struct show_notices notices = {0};
    logged_begin();
    for (int second = 0; second < 60; second++) {
        char why[64];
        (void)snprintf(why, sizeof why, "Try again in %d s.", 60 - second);
        show_notices_warn(&notices, NULL, STUDIO, "publish refused, key k1", why,
                          second * 1000);
    }
    show_notices_warn(&notices, NULL, STUDIO, "publish refused, key k2",
                      "Try again in 9 s.", 60000);
    const char *text = logged_end();
    assert_int_equal(logged_count(text, "key k1: Try again in 60 s.\n"), 1);
    assert_int_equal(logged_count(text, "key k2: Try again in 9 s.\n"), 1);
    assert_int_equal(logged_count(text, "\n"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_address_and_reason_once_in_a_window),
        cmocka_unit_test(says_how_many_there_were_meanwhile),
        cmocka_unit_test(takes_a_network_of_ipv6_and_this_machine_for_one_address),
        cmocka_unit_test(a_flood_of_addresses_writes_no_more_than_it_may),
        cmocka_unit_test(an_address_with_many_reasons_leaves_places_to_others),
        cmocka_unit_test(counts_the_others_behind_the_last_place),
        cmocka_unit_test(the_line_says_what_why_and_how_many_more),
        cmocka_unit_test(a_reason_with_other_numbers_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
