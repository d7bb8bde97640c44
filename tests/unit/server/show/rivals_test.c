#include "server/show/rivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/admission.h"

static const struct show_passport phone = {.address = "192.0.2.1", .encoder = "phone"};
static const struct show_passport studio = {.address = "198.51.100.7",
                                            .encoder = "studio"};
static const struct show_passport neighbour = {.address = "192.0.2.1",
                                               .encoder = "studio"};

static void lets_three_takeovers_happen(void **state)
{
    (void)state;
    struct show_rivals rivals = {0};
    assert_true(show_rivals_lets_in(&rivals, &phone, &studio, 1000));
    show_rivals_note(&rivals, &phone, &studio, 1000);
    assert_true(show_rivals_lets_in(&rivals, &studio, &phone, 3000));
    show_rivals_note(&rivals, &studio, &phone, 3000);
    assert_true(show_rivals_lets_in(&rivals, &phone, &studio, 5000));
}

static struct show_rivals after_three(const struct show_passport *other,
                                      int64_t each_ms)
{
    struct show_rivals rivals = {0};
    show_rivals_note(&rivals, &phone, other, each_ms);
    show_rivals_note(&rivals, other, &phone, 2 * each_ms);
    show_rivals_note(&rivals, &phone, other, 3 * each_ms);
    return rivals;
}

static void keeps_the_one_on_air_after_the_third(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&studio, 2000);
    assert_false(show_rivals_lets_in(&rivals, &studio, &phone, 6001));
    assert_false(show_rivals_lets_in(&rivals, &studio, &phone, 35999));
    assert_true(show_rivals_lets_in(&rivals, &studio, &phone, 36000));
}

static void lets_the_one_on_air_come_back_meanwhile(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&studio, 2000);
    assert_true(show_rivals_lets_in(&rivals, &studio, &studio, 7000));
}

static void tells_two_encoders_behind_one_address_apart(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&neighbour, 2000);
    assert_false(show_rivals_lets_in(&rivals, &neighbour, &phone, 6001));
}

static void minds_no_takeovers_far_apart(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&studio, 15001);
    assert_true(show_rivals_lets_in(&rivals, &studio, &phone, 45004));
}

static void minds_no_encoder_that_takes_over_from_itself(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&phone, 100);
    assert_true(show_rivals_lets_in(&rivals, &phone, &studio, 400));
}

static void counts_anew_after_it_held(void **state)
{
    (void)state;
    struct show_rivals rivals = after_three(&studio, 2000);
    show_rivals_note(&rivals, &studio, &phone, 36000);
    assert_true(show_rivals_lets_in(&rivals, &phone, &studio, 36001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_three_takeovers_happen),
        cmocka_unit_test(keeps_the_one_on_air_after_the_third),
        cmocka_unit_test(lets_the_one_on_air_come_back_meanwhile),
        cmocka_unit_test(tells_two_encoders_behind_one_address_apart),
        cmocka_unit_test(minds_no_takeovers_far_apart),
        cmocka_unit_test(minds_no_encoder_that_takes_over_from_itself),
        cmocka_unit_test(counts_anew_after_it_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
