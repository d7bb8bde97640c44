#include "core/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t size)
{
    (void)fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
    abort();
}

void *alloc_zero(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

void *alloc_array(size_t n, size_t size)
{
    void *memory = calloc(n ? n : 1, size ? size : 1);
    if (!memory)
        out_of_memory(n);
    return memory;
}

void *alloc_resize(void *memory, size_t size)
{
    void *moved = realloc(memory, size ? size : 1);
    if (!moved)
        out_of_memory(size);
    return moved;
}

char *alloc_text(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = alloc_zero(size);
    memcpy(copy, text, size);
    return copy;
}

void *alloc_try_resize(void *memory, size_t size)
{
    return realloc(memory, size ? size : 1);
}

void *alloc_try(size_t size)
{
    return malloc(size ? size : 1);
}

void alloc_free(void *memory)
{
    free(memory);
}
