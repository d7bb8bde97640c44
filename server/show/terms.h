/* What a publish is bound to because the shop's yes said so (struct hook_terms): a rate
 * and a time. Rules only: server/show/enforce.c acts.
 *
 * The rate is that of METER_SECONDS, and a tenth more than agreed passes: encoders swing
 * around what is set. Above that the host is told at once, and the publish ends when it has
 * been so for SHOW_TERMS_GRACE_MS: what a line held back and then delivers all at once is
 * out of the measure by then. Who sends in bursts with pauses between them, or connects
 * again and again, has no more than SHOW_TERMS_AHEAD_MS of what is allowed beyond it: what
 * it is ahead by stays its debt when it leaves (server/show/debts.h), and time pays it off.
 *
 * Threads: values. Time: passed in, the rate's monotonic, the end by the wall clock.
 * Errors:  the words are a sentence for whoever sits before the encoder. */
#ifndef SHOW_TERMS_H
#define SHOW_TERMS_H

#include "server/hook/answer.h"
#include "server/show/debts.h"
#include "server/show/meter.h"

struct err;

enum {
    SHOW_TERMS_PERCENT = 110,
    SHOW_TERMS_GRACE_MS = 10000,
    /* As much as media may run ahead of the clock. */
    SHOW_TERMS_AHEAD_MS = 60000,
};

/* Of one publish, on air or not. */
struct show_terms_watch {
    /* private; zeroed, nothing was seen */
    struct show_meter meter; /* of bytes alone */
    bool is_over;
    int64_t over_at_ms;
    uint64_t seen_bytes;      /* of the meter when surplus was reckoned */
    struct show_debt surplus; /* beyond what was allowed */
};

/* A show has the publisher now, which left it with this debt, or another show. */
void show_terms_begin(struct show_terms_watch *watch, struct show_debt debt,
                      int64_t now_ms);
/* Media came. */
void show_terms_take(struct show_terms_watch *watch, enum track_kind kind, size_t len);
/* What it leaves with. */
struct show_debt show_terms_leave(struct show_terms_watch *watch,
                                  const struct hook_terms *terms, int64_t now_ms);

/* Its time has come: ERR_INVALID. */
int show_terms_check_time(const struct hook_terms *terms, int64_t wall_ms,
                          struct err *err);
/* The rate is above what is allowed. max_kbps 0: never. */
bool show_terms_is_over(uint32_t max_kbps, const struct show_meter_reading *reading);
/* Each tick; it is looked at once a second. ERR_LIMIT: it has been above for too long, or
 * by too much. */
int show_terms_check_rate(struct show_terms_watch *watch,
                          const struct hook_terms *terms, int64_t now_ms,
                          struct err *err);

#endif
