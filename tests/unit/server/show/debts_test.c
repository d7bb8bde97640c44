#include "server/show/debts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct show_passport passport(uint8_t key, enum show_role role)
{
    return (struct show_passport){.key_hash = {key}, .role = role};
}

static const struct show_debt DEBT = {4000, 1000};

static void who_comes_back_has_what_it_left_with(void **state)
{
    (void)state;
    struct show_debts debts = {0};
    struct show_passport one = passport(1, SHOW_ROLE_PRIMARY);
    show_debts_leave(&debts, &one, DEBT);
    struct show_debt debt = show_debts_take(&debts, &one);
    assert_int_equal(debt.bits, 4000);
    assert_int_equal(debt.at_ms, 1000);
    assert_int_equal(show_debts_take(&debts, &one).bits, 0);
}

static void keys_and_parts_have_debts_of_their_own(void **state)
{
    (void)state;
    struct show_debts debts = {0};
    struct show_passport one = passport(1, SHOW_ROLE_PRIMARY);
    struct show_passport backup = passport(1, SHOW_ROLE_BACKUP);
    struct show_passport other = passport(2, SHOW_ROLE_PRIMARY);
    show_debts_leave(&debts, &one, DEBT);
    assert_int_equal(show_debts_take(&debts, &backup).bits, 0);
    assert_int_equal(show_debts_take(&debts, &other).bits, 0);
    assert_int_equal(show_debts_take(&debts, &one).bits, 4000);
}

static void who_leaves_without_one_has_none(void **state)
{
    (void)state;
    struct show_debts debts = {0};
    struct show_passport one = passport(1, SHOW_ROLE_PRIMARY);
    show_debts_leave(&debts, &one, DEBT);
    show_debts_leave(&debts, &one, (struct show_debt){0, 2000});
    assert_int_equal(show_debts_take(&debts, &one).bits, 0);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct show_debts debts = {0};
    for (uint8_t i = 0; i <= SHOW_DEBTS_MAX; i++) {
        struct show_passport next = passport(i, SHOW_ROLE_PRIMARY);
        /* The third is the oldest. */
        int64_t at_ms = i == 2 ? 1 : 1000 + i;
        show_debts_leave(&debts, &next, (struct show_debt){4000, at_ms});
    }
    for (uint8_t i = 0; i <= SHOW_DEBTS_MAX; i++) {
        struct show_passport next = passport(i, SHOW_ROLE_PRIMARY);
        assert_int_equal(show_debts_take(&debts, &next).bits, i == 2 ? 0 : 4000);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_back_has_what_it_left_with),
        cmocka_unit_test(keys_and_parts_have_debts_of_their_own),
        cmocka_unit_test(who_leaves_without_one_has_none),
        cmocka_unit_test(the_oldest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
