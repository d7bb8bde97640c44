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

/* Ten times what is allowed, for one second of eleven: for longer than ten there is always
 * a second within. */
static void bursts_with_pauses_are_no_way_around(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    struct show_meter_reading now = reading(20000, 4000);
    int failed = 0;
    int64_t now_ms;
    for (now_ms = 1000; now_ms < 300000 && !failed; now_ms += 1000) {
        now.bytes += now_ms % 11000 == 0 ? 10000000 : 0;
        failed = show_terms_check_rate(&watch, &BOUND, &now, now_ms, &err);
    }
    assert_int_equal(failed, -ERR_LIMIT);
    assert_string_equal(err.text,
                        "This stream sends far more than the 4000 kb/s that "
                        "are allowed. Set a lower bitrate in your encoder and start "
                        "again.");
}

static void coming_on_air_again_and_again_is_no_way_around(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    int failed = 0;
    for (int64_t now_ms = 2000; now_ms < 300000 && !failed; now_ms += 4000) {
        struct show_meter_reading now = {.age_ms = 1000, .bytes = 5000000};
        show_terms_begin(&watch);
        failed = show_terms_check_rate(&watch, &BOUND, &now, now_ms, &err);
    }
    assert_int_equal(failed, -ERR_LIMIT);
}

/* The line holds nine seconds back and delivers them in the tenth; the first time it comes
 * on air with what was kept of half a minute. */
static void what_a_line_held_back_may_come_at_once(void **state)
{
    (void)state;
    struct err err;
    struct show_terms_watch watch = {0};
    struct show_meter_reading now = reading(1000, 4400);
    now.bytes = 30 * 550000;
    for (int64_t now_ms = 1000; now_ms < 600000; now_ms += 1000) {
        now.bytes += now_ms % 10000 == 0 ? 10 * 550000 : 0;
        assert_int_equal(show_terms_check_rate(&watch, &BOUND, &now, now_ms, &err), 0);
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
        cmocka_unit_test(bursts_with_pauses_are_no_way_around),
        cmocka_unit_test(coming_on_air_again_and_again_is_no_way_around),
        cmocka_unit_test(what_a_line_held_back_may_come_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
