#include "core/monotime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void never_goes_back(void **state)
{
    (void)state;
    int64_t before = monotime_us();
    for (int i = 0; i < 10000; i++) {
        int64_t now = monotime_us();
        assert_true(now >= before);
        before = now;
    }
}

static void milliseconds_and_microseconds_are_one_clock(void **state)
{
    (void)state;
    int64_t before = monotime_us() / 1000;
    int64_t ms = monotime_ms();
    int64_t behind = monotime_us() / 1000;
    assert_true(before <= ms && ms <= behind);
}

static void wall_clock_counts_unix_milliseconds(void **state)
{
    (void)state;
    assert_true(monotime_wall_ms() > 1700000000000);
    assert_true(monotime_wall_ms() < 32503680000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_goes_back),
        cmocka_unit_test(milliseconds_and_microseconds_are_one_clock),
        cmocka_unit_test(wall_clock_counts_unix_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
