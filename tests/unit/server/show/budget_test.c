#include "server/show/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int take_all(struct show_budget *budget, int64_t now_ms)
{
    int n = 0;
    while (n < 1000 && show_budget_take(budget, now_ms))
        n++;
    return n;
}

static void gives_a_burst_and_then_nothing(void **state)
{
    (void)state;
    struct show_budget budget = {0};
    assert_int_equal(take_all(&budget, 1000), BUDGET_BURST);
    assert_false(show_budget_take(&budget, 1000));
    assert_false(show_budget_take(&budget, 1199));
}

static void fills_by_so_many_a_second(void **state)
{
    (void)state;
    struct show_budget budget = {0};
    (void)take_all(&budget, 1000);
    assert_int_equal(take_all(&budget, 1200), 1);
    assert_int_equal(take_all(&budget, 2200), BUDGET_PER_SECOND);
}

static void holds_no_more_than_a_burst(void **state)
{
    (void)state;
    struct show_budget budget = {0};
    (void)take_all(&budget, 1000);
    assert_int_equal(take_all(&budget, 1000000), BUDGET_BURST);
}

static void is_not_used_up_by_what_it_refuses(void **state)
{
    (void)state;
    struct show_budget budget = {0};
    (void)take_all(&budget, 0);
    for (int i = 0; i < 100; i++)
        assert_false(show_budget_take(&budget, 10));
    assert_true(show_budget_take(&budget, 200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_burst_and_then_nothing),
        cmocka_unit_test(fills_by_so_many_a_second),
        cmocka_unit_test(holds_no_more_than_a_burst),
        cmocka_unit_test(is_not_used_up_by_what_it_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
