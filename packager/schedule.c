#include "packager/schedule.h"

static void forget(struct schedule *schedule)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        for (int i = 0; i < 2; i++)
            schedule->buckets[kind][i] = (struct schedule_bucket){0};
    schedule->renewed = false;
}

static int64_t earliest_of(const struct schedule_bucket buckets[2])
{
    int64_t earliest_ms = SCHEDULE_NEVER;
    for (int i = 0; i < 2; i++)
        if (buckets[i].used && buckets[i].earliest_ms > earliest_ms)
            earliest_ms = buckets[i].earliest_ms;
    return earliest_ms;
}

static void turn_buckets(struct schedule *schedule, int64_t now_ms)
{
    int64_t age_ms = now_ms - schedule->turned_ms;
    if (age_ms < SCHEDULE_BUCKET_MS)
        return;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct schedule_bucket *buckets = schedule->buckets[kind];
        bool keep = age_ms < 2 * SCHEDULE_BUCKET_MS;
        buckets[1] = keep ? buckets[0] : (struct schedule_bucket){0};
        buckets[0] = (struct schedule_bucket){0};
    }
    schedule->turned_ms = now_ms;
}

void packager_schedule_note(struct schedule *schedule, enum track_kind kind,
                            int64_t media_ms, int64_t now_ms)
{
    if (schedule->renewed)
        forget(schedule);
    turn_buckets(schedule, now_ms);
    struct schedule_bucket *bucket = &schedule->buckets[kind][0];
    int64_t ahead_ms = media_ms - now_ms;
    int64_t earliest_ms = earliest_of(schedule->buckets[kind]);
    if (earliest_ms != SCHEDULE_NEVER && ahead_ms < earliest_ms - SCHEDULE_PATIENCE_MS)
        return; /* later than anything is waited for */
    if (!bucket->used)
        *bucket = (struct schedule_bucket){true, ahead_ms, ahead_ms};
    if (ahead_ms > bucket->earliest_ms)
        bucket->earliest_ms = ahead_ms;
    if (ahead_ms < bucket->latest_ms)
        bucket->latest_ms = ahead_ms;
}

void packager_schedule_renew(struct schedule *schedule)
{
    schedule->renewed = true;
}

void packager_schedule_hear(struct schedule *schedule, int64_t now_ms)
{
    schedule->heard = true;
    schedule->heard_ms = now_ms;
}

bool packager_schedule_is_silent(const struct schedule *schedule, int64_t silent_ms,
                                 int64_t now_ms)
{
    return schedule->heard && now_ms - schedule->heard_ms >= silent_ms;
}

/* By how much the track's media is ahead of the clock when it is as late as it gets. */
static int64_t ahead_of(const struct schedule_bucket buckets[2])
{
    int64_t latest_ms = INT64_MAX;
    for (int i = 0; i < 2; i++)
        if (buckets[i].used && buckets[i].latest_ms < latest_ms)
            latest_ms = buckets[i].latest_ms;
    int64_t earliest_ms = earliest_of(buckets);
    if (earliest_ms == SCHEDULE_NEVER)
        return SCHEDULE_NEVER;
    int64_t floor_ms = earliest_ms - SCHEDULE_PATIENCE_MS;
    return latest_ms > floor_ms ? latest_ms : floor_ms;
}

static int64_t ahead_ms(const struct schedule *schedule)
{
    int64_t ahead = SCHEDULE_NEVER;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        int64_t of_kind = ahead_of(schedule->buckets[kind]);
        if (of_kind > ahead)
            ahead = of_kind;
    }
    return ahead;
}

int64_t packager_schedule_edge_ms(const struct schedule *schedule, int64_t part_ms,
                                  int64_t now_ms)
{
    int64_t ahead = ahead_ms(schedule);
    if (ahead == SCHEDULE_NEVER)
        return SCHEDULE_NEVER;
    return now_ms + ahead - part_ms * SCHEDULE_BEHIND_PARTS;
}

int64_t packager_schedule_due_ms(const struct schedule *schedule, int64_t part_ms,
                                 int64_t media_ms, int64_t silent_ms)
{
    int64_t ahead = ahead_ms(schedule);
    if (ahead == SCHEDULE_NEVER || !schedule->heard)
        return INT64_MAX;
    int64_t due_ms = media_ms - ahead + part_ms * SCHEDULE_BEHIND_PARTS;
    int64_t silent_until_ms = schedule->heard_ms + silent_ms;
    return due_ms > silent_until_ms ? due_ms : silent_until_ms;
}
