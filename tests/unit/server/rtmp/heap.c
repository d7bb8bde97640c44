#include "tests/unit/server/rtmp/heap.h"

#include <malloc.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static size_t now, peak;

static void *gain(void *memory)
{
    now += memory ? malloc_usable_size(memory) : 0;
    if (now > peak)
        peak = now;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return gain(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return gain(__real_calloc(n, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    size_t before = memory ? malloc_usable_size(memory) : 0;
    void *moved = __real_realloc(memory, size);
    if (!moved)
        return NULL;
    now -= before;
    return gain(moved);
}

void __wrap_free(void *memory)
{
    now -= memory ? malloc_usable_size(memory) : 0;
    __real_free(memory);
}

size_t heap_now(void)
{
    return now;
}

size_t heap_peak(void)
{
    return peak;
}

void heap_forget_peak(void)
{
    peak = now;
}
