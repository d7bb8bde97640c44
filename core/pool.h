/* Memory for blocks that stay for a while and go in about the order in which they came:
 * parts of media. Between them on the heap lie a thousand short-lived blocks a second,
 * and each would be looked for among the holes that the long-lived ones leave; apart,
 * the heap stays small and warm, and parts take what they need and no more.
 *
 * Like malloc() it is one for the process.
 * Ownership: the caller's until pool_free().
 * Threads:   any; a block may be freed by another thread than it was made by.
 * Limits:    none of its own; memory that is free for long goes back to the machine. */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include <stddef.h>

void *pool_try(size_t size); /* not zeroed; NULL when memory is short */
/* Gives back what lies behind size, which is not more than before. */
void pool_shrink(void *block, size_t size);
void pool_free(void *block); /* NULL: nothing */

struct pool_stats {
    size_t used;     /* bytes in blocks */
    size_t reserved; /* bytes taken from the machine for them */
};
struct pool_stats pool_get_stats(void);

#endif
