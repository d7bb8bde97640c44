/* What a publish is bound to because the shop's yes said so (struct hook_terms): a rate
 * and a time. Rules only: server/show/enforce.c acts.
 *
 * The rate is that of METER_SECONDS, and a tenth more than agreed passes: encoders swing
 * around what is set. Above that the host is told at once, and the publish ends when it has
 * been so for SHOW_TERMS_GRACE_MS: what a line held back and then delivers all at once is
 * out of the measure by then. Who sends in bursts with pauses between them, or comes on air
 * again and again, has no more than SHOW_TERMS_AHEAD_MS of what is allowed beyond it.
 *
 * Threads: values. Time: passed in, the rate's monotonic, the end by the wall clock.
 * Errors:  the words are a sentence for whoever sits before the encoder. */
#ifndef SHOW_TERMS_H
#define SHOW_TERMS_H

#include "server/hook/answer.h"
#include "server/show/meter.h"

struct err;

enum {
    SHOW_TERMS_PERCENT = 110,
    SHOW_TERMS_GRACE_MS = 10000,
    /* As much as media may run ahead of the clock; a group of pictures that was kept of one
     * that stood by is shorter. */
    SHOW_TERMS_AHEAD_MS = 60000,
};

/* Of one publish. */
struct show_terms_watch {
    /* private; zeroed, nothing was seen */
    bool is_over;
    int64_t over_at_ms;
    int64_t seen_ms;      /* 0: not since it came on air */
    uint64_t seen_bytes;  /* of the meter by then */
    int64_t surplus_bits; /* beyond what was allowed */
};

/* The publisher comes on air, where a new meter measures it. */
void show_terms_begin(struct show_terms_watch *watch);

/* Its time has come: ERR_INVALID. */
int show_terms_check_time(const struct hook_terms *terms, int64_t wall_ms,
                          struct err *err);
/* The rate is above what is allowed. max_kbps 0: never. */
bool show_terms_is_over(uint32_t max_kbps, const struct show_meter_reading *reading);
/* Once a second. ERR_LIMIT: it has been above for too long, or by too much. */
int show_terms_check_rate(struct show_terms_watch *watch,
                          const struct hook_terms *terms,
                          const struct show_meter_reading *reading, int64_t now_ms,
                          struct err *err);

#endif
