/* How many cues a show takes: a bucket of BUDGET_BURST that fills by BUDGET_PER_SECOND.
 * Every viewer's player gets each of them, and each stands in the playlists; a host taps
 * once a second at the most, a script that runs wild is stopped. The numbers are those of
 * large services, so that clients made for them fit.
 *
 * Ownership: a plain value. Time: passed in. */
#ifndef SHOW_BUDGET_H
#define SHOW_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum { BUDGET_PER_SECOND = 5, BUDGET_BURST = 20 };

struct show_budget {
    /* private */
    int64_t full_at_ms; /* when nothing of it will be missing */
};

/* Takes one out; false: it is empty. Zeroed, it is full. */
bool show_budget_take(struct show_budget *budget, int64_t now_ms);
/* The same of another size; per_second divides 1000. */
bool show_budget_take_of(struct show_budget *budget, int per_second, int burst,
                         int64_t now_ms);

#endif
