#include "core/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void u64_takes_digits_up_to_the_largest(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(parse_u64(bytes_text("0"), &value));
    assert_true(value == 0);
    assert_true(parse_u64(bytes_text("0012"), &value));
    assert_true(value == 12);
    assert_true(parse_u64(bytes_text("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
}

static void u64_refuses_all_else_and_leaves_the_result(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "0x", "1e3", "1.", "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t value = 7;
        assert_false(parse_u64(bytes_text(bad[i]), &value));
        assert_true(value == 7);
    }
}

static void i64_takes_a_minus(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(parse_i64(bytes_text("-9223372036854775807"), &value));
    assert_true(value == -INT64_MAX);
    assert_true(parse_i64(bytes_text("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(parse_i64(bytes_text("-0"), &value));
    assert_true(value == 0);
}

static void i64_refuses_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", "--1", "+1", "9223372036854775808"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value = 7;
        assert_false(parse_i64(bytes_text(bad[i]), &value));
        assert_true(value == 7);
    }
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"334ms", 334}, {"2s", 2000},    {"1.5s", 1500},   {"0.334s", 334},
                {"5m", 300000}, {"2h", 7200000}, {"0s", 0},        {"1.25m", 75000},
                {"0ms", 0},     {"0.001s", 1},   {"0.5h", 1800000}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        assert_true(parse_duration_ms(bytes_text(good[i].text), &ms));
        assert_true(ms == good[i].ms);
    }
}

static void durations_refuse_what_is_unclear(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",   "2",  "s",    ".5s",   "1.s",   "1.2345s", "-1s",  "1 s",
        "1S", "1d", "1sec", "0.5ms", "1.5.s", "1,5s",    "1ms ", "9999999999999999s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = 7;
        assert_false(parse_duration_ms(bytes_text(bad[i]), &ms));
        assert_int_equal(ms, 7);
    }
}

static void duration_that_overflows_is_refused(void **state)
{
    (void)state;
    int64_t ms = 7;
    assert_true(parse_duration_ms(bytes_text("999999999999999ms"), &ms));
    assert_true(ms == 999999999999999);
    ms = 7;
    assert_false(parse_duration_ms(bytes_text("999999999999999h"), &ms));
    assert_int_equal(ms, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(u64_takes_digits_up_to_the_largest),
        cmocka_unit_test(u64_refuses_all_else_and_leaves_the_result),
        cmocka_unit_test(i64_takes_a_minus),
        cmocka_unit_test(i64_refuses_what_does_not_fit),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(durations_refuse_what_is_unclear),
        cmocka_unit_test(duration_that_overflows_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
