#include "server/show/budget.h"

enum { ONE_MS = 1000 / BUDGET_PER_SECOND };

bool show_budget_take(struct show_budget *budget, int64_t now_ms)
{
    int64_t full_at_ms = budget->full_at_ms > now_ms ? budget->full_at_ms : now_ms;
    if (full_at_ms - now_ms > (int64_t)(BUDGET_BURST - 1) * ONE_MS)
        return false;
    budget->full_at_ms = full_at_ms + ONE_MS;
    return true;
}
