/* A copy of bytes with nothing behind it, so that a read behind the end is seen. */
#ifndef TESTS_FUZZ_EXACT_H
#define TESTS_FUZZ_EXACT_H

#include <string.h>

#include "core/alloc.h"

/* alloc_free() */
static inline uint8_t *exact_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = alloc_zero(size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

#endif
