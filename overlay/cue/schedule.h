/* Cues that wait for their time, in order of it; those of one time in order of request.
 *
 * Ownership: holds entries, owns none. Threads: one at a time. */
#ifndef CUE_SCHEDULE_H
#define CUE_SCHEDULE_H

#include "overlay/cue/entry.h"

enum { CUE_SCHEDULE_MAX = 256 };

struct cue_schedule {
    /* private */
    struct cue_entry *entries[CUE_SCHEDULE_MAX];
    size_t n;
};

bool cue_schedule_is_full(const struct cue_schedule *schedule);
/* Not when it is full. */
void cue_schedule_add(struct cue_schedule *schedule, struct cue_entry *entry);
void cue_schedule_remove(struct cue_schedule *schedule, const struct cue_entry *entry);

size_t cue_schedule_count(const struct cue_schedule *schedule);
struct cue_entry *cue_schedule_at(const struct cue_schedule *schedule, size_t index);
struct cue_entry *cue_schedule_first(const struct cue_schedule *schedule); /* or NULL */

#endif
