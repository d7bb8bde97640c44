/* What a log says about strangers, so that an operator finds each of them and none fills
 * the log: one line for an address and a reason in a window, and when there are more than
 * the table holds, one every few seconds for all of the others.
 *
 * IPv6 addresses count by their /64, and this machine ("local", 127.0.0.0/8, ::1) as one
 * address.
 *
 * Ownership: a plain struct, zeroed at the start. One for each kind of line: who floods
 *   one kind hides nobody of another.
 * Threads:   one at a time.
 * Time:      monotonic.
 * Limits:    NOTICES_MAX lines in NOTICES_WINDOW_MS, and those of one log_limit: 45 a
 *   minute at the worst, 10 MB a day. An address has NOTICES_PER_ADDRESS_MAX places, so
 *   that it cannot take them all by being refused in many ways. */
#ifndef SHOW_NOTICES_H
#define SHOW_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log.h"
#include "server/loop/household.h"

enum {
    NOTICES_MAX = 32,
    NOTICES_PER_ADDRESS_MAX = 4,
    NOTICES_WINDOW_MS = 60000,
};

struct show_notice {
    uint8_t household[LOOP_HOUSEHOLD_SIZE];
    uint64_t reason; /* its hash */
    int64_t since_ms;
    unsigned n_more; /* that were not written since */
    bool is_taken;
};

struct show_notices {
    struct show_notice table[NOTICES_MAX];
    struct log_limit others; /* when the table is full, or the address's places are */
};

/* May a line be written about this address, without port, for this reason? Then *ret_n_more
 * is how many were not since the last one. The reason is any text; the same one is the
 * same reason. */
bool show_notices_pass(struct show_notices *notices, const char *address,
                       const char *reason, int64_t now_ms, unsigned *ret_n_more);
/* Writes the warning "WHAT: WHY" if it may be written; both together are the reason, in
 * which the numbers of why do not count. */
void show_notices_warn(struct show_notices *notices, const struct log *log,
                       const char *address, const char *what, const char *why,
                       int64_t now_ms);

#endif
