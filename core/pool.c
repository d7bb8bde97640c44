#include "core/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define POISONS 1
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#endif

#include "core/require.h"

/* A region is UNITS units, each taken or free; its first units hold what is known about
 * it. It is aligned to its size, so a block's address tells the region. A block longer
 * than a region has one of its own. */
enum {
    UNIT = 1024, /* parts of sound have 6 KiB, of pictures 100 */
    UNITS = 32 * 1024,
    WORD = 64,
    WORDS = UNITS / WORD,
};
static const size_t REGION = (size_t)UNITS * UNIT;

struct region {
    struct region *next; /* in the order of making: early ones are filled first */
    size_t size;         /* of all of it, this included */
    uint32_t n_free;
    uint32_t cursor; /* behind the newest block: what frees first is ahead of it */
    uint32_t no_run; /* runs of this length and more are not to be had; UINT32_MAX:
                         not known */
    bool is_single;  /* one block longer than a region */
    uint64_t taken[WORDS];
    uint16_t lengths[UNITS]; /* in units, at each block's first */
};

static struct {
    pthread_mutex_t lock;
    struct region *first;
    size_t used;
    size_t reserved;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t units_of(size_t size)
{
    return size > 0 ? (uint32_t)((size + UNIT - 1) / UNIT) : 1;
}

/* ---- units ---- */

/* The first unit at or after from, and before end, that is taken (or free); else end. */
static uint32_t find_unit(const struct region *region, uint32_t from, uint32_t end,
                          bool taken)
{
    while (from < end) {
        uint64_t word = region->taken[from / WORD];
        if (!taken)
            word = ~word;
        word >>= from % WORD;
        if (word != 0) {
            uint32_t at = from + (uint32_t)__builtin_ctzll(word);
            return at < end ? at : end;
        }
        from += WORD - from % WORD;
    }
    return end;
}

/* Under the sanitizer, what is in no block must not be touched. */
static void poison(const void *memory, size_t size, bool poisoned)
{
#ifdef POISONS
    if (poisoned)
        ASAN_POISON_MEMORY_REGION(memory, size);
    else
        ASAN_UNPOISON_MEMORY_REGION(memory, size);
#else
    (void)memory;
    (void)size;
    (void)poisoned;
#endif
}

static void mark(struct region *region, uint32_t at, uint32_t n, bool taken)
{
    while (n > 0) {
        uint32_t bit = at % WORD;
        uint32_t here = WORD - bit < n ? WORD - bit : n;
        uint64_t mask = (here == WORD ? ~0ull : (1ull << here) - 1) << bit;
        if (taken)
            region->taken[at / WORD] |= mask;
        else
            region->taken[at / WORD] &= ~mask;
        at += here;
        n -= here;
    }
}

static bool find_run(const struct region *region, uint32_t from, uint32_t end,
                     uint32_t n, uint32_t *ret_at)
{
    while (from < end) {
        uint32_t at = find_unit(region, from, end, false);
        if (end - at < n)
            return false;
        from = find_unit(region, at, at + n, true);
        if (from == at + n) {
            *ret_at = at;
            return true;
        }
    }
    return false;
}

static void *address_of(struct region *region, uint32_t unit)
{
    return (uint8_t *)region + (size_t)unit * UNIT;
}

static struct region *region_of(void *block)
{
    return (void *)((uintptr_t)block & ~(uintptr_t)(REGION - 1));
}

static uint32_t unit_of(const struct region *region, const void *block)
{
    return (uint32_t)((size_t)((const uint8_t *)block - (const uint8_t *)region) /
                      UNIT);
}

/* ---- regions ---- */

static uint32_t head_units(void)
{
    return units_of(sizeof(struct region));
}

/* aligned_alloc() wants a size that is a multiple. */
static struct region *make_region(size_t size)
{
    if (size > SIZE_MAX - REGION)
        return NULL;
    size = (size + REGION - 1) / REGION * REGION;
    struct region *region = aligned_alloc(REGION, size);
    if (!region)
        return NULL;
    region->next = NULL;
    region->size = size;
    region->n_free = UNITS - head_units();
    region->cursor = head_units();
    region->no_run = UINT32_MAX;
    region->is_single = false;
    for (uint32_t i = 0; i < WORDS; i++)
        region->taken[i] = 0;
    mark(region, 0, head_units(), true);
    poison(address_of(region, head_units()), size - head_units() * (size_t)UNIT, true);
    pool.reserved += size;
    return region;
}

static void *take_from(struct region *region, uint32_t n)
{
    uint32_t at;
    if (region->is_single || n > region->n_free || n >= region->no_run)
        return NULL;
    uint32_t wrapped = region->cursor + n < UNITS ? region->cursor + n : UNITS;
    if (!find_run(region, region->cursor, UNITS, n, &at) &&
        !find_run(region, head_units(), wrapped, n, &at)) {
        region->no_run = n;
        return NULL;
    }
    mark(region, at, n, true);
    region->lengths[at] = (uint16_t)n;
    region->n_free -= n;
    region->cursor = at + n;
    pool.used += (size_t)n * UNIT;
    return address_of(region, at);
}

static void *take_single(size_t size)
{
    size_t head = (size_t)head_units() * UNIT;
    struct region *region = size < SIZE_MAX - head ? make_region(head + size) : NULL;
    if (!region)
        return NULL;
    region->is_single = true;
    region->next = pool.first;
    pool.first = region;
    pool.used += region->size;
    return address_of(region, head_units());
}

static void *take(size_t size)
{
    if (size > (size_t)(UNITS - head_units()) * UNIT)
        return take_single(size);
    uint32_t n = units_of(size);
    struct region **link = &pool.first;
    for (; *link; link = &(*link)->next) {
        void *block = take_from(*link, n);
        if (block)
            return block;
    }
    struct region *region = make_region(REGION);
    if (!region)
        return NULL;
    *link = region;
    return take_from(region, n);
}

static void drop(struct region *region)
{
    struct region **link = &pool.first;
    while (*link != region)
        link = &(*link)->next;
    *link = region->next;
    pool.reserved -= region->size;
    poison(region, region->size, false);
    free(region);
}

/* One empty region is kept for what comes next. */
static bool is_another_empty(const struct region *region)
{
    for (const struct region *other = pool.first; other; other = other->next)
        if (other != region && !other->is_single &&
            other->n_free == UNITS - head_units())
            return true;
    return false;
}

static void give_units(struct region *region, uint32_t at, uint32_t n)
{
    mark(region, at, n, false);
    poison(address_of(region, at), (size_t)n * UNIT, true);
    region->n_free += n;
    region->no_run = UINT32_MAX;
    pool.used -= (size_t)n * UNIT;
}

static void give(void *block)
{
    struct region *region = region_of(block);
    if (region->is_single) {
        pool.used -= region->size;
        drop(region);
        return;
    }
    uint32_t at = unit_of(region, block);
    require(region->lengths[at] > 0);
    give_units(region, at, region->lengths[at]);
    region->lengths[at] = 0;
    if (region->n_free == UNITS - head_units() && is_another_empty(region))
        drop(region);
}

/* ---- the callers' words ---- */

static void poison_behind(const struct region *region, uint32_t at, const void *block,
                          size_t size)
{
    poison((const uint8_t *)block + size, (size_t)region->lengths[at] * UNIT - size,
           true);
}

void *pool_try(size_t size)
{
    (void)pthread_mutex_lock(&pool.lock);
    void *block = take(size);
    if (block)
        poison(block, size, false);
    (void)pthread_mutex_unlock(&pool.lock);
    return block;
}

void pool_shrink(void *block, size_t size)
{
    struct region *region = region_of(block);
    if (region->is_single)
        return;
    (void)pthread_mutex_lock(&pool.lock);
    uint32_t at = unit_of(region, block);
    uint32_t n = units_of(size);
    require(n <= region->lengths[at]);
    if (n < region->lengths[at]) {
        give_units(region, at + n, region->lengths[at] - n);
        region->lengths[at] = (uint16_t)n;
    }
    poison_behind(region, at, block, size);
    (void)pthread_mutex_unlock(&pool.lock);
}

void pool_free(void *block)
{
    if (!block)
        return;
    (void)pthread_mutex_lock(&pool.lock);
    give(block);
    (void)pthread_mutex_unlock(&pool.lock);
}

struct pool_stats pool_get_stats(void)
{
    (void)pthread_mutex_lock(&pool.lock);
    struct pool_stats stats = {.used = pool.used, .reserved = pool.reserved};
    (void)pthread_mutex_unlock(&pool.lock);
    return stats;
}
