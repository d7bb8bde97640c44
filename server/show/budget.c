#include "server/show/budget.h"

bool show_budget_take_of(struct show_budget *budget, int per_second, int burst,
                         int64_t now_ms)
{
    int64_t one_ms = 1000 / per_second;
    int64_t full_at_ms = budget->full_at_ms > now_ms ? budget->full_at_ms : now_ms;
    if (full_at_ms - now_ms > (burst - 1) * one_ms)
        return false;
    budget->full_at_ms = full_at_ms + one_ms;
    return true;
}

bool show_budget_take(struct show_budget *budget, int64_t now_ms)
{
    return show_budget_take_of(budget, BUDGET_PER_SECOND, BUDGET_BURST, now_ms);
}
