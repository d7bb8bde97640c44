#include "server/show/addresses.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include "core/alloc.h"
#include "core/bytes.h"
#include "server/auth/secret.h"
#include "server/loop/household.h"

enum { ROWS = 2, COUNT_BITS = 16, COUNT_MAX = (1 << COUNT_BITS) - 1 };

struct place {
    atomic_int waiting;
    /* The minute in which they were counted, and behind it COUNT_BITS of how many. */
    _Atomic uint64_t failures;
    _Atomic int64_t blocked_until_ms;
};

struct show_addresses {
    struct show_addresses_limits limits;
    uint8_t secret[AUTH_SECRET_SIZE];
    struct place *rows[ROWS];
};

struct places {
    struct place *of[ROWS];
};

struct show_addresses *show_addresses_create(const struct show_addresses_limits *limits)
{
    struct show_addresses *addresses = alloc_zero(sizeof *addresses);
    addresses->limits = *limits;
    auth_secret_random(addresses->secret, sizeof addresses->secret);
    for (int i = 0; i < ROWS; i++)
        addresses->rows[i] = alloc_array(ADDRESSES_PLACES, sizeof(struct place));
    return addresses;
}

void show_addresses_destroy(struct show_addresses *addresses)
{
    if (!addresses)
        return;
    for (int i = 0; i < ROWS; i++)
        alloc_free(addresses->rows[i]);
    alloc_free(addresses);
}

static bool find(const struct show_addresses *addresses, const char *address,
                 struct places *ret)
{
    uint8_t raw[LOOP_HOUSEHOLD_SIZE];
    uint8_t hash[AUTH_HASH_SIZE];
    if (!loop_household_read(address, raw))
        return false;
    auth_secret_hmac_sha256(bytes_make(addresses->secret, sizeof addresses->secret),
                            bytes_make(raw, sizeof raw), hash);
    for (int i = 0; i < ROWS; i++) {
        uint32_t at;
        memcpy(&at, hash + (size_t)i * sizeof at, sizeof at);
        ret->of[i] = &addresses->rows[i][at % ADDRESSES_PLACES];
    }
    return true;
}

/* What the better of its places says. */
static unsigned count_waiting(const struct places *places)
{
    int least = INT_MAX;
    for (int i = 0; i < ROWS; i++) {
        int waiting =
            atomic_load_explicit(&places->of[i]->waiting, memory_order_relaxed);
        least = waiting < least ? waiting : least;
    }
    return least > 0 ? (unsigned)least : 0;
}

enum show_addresses_verdict show_addresses_arrive(struct show_addresses *addresses,
                                                  const char *address)
{
    struct places places;
    unsigned max = addresses->limits.waiting_max;
    if (max == 0 || !find(addresses, address, &places))
        return SHOW_ADDRESSES_WELCOME;
    unsigned n_waiting = count_waiting(&places);
    if (n_waiting >= max + ADDRESSES_TOLD_MAX)
        return SHOW_ADDRESSES_CLOSED;
    for (int i = 0; i < ROWS; i++)
        atomic_fetch_add_explicit(&places.of[i]->waiting, 1, memory_order_relaxed);
    return n_waiting < max ? SHOW_ADDRESSES_WELCOME : SHOW_ADDRESSES_TOLD;
}

void show_addresses_leave(struct show_addresses *addresses, const char *address)
{
    struct places places;
    if (addresses->limits.waiting_max == 0 || !find(addresses, address, &places))
        return;
    for (int i = 0; i < ROWS; i++)
        atomic_fetch_sub_explicit(&places.of[i]->waiting, 1, memory_order_relaxed);
}

static void count_failure(struct place *place, unsigned max, int64_t now_ms)
{
    uint64_t minute = (uint64_t)(now_ms / ADDRESSES_MINUTE_MS) << COUNT_BITS;
    uint64_t before = atomic_load_explicit(&place->failures, memory_order_relaxed);
    uint64_t after;
    do {
        bool same = before >> COUNT_BITS == minute >> COUNT_BITS;
        after = same && (before & COUNT_MAX) < COUNT_MAX ? before + 1
                : same                                   ? before
                                                         : minute + 1;
    } while (!atomic_compare_exchange_weak_explicit(
        &place->failures, &before, after, memory_order_relaxed, memory_order_relaxed));
    if ((after & COUNT_MAX) >= max)
        atomic_store_explicit(&place->blocked_until_ms, now_ms + ADDRESSES_BLOCK_MS,
                              memory_order_relaxed);
}

void show_addresses_fail(struct show_addresses *addresses, const char *address,
                         int64_t now_ms)
{
    struct places places;
    unsigned max = addresses->limits.failures_per_min;
    if (max == 0 || !find(addresses, address, &places))
        return;
    for (int i = 0; i < ROWS; i++)
        count_failure(places.of[i], max, now_ms);
}

bool show_addresses_is_blocked(const struct show_addresses *addresses,
                               const char *address, int64_t now_ms)
{
    struct places places;
    if (addresses->limits.failures_per_min == 0 || !find(addresses, address, &places))
        return false;
    for (int i = 0; i < ROWS; i++)
        if (now_ms >=
            atomic_load_explicit(&places.of[i]->blocked_until_ms, memory_order_relaxed))
            return false;
    return true;
}
