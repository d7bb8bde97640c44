#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/date.h"

static void check(int64_t wall_ms, const char *text)
{
    char out[HTTP_DATE_MAX];
    assert_string_equal(http_date_print(wall_ms, out), text);
}

static void prints_the_standards_example(void **state)
{
    (void)state;
    check(784111777999, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void knows_leap_days_and_ends_of_years(void **state)
{
    (void)state;
    check(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    check(951782400000, "Tue, 29 Feb 2000 00:00:00 GMT");
    check(951868800000, "Wed, 01 Mar 2000 00:00:00 GMT");
    check(1704067199000, "Sun, 31 Dec 2023 23:59:59 GMT");
    check(1704067200000, "Mon, 01 Jan 2024 00:00:00 GMT");
    check(4107542400000, "Mon, 01 Mar 2100 00:00:00 GMT");
}

static void clamps_what_has_no_four_digit_year(void **state)
{
    (void)state;
    check(-1, "Thu, 01 Jan 1970 00:00:00 GMT");
    check(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_the_standards_example),
        cmocka_unit_test(knows_leap_days_and_ends_of_years),
        cmocka_unit_test(clamps_what_has_no_four_digit_year),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
