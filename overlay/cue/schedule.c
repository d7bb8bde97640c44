#include "overlay/cue/schedule.h"

#include "core/require.h"

bool cue_schedule_is_full(const struct cue_schedule *schedule)
{
    return schedule->n == CUE_SCHEDULE_MAX;
}

static bool is_before(const struct cue_entry *a, const struct cue_entry *b)
{
    return a->time < b->time || (a->time == b->time && a->id < b->id);
}

void cue_schedule_add(struct cue_schedule *schedule, struct cue_entry *entry)
{
    require(schedule->n < CUE_SCHEDULE_MAX);
    size_t at = schedule->n;
    for (; at > 0 && is_before(entry, schedule->entries[at - 1]); at--)
        schedule->entries[at] = schedule->entries[at - 1];
    schedule->entries[at] = entry;
    schedule->n++;
}

void cue_schedule_remove(struct cue_schedule *schedule, const struct cue_entry *entry)
{
    size_t at = 0;
    while (at < schedule->n && schedule->entries[at] != entry)
        at++;
    require(at < schedule->n);
    for (; at + 1 < schedule->n; at++)
        schedule->entries[at] = schedule->entries[at + 1];
    schedule->n--;
}

size_t cue_schedule_count(const struct cue_schedule *schedule)
{
    return schedule->n;
}

struct cue_entry *cue_schedule_at(const struct cue_schedule *schedule, size_t index)
{
    require(index < schedule->n);
    return schedule->entries[index];
}

struct cue_entry *cue_schedule_first(const struct cue_schedule *schedule)
{
    return schedule->n ? schedule->entries[0] : NULL;
}
