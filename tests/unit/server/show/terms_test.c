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

/* A publish, second by second. */
struct publish {
    struct show_terms_watch watch;
    int64_t now_ms;
    struct err err;
};

static void begin(struct publish *publish, struct show_debt debt)
{
    publish->watch = (struct show_terms_watch){0};
    show_terms_begin(&publish->watch, debt, publish->now_ms);
}

/* As much media as that rate has in a second: what is said of it then. */
static int send_second(struct publish *publish, const struct hook_terms *terms,
                       uint32_t kbps)
{
    show_terms_take(&publish->watch, TRACK_VIDEO, kbps * 125ull);
    publish->now_ms += 1000;
    return show_terms_check_rate(&publish->watch, terms, publish->now_ms,
                                 &publish->err);
}

static struct show_debt leave(struct publish *publish)
{
    return show_terms_leave(&publish->watch, &BOUND, publish->now_ms);
}

static const struct show_debt NO_DEBT;

static void without_terms_nothing_ends(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 1000};
    begin(&publish, NO_DEBT);
    assert_int_equal(show_terms_check_time(&FREE, INT64_MAX, &publish.err), 0);
    for (int i = 0; i < 120; i++)
        assert_int_equal(send_second(&publish, &FREE, 1000000), 0);
    assert_int_equal(show_terms_leave(&publish.watch, &FREE, publish.now_ms).bits, 0);
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
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    for (int i = 0; i < METER_SECONDS + SHOW_TERMS_GRACE_MS / 1000 - 1; i++)
        assert_int_equal(send_second(&publish, &BOUND, 5200), 0);
    assert_int_equal(send_second(&publish, &BOUND, 5200), -ERR_LIMIT);
    assert_string_equal(publish.err.text,
                        "This stream has 5200 kb/s, and 4000 are allowed. Set a lower "
                        "bitrate in your encoder and start again.");
}

/* The average of ten seconds swings around what is allowed. */
static void a_second_within_begins_the_count_again(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    bool was_over = false;
    begin(&publish, NO_DEBT);
    for (int i = 0; i < 600; i++) {
        assert_int_equal(send_second(&publish, &BOUND, i % 16 < 8 ? 5200 : 3400), 0);
        was_over |= publish.watch.is_over;
    }
    assert_true(was_over);
}

/* Many times what is allowed, for one second of eleven: for longer than ten there is
 * always a second within. */
static void bursts_with_pauses_are_no_way_around(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    int failed = 0;
    begin(&publish, NO_DEBT);
    for (int i = 0; i < 300 && !failed; i++)
        failed = send_second(&publish, &BOUND, i % 11 == 0 ? 80000 : 0);
    assert_int_equal(failed, -ERR_LIMIT);
    assert_string_equal(publish.err.text,
                        "This stream sends far more than the 4000 kb/s that "
                        "are allowed. Set a lower bitrate in your encoder and start "
                        "again.");
}

/* A second away, then ten with twice what is allowed: the average of ten is never above it
 * for long enough. */
static void connecting_again_and_again_is_no_way_around(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    struct show_debt debt = NO_DEBT;
    int failed = 0;
    for (int i = 0; i < 30 && !failed; i++) {
        publish.now_ms += 1000;
        begin(&publish, debt);
        for (int k = 0; k < 10 && !failed; k++)
            failed = send_second(&publish, &BOUND, 8000);
        debt = leave(&publish);
    }
    assert_int_equal(failed, -ERR_LIMIT);
}

/* Nothing of it has been looked at when it leaves. */
static void a_publish_of_less_than_a_second_counts(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    show_terms_take(&publish.watch, TRACK_AUDIO, 1000000);
    publish.now_ms += 500;
    assert_int_equal(leave(&publish).bits, 8000000 - 500 * 4400);
}

static void after_the_end_a_lower_rate_goes_on_at_once(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    assert_int_equal(send_second(&publish, &BOUND, 400000), -ERR_LIMIT);
    begin(&publish, leave(&publish));
    for (int i = 0; i < 60; i++)
        assert_int_equal(send_second(&publish, &BOUND, 4400), 0);
}

static void after_the_end_the_same_rate_ends_it_again(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    assert_int_equal(send_second(&publish, &BOUND, 400000), -ERR_LIMIT);
    begin(&publish, leave(&publish));
    assert_int_equal(send_second(&publish, &BOUND, 8000), -ERR_LIMIT);
}

static void time_away_pays_a_debt_off(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    assert_int_equal(send_second(&publish, &BOUND, 200000), 0);
    struct show_debt debt = leave(&publish);
    publish.now_ms += SHOW_TERMS_AHEAD_MS;
    begin(&publish, debt);
    assert_int_equal(send_second(&publish, &BOUND, 200000), 0);
}

/* From a rehearsal to its show, which knows less of it. */
static void its_own_debt_goes_with_it_from_show_to_show(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    assert_int_equal(send_second(&publish, &BOUND, 200000), 0);
    struct show_debt debt = leave(&publish);
    show_terms_begin(&publish.watch, (struct show_debt){1000, 5000}, publish.now_ms);
    assert_int_equal(leave(&publish).bits, debt.bits);
}

/* The line holds nine seconds back and delivers them in the tenth. */
static void what_a_line_held_back_may_come_at_once(void **state)
{
    (void)state;
    struct publish publish = {.now_ms = 5000};
    begin(&publish, NO_DEBT);
    for (int i = 0; i < 600; i++)
        assert_int_equal(send_second(&publish, &BOUND, i % 10 == 9 ? 44000 : 0), 0);
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
        cmocka_unit_test(connecting_again_and_again_is_no_way_around),
        cmocka_unit_test(a_publish_of_less_than_a_second_counts),
        cmocka_unit_test(after_the_end_a_lower_rate_goes_on_at_once),
        cmocka_unit_test(after_the_end_the_same_rate_ends_it_again),
        cmocka_unit_test(time_away_pays_a_debt_off),
        cmocka_unit_test(its_own_debt_goes_with_it_from_show_to_show),
        cmocka_unit_test(what_a_line_held_back_may_come_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
