#include "core/counter.h"

void counter_add(struct counter *counter, int64_t n)
{
    atomic_fetch_add_explicit(&counter->value, n, memory_order_relaxed);
}

void counter_set(struct counter *counter, int64_t n)
{
    atomic_store_explicit(&counter->value, n, memory_order_relaxed);
}

int64_t counter_get(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}
