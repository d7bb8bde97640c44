#include "server/show/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"

static const struct hook_terms FREE;
static const struct hook_terms BOUND = {.max_kbps = 4000, .expires_ms = 1795370400000};

static struct show_meter_reading reading(int64_t age_ms, uint32_t kbps)
{
    return (struct show_meter_reading){.age_ms = age_ms, .kbps_long = kbps};
}

static void ends_at_its_time(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(show_terms_check_time(&BOUND, 1795370399999, &err), 0);
    assert_int_equal(show_terms_check_time(&BOUND, 1795370400000, &err), -ERR_INVALID);
    assert_string_equal(err.text, "This key expired at 2026-11-22 18:00 UTC.");
}

static void without_terms_nothing_ends(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    struct show_meter_reading much = reading(60000, UINT32_MAX);
    assert_int_equal(show_terms_check_time(&FREE, INT64_MAX, &err), 0);
    for (int64_t now_ms = 1000; now_ms < 60000; now_ms += 1000)
        assert_int_equal(show_terms_check_rate(&watch, &FREE, &much, now_ms, &err), 0);
}

static void a_tenth_more_passes(void **state)
{
    (void)state;
    struct show_meter_reading at_most = reading(10000, 4400);
    struct show_meter_reading above = reading(10000, 4401);
    assert_false(show_terms_is_over(4000, &at_most));
    assert_true(show_terms_is_over(4000, &above));
    assert_false(show_terms_is_over(0, &above));
}

static void ten_seconds_are_measured_first(void **state)
{
    (void)state;
    struct show_meter_reading early = reading(9999, 9000);
    assert_false(show_terms_is_over(4000, &early));
}

static void too_much_for_ten_seconds_is_the_end(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    struct show_meter_reading above = reading(20000, 5200);
    for (int64_t now_ms = 5000; now_ms < 15000; now_ms += 1000)
        assert_int_equal(show_terms_check_rate(&watch, &BOUND, &above, now_ms, &err),
                         0);
    assert_int_equal(show_terms_check_rate(&watch, &BOUND, &above, 15000, &err),
                     -ERR_LIMIT);
    assert_string_equal(err.text,
                        "This stream has 5200 kb/s, and 4000 are allowed. Set a lower "
                        "bitrate in your encoder and start again.");
}

static void a_second_within_begins_the_count_again(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    struct show_meter_reading above = reading(20000, 5200);
    struct show_meter_reading within = reading(20000, 4000);
    for (int64_t now_ms = 1000; now_ms < 60000; now_ms += 1000) {
        const struct show_meter_reading *now = now_ms % 9000 == 0 ? &within : &above;
        assert_int_equal(show_terms_check_rate(&watch, &BOUND, now, now_ms, &err), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_at_its_time),
        cmocka_unit_test(without_terms_nothing_ends),
        cmocka_unit_test(a_tenth_more_passes),
        cmocka_unit_test(ten_seconds_are_measured_first),
        cmocka_unit_test(too_much_for_ten_seconds_is_the_end),
        cmocka_unit_test(a_second_within_begins_the_count_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
