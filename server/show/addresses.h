/* What strangers' addresses have done: connections that do not publish yet, and stream
 * keys that were wrong. So one address can neither fill the house with connections nor
 * try keys.
 *
 * It is one table for all loops, of a fixed size, and it never blocks: counters in two
 * rows, an address has one place in each, found by two hashes with a secret of the
 * process, and is held to be what the better of its two places says. So addresses that
 * share a place with a bad one are not harmed unless both their places are shared: with
 * 1,000 bad addresses at once, one good address of 1,000 is. IPv6 addresses count by
 * their /64, which is what one household has.
 *
 * This machine ("local", 127.0.0.0/8, ::1) is never counted.
 *
 * Ownership: create/destroy.
 * Threads:   any, at the same time: places are atomic. Two that count at the same moment
 *   may both find themselves below a limit; it is passed by as many as there are loops.
 * Time:      monotonic, of any loop.
 * Limits:    ADDRESSES_PLACES a row, 24 bytes each: 1.5 MiB. */
#ifndef SHOW_ADDRESSES_H
#define SHOW_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

struct show_addresses;

enum {
    ADDRESSES_PLACES = 32768, /* a row: 1,000 bad addresses fill 3 % */
    /* Beyond waiting_max, at once: a person who looks for the reason meets it, and a flood
     * gets words for no more of its connections. */
    ADDRESSES_TOLD_MAX = 4,
    ADDRESSES_MINUTE_MS = 60000,
    ADDRESSES_BLOCK_MS = 60000,
};

struct show_addresses_limits {
    unsigned waiting_max; /* connections that do not publish yet; 0: any number */
    /* wrong keys in a minute until the block; 0: any number */
    unsigned failures_per_min;
};

struct show_addresses *
show_addresses_create(const struct show_addresses_limits *limits);
void show_addresses_destroy(struct show_addresses *addresses); /* NULL: nothing */

enum show_addresses_verdict {
    SHOW_ADDRESSES_WELCOME,
    /* It has waiting_max already. This one is counted, and should hear why it goes. */
    SHOW_ADDRESSES_TOLD,
    /* Others are being told: this one is not counted, and goes without words. */
    SHOW_ADDRESSES_CLOSED,
};

/* A connection of the address, without port, has come. */
enum show_addresses_verdict show_addresses_arrive(struct show_addresses *addresses,
                                                  const char *address);
/* One that was counted publishes now, or is gone. */
void show_addresses_leave(struct show_addresses *addresses, const char *address);

/* The address has sent a wrong key. */
void show_addresses_fail(struct show_addresses *addresses, const char *address,
                         int64_t now_ms);
bool show_addresses_is_blocked(const struct show_addresses *addresses,
                               const char *address, int64_t now_ms);

#endif
