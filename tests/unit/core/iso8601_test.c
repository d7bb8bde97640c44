#include "core/iso8601.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The millisecond counts come from "date -u -d TEXT +%s". */
static const struct {
    int64_t wall_ms;
    const char *text;
} moments[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {1, "1970-01-01T00:00:00.001Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"},
    {951868800000, "2000-03-01T00:00:00.000Z"},
    {4107542399999, "2100-02-28T23:59:59.999Z"},
    {4107542400000, "2100-03-01T00:00:00.000Z"}, /* 2100 is no leap year */
    {1795374000123, "2026-11-22T19:00:00.123Z"},
    {1735689599000, "2024-12-31T23:59:59.000Z"},
    {253402300799999, "9999-12-31T23:59:59.999Z"},
};

static void prints_known_moments(void **state)
{
    (void)state;
    char out[ISO8601_MAX];
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        assert_string_equal(iso8601_print(moments[i].wall_ms, out), moments[i].text);
}

static void parses_known_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        int64_t wall_ms = 77;
        assert_true(iso8601_parse(bytes_text(moments[i].text), &wall_ms));
        assert_true(wall_ms == moments[i].wall_ms);
    }
}

static void clamps_years_it_cannot_write(void **state)
{
    (void)state;
    char out[ISO8601_MAX];
    assert_string_equal(iso8601_print(INT64_MAX, out), "9999-12-31T23:59:59.999Z");
    assert_string_equal(iso8601_print(INT64_MIN, out), "0000-01-01T00:00:00.000Z");
}

static void every_day_of_four_centuries_comes_back(void **state)
{
    (void)state;
    const int64_t day_ms = 86400000;
    char out[ISO8601_MAX];
    for (int64_t day = -11000; day < 146097 - 11000; day += 13) {
        int64_t back;
        assert_true(
            iso8601_parse(bytes_text(iso8601_print(day * day_ms + 1, out)), &back));
        assert_true(back == day * day_ms + 1);
    }
}

static int64_t parsed(const char *text)
{
    int64_t wall_ms = INT64_MIN;
    return iso8601_parse(bytes_text(text), &wall_ms) ? wall_ms : INT64_MIN;
}

static void parses_fractions_and_offsets(void **state)
{
    (void)state;
    assert_true(parsed("2026-11-22T19:00:00Z") == 1795374000000);
    assert_true(parsed("2026-11-22T19:00:00.1Z") == 1795374000100);
    assert_true(parsed("2026-11-22T19:00:00.123456789Z") == 1795374000123);
    assert_true(parsed("2026-11-22T20:00:00+01:00") == 1795374000000);
    assert_true(parsed("2026-11-22T13:30:00-05:30") == 1795374000000);
    assert_true(parsed("2016-12-31T23:59:60Z") == 1483228800000); /* leap second */
}

static void refuses_what_is_no_moment(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-11-22",
        "2026-11-22T19:00:00",
        "2026-11-22 19:00:00Z",
        "2026-11-22T19:00:00z",
        "2026-13-22T19:00:00Z",
        "2026-00-22T19:00:00Z",
        "2026-11-00T19:00:00Z",
        "2026-11-32T19:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T19:60:00Z",
        "2026-11-22T19:00:61Z",
        "2026-11-22T19:00:00.Z",
        "2026-11-22T19:00:00.1234567890Z",
        "2026-11-22T19:00:00+1:00",
        "2026-11-22T19:00:00+24:00",
        "2026-11-22T19:00:00+01:60",
        "2026-11-22T19:00:00Zx",
        " 2026-11-22T19:00:00Z",
        "+026-11-22T19:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t wall_ms = 77;
        assert_false(iso8601_parse(bytes_text(bad[i]), &wall_ms));
        assert_int_equal(wall_ms, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_known_moments),
        cmocka_unit_test(parses_known_moments),
        cmocka_unit_test(clamps_years_it_cannot_write),
        cmocka_unit_test(every_day_of_four_centuries_comes_back),
        cmocka_unit_test(parses_fractions_and_offsets),
        cmocka_unit_test(refuses_what_is_no_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
