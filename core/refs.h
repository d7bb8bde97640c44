/* How many hold an object that threads share: it begins with one, its maker's, and who
 * drops the last one frees it.
 *
 * Threads: any. Whoever holds one may add one; what others did to the object before they
 * dropped theirs is seen by the one who frees it. */
#ifndef CORE_REFS_H
#define CORE_REFS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/require.h"

struct refs {
    /* private */
    atomic_uint n;
};

static inline void refs_init(struct refs *refs)
{
    atomic_init(&refs->n, 1);
}

static inline void refs_add(struct refs *refs)
{
    atomic_fetch_add_explicit(&refs->n, 1, memory_order_relaxed);
}

/* Nobody but the caller holds one, and what the others did before they dropped theirs is
 * seen. */
static inline bool refs_is_last(struct refs *refs)
{
    return atomic_load_explicit(&refs->n, memory_order_acquire) == 1;
}

/* True: it was the last one. */
static inline bool refs_drop(struct refs *refs)
{
    unsigned before = atomic_fetch_sub_explicit(&refs->n, 1, memory_order_acq_rel);
    require(before > 0);
    return before == 1;
}

#endif
