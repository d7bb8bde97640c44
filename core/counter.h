/* A number that threads add to and the metrics read. Relaxed: readers want the value,
 * not an order. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
    /* private */
    _Atomic int64_t value;
};

void counter_add(struct counter *counter, int64_t n);
void counter_set(struct counter *counter, int64_t n);
int64_t counter_get(const struct counter *counter);

#endif
