#include "server/show/addresses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <pthread.h>

static const struct show_addresses_limits limits = {.waiting_max = 20,
                                                    .failures_per_min = 10};
static const char BAD[] = "192.0.2.1";
static const char GOOD[] = "192.0.2.2";

static int setup(void **state)
{
    *state = show_addresses_create(&limits);
    return 0;
}

static int teardown(void **state)
{
    show_addresses_destroy(*state);
    return 0;
}

static void fail_keys(struct show_addresses *addresses, const char *address, unsigned n,
                      int64_t now_ms)
{
    for (unsigned i = 0; i < n; i++)
        show_addresses_fail(addresses, address, now_ms);
}

static bool is_welcome(struct show_addresses *addresses, const char *address)
{
    return show_addresses_arrive(addresses, address) == SHOW_ADDRESSES_WELCOME;
}

static void lets_twenty_of_an_address_wait(void **state)
{
    struct show_addresses *addresses = *state;
    for (int i = 0; i < 20; i++)
        assert_true(is_welcome(addresses, BAD));
    assert_false(is_welcome(addresses, BAD));
    assert_true(is_welcome(addresses, GOOD));
    show_addresses_leave(addresses, BAD);
    show_addresses_leave(addresses, BAD);
    assert_true(is_welcome(addresses, BAD));
}

static void has_words_for_the_first_few_beyond(void **state)
{
    struct show_addresses *addresses = *state;
    for (int i = 0; i < 20; i++)
        assert_true(is_welcome(addresses, BAD));
    for (int i = 0; i < ADDRESSES_TOLD_MAX; i++)
        assert_int_equal(show_addresses_arrive(addresses, BAD), SHOW_ADDRESSES_TOLD);
    for (int i = 0; i < 100; i++)
        assert_int_equal(show_addresses_arrive(addresses, BAD), SHOW_ADDRESSES_CLOSED);
    /* Who was told goes, and leaves its place to the next one. */
    show_addresses_leave(addresses, BAD);
    assert_int_equal(show_addresses_arrive(addresses, BAD), SHOW_ADDRESSES_TOLD);
    assert_int_equal(show_addresses_arrive(addresses, BAD), SHOW_ADDRESSES_CLOSED);
}

static void blocks_an_address_after_ten_wrong_keys(void **state)
{
    struct show_addresses *addresses = *state;
    fail_keys(addresses, BAD, 9, 60000);
    assert_false(show_addresses_is_blocked(addresses, BAD, 60000));
    fail_keys(addresses, BAD, 1, 61000);
    assert_true(show_addresses_is_blocked(addresses, BAD, 61000));
    assert_true(show_addresses_is_blocked(addresses, BAD, 120999));
    assert_false(show_addresses_is_blocked(addresses, BAD, 121000));
    assert_false(show_addresses_is_blocked(addresses, GOOD, 61000));
}

static void counts_wrong_keys_by_the_minute(void **state)
{
    struct show_addresses *addresses = *state;
    for (int minute = 1; minute < 100; minute++)
        fail_keys(addresses, BAD, 9, minute * 60000);
    assert_false(show_addresses_is_blocked(addresses, BAD, 100 * 60000));
}

static void never_counts_this_machine(void **state)
{
    static const char *const ours[] = {"local", "127.0.0.1", "127.9.9.9", "::1", ""};
    struct show_addresses *addresses = *state;
    for (unsigned i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        for (int n = 0; n < 50; n++)
            assert_true(is_welcome(addresses, ours[i]));
        fail_keys(addresses, ours[i], 50, 60000);
        assert_false(show_addresses_is_blocked(addresses, ours[i], 60000));
    }
}

static void takes_a_network_of_ipv6_for_one_address(void **state)
{
    struct show_addresses *addresses = *state;
    fail_keys(addresses, "2001:db8::1", 5, 60000);
    fail_keys(addresses, "2001:db8::ffff:2", 5, 60000);
    assert_true(show_addresses_is_blocked(addresses, "2001:db8::3", 60000));
    assert_false(show_addresses_is_blocked(addresses, "2001:db8:0:1::3", 60000));
}

static void harms_few_of_those_who_did_nothing(void **state)
{
    struct show_addresses *addresses = *state;
    char address[32];
    unsigned n_harmed = 0;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(address, sizeof address, "10.0.%u.%u", i / 250, i % 250);
        fail_keys(addresses, address, 10, 60000);
    }
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(address, sizeof address, "10.1.%u.%u", i / 250, i % 250);
        n_harmed += show_addresses_is_blocked(addresses, address, 60000);
    }
    assert_in_range(n_harmed, 0, 20);
}

static void limits_nothing_when_told_so(void **state)
{
    (void)state;
    struct show_addresses *addresses =
        show_addresses_create(&(struct show_addresses_limits){0});
    for (int i = 0; i < 1000; i++)
        assert_true(is_welcome(addresses, BAD));
    fail_keys(addresses, BAD, 1000, 60000);
    assert_false(show_addresses_is_blocked(addresses, BAD, 60000));
    show_addresses_destroy(addresses);
}

enum { ROUNDS = 5000 };

static void *come_and_go(void *ctx)
{
    struct show_addresses *addresses = ctx;
    for (int i = 0; i < ROUNDS; i++) {
        show_addresses_fail(addresses, BAD, 60000);
        if (is_welcome(addresses, GOOD))
            show_addresses_leave(addresses, GOOD);
    }
    return NULL;
}

static void counts_right_when_loops_count_at_once(void **state)
{
    struct show_addresses *addresses = *state;
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, come_and_go, addresses), 0);
    (void)come_and_go(addresses);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_true(show_addresses_is_blocked(addresses, BAD, 60000));
    for (int i = 0; i < 20; i++)
        assert_true(is_welcome(addresses, GOOD));
    assert_false(is_welcome(addresses, GOOD));
}

#define WITH_LIMITS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LIMITS(lets_twenty_of_an_address_wait),
        WITH_LIMITS(has_words_for_the_first_few_beyond),
        WITH_LIMITS(blocks_an_address_after_ten_wrong_keys),
        WITH_LIMITS(counts_wrong_keys_by_the_minute),
        WITH_LIMITS(never_counts_this_machine),
        WITH_LIMITS(takes_a_network_of_ipv6_for_one_address),
        WITH_LIMITS(harms_few_of_those_who_did_nothing),
        cmocka_unit_test(limits_nothing_when_told_so),
        WITH_LIMITS(counts_right_when_loops_count_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
