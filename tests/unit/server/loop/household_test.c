#include "server/loop/household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_same(const char *a, const char *b, int same)
{
    uint8_t of_a[LOOP_HOUSEHOLD_SIZE], of_b[LOOP_HOUSEHOLD_SIZE];
    assert_true(loop_household_read(a, of_a));
    assert_true(loop_household_read(b, of_b));
    assert_int_equal(__builtin_memcmp(of_a, of_b, sizeof of_a) == 0, same);
}

static void is_one_address_or_one_network(void **state)
{
    (void)state;
    assert_same("192.0.2.1", "192.0.2.1", 1);
    assert_same("192.0.2.1", "192.0.2.2", 0);
    assert_same("2001:db8::1", "2001:db8:0:0:ffff::2", 1);
    assert_same("2001:db8::1", "2001:db8:0:1::1", 0);
}

static void is_not_this_machine(void **state)
{
    uint8_t raw[LOOP_HOUSEHOLD_SIZE];
    (void)state;
    assert_false(loop_household_read("127.0.0.1", raw));
    assert_false(loop_household_read("127.255.0.9", raw));
    assert_false(loop_household_read("::1", raw));
    assert_false(loop_household_read("local", raw));
    assert_false(loop_household_read("", raw));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_address_or_one_network),
        cmocka_unit_test(is_not_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
