#include "server/show/key_use.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct store_key plain = {.number = 1};
static const struct store_key once = {.number = 2, .one_time = true};
static const struct store_key spent = {.number = 2, .one_time = true, .used = true};

static void assert_refused(const struct show_key_use *use, const struct store_key *key,
                           bool busy, int64_t now_ms, const char *words)
{
    struct err err;
    assert_int_equal(show_key_use_check(use, key, busy, now_ms, &err), KEY_IS_REFUSED);
    assert_string_equal(err.text, words);
}

static enum show_key_use_verdict check(const struct show_key_use *use,
                                       const struct store_key *key)
{
    return show_key_use_check(use, key, false, 0, NULL);
}

static void a_plain_key_passes_again_and_again(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    assert_int_equal(check(&use, &plain), KEY_PASSES);
    assert_int_equal(show_key_use_check(&use, &plain, true, 0, NULL), KEY_PASSES);
}

static void a_one_time_key_is_claimed_by_the_first_only(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    assert_int_equal(check(&use, &once), KEY_NEEDS_CLAIM);
    show_key_use_begin_claim(&use, once.number);
    assert_refused(&use, &once, false, 0, "This key is in use by another encoder.");
    show_key_use_finish_claim(&use, once.number, true);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
    assert_refused(&use, &spent, true, 0, "This key is in use by another encoder.");
}

static void an_encoder_that_was_lost_comes_back_in_the_same_run(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    const struct store_show row = {.n_keys = 1, .keys = {spent}};
    show_key_use_begin_claim(&use, once.number);
    show_key_use_finish_claim(&use, once.number, true);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
    show_key_use_end_run(&use, &row);
    assert_refused(&use, &spent, false, 0, "This key was used already.");
}

static void a_key_of_another_run_opens_nothing(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    assert_refused(&use, &spent, false, 0, "This key was used already.");
}

static void a_run_goes_on_behind_a_restart_until_its_end(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    const struct store_show row = {.n_keys = 1, .keys = {spent}};
    show_key_use_resume(&use, spent.number);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
    show_key_use_end_run(&use, &row);
    assert_refused(&use, &spent, false, 0, "This key was used already.");
}

static void the_end_of_its_own_show_is_not_a_guest_s(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    char away[] = "away";
    struct store_show row = {.n_keys = 1, .keys = {spent}};
    row.keys[0].run_show = away;
    show_key_use_resume(&use, spent.number);
    show_key_use_end_run(&use, &row);
    assert_int_equal(check(&use, &row.keys[0]), KEY_PASSES);
    show_key_use_end_key(&use, spent.number);
    assert_refused(&use, &spent, false, 0, "This key was used already.");
}

static void a_claim_that_was_not_kept_is_none(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    show_key_use_begin_claim(&use, once.number);
    show_key_use_finish_claim(&use, once.number, false);
    assert_int_equal(check(&use, &once), KEY_NEEDS_CLAIM);
}

static void a_claim_anew_that_was_not_kept_leaves_the_one_before(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    show_key_use_resume(&use, spent.number);
    show_key_use_begin_claim(&use, spent.number);
    assert_refused(&use, &spent, false, 0, "This key is in use by another encoder.");
    show_key_use_finish_claim(&use, spent.number, false);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
}

/* The run before ends while the store writes: the claim is of the next. */
static void a_claim_on_its_way_outlives_the_end_of_a_run(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    const struct store_show row = {.n_keys = 1, .keys = {spent}};
    show_key_use_begin_claim(&use, once.number);
    show_key_use_end_run(&use, &row);
    show_key_use_finish_claim(&use, once.number, true);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
}

static void a_key_is_used_up_by_a_run_elsewhere(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    show_key_use_end_key(&use, once.number);
    show_key_use_begin_claim(&use, once.number);
    show_key_use_end_key(&use, once.number);
    show_key_use_finish_claim(&use, once.number, true);
    assert_int_equal(check(&use, &spent), KEY_PASSES);
    show_key_use_end_key(&use, once.number);
    assert_refused(&use, &spent, false, 0, "This key was used already.");
}

static void a_kicked_key_cools_down_and_tells_the_reason(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    show_key_use_cool(&use, plain.number, "wrong camera.", 1000);
    assert_refused(&use, &plain, false, 1000,
                   "The host stopped this encoder: wrong camera. Try again in 60 s.");
    assert_refused(&use, &plain, false, 60999,
                   "The host stopped this encoder: wrong camera. Try again in 1 s.");
    assert_int_equal(show_key_use_check(&use, &plain, false, 61000, NULL), KEY_PASSES);
    show_key_use_cool(&use, plain.number, NULL, 70000);
    assert_refused(&use, &plain, false, 70000,
                   "The host stopped this encoder. Try again in 60 s.");
}

static void the_longest_reason_fits_into_what_encoders_show(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    struct err err;
    char reason[SHOW_KEY_REASON_MAX + 1];
    memset(reason, 'x', sizeof reason);
    reason[SHOW_KEY_REASON_MAX] = '\0';
    show_key_use_cool(&use, plain.number, reason, 0);
    assert_int_equal(show_key_use_check(&use, &plain, false, 0, &err), KEY_IS_REFUSED);
    assert_non_null(strstr(err.text, reason));
    assert_true(strlen(err.text) <= 200);
}

static void other_keys_stay_warm(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    show_key_use_cool(&use, plain.number, NULL, 0);
    assert_int_equal(check(&use, &once), KEY_NEEDS_CLAIM);
}

static void there_is_always_room_for_the_keys_of_the_row(void **state)
{
    (void)state;
    struct show_key_use use = {0};
    struct store_show row = {0};
    for (uint32_t number = 1; number <= 10 * STORE_KEYS_MAX; number++) {
        row.n_keys = 0;
        for (uint32_t i = 0; i < STORE_KEYS_MAX && i < number; i++)
            row.keys[row.n_keys++] = (struct store_key){.number = number - i};
        show_key_use_follow(&use, &row);
        show_key_use_cool(&use, number, NULL, 0);
    }
    row.keys[0].state = STORE_KEY_REVOKED;
    show_key_use_follow(&use, &row);
    assert_int_equal(check(&use, &row.keys[0]), KEY_PASSES);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_key_passes_again_and_again),
        cmocka_unit_test(a_one_time_key_is_claimed_by_the_first_only),
        cmocka_unit_test(an_encoder_that_was_lost_comes_back_in_the_same_run),
        cmocka_unit_test(a_key_of_another_run_opens_nothing),
        cmocka_unit_test(a_run_goes_on_behind_a_restart_until_its_end),
        cmocka_unit_test(the_end_of_its_own_show_is_not_a_guest_s),
        cmocka_unit_test(a_claim_that_was_not_kept_is_none),
        cmocka_unit_test(a_claim_anew_that_was_not_kept_leaves_the_one_before),
        cmocka_unit_test(a_claim_on_its_way_outlives_the_end_of_a_run),
        cmocka_unit_test(a_key_is_used_up_by_a_run_elsewhere),
        cmocka_unit_test(a_kicked_key_cools_down_and_tells_the_reason),
        cmocka_unit_test(the_longest_reason_fits_into_what_encoders_show),
        cmocka_unit_test(other_keys_stay_warm),
        cmocka_unit_test(there_is_always_room_for_the_keys_of_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
