/* Memory. alloc_* never return NULL: when the machine has none, the process ends with
 * a line that says so. alloc_try_* return NULL; they are for sizes that a peer or the
 * media decide, where the connection or the part can be given up instead.
 * Everything here is freed with alloc_free(). */
#ifndef CORE_ALLOC_H
#define CORE_ALLOC_H

#include <stddef.h>

void *alloc_zero(size_t size);
void *alloc_array(size_t n, size_t size); /* zeroed, n * size checked */
void *alloc_resize(void *memory,
                   size_t size);    /* as realloc; content beyond is not set */
char *alloc_text(const char *text); /* copy; NULL gives NULL */
void *alloc_try_resize(void *memory, size_t size); /* NULL: memory is left as it was */
void *alloc_try(size_t size);                      /* not zeroed */
void alloc_free(void *memory);

#endif
