#include "server/show/standby.h"

#include "server/show/publisher.h"
#include "server/show/show.h"

void show_standby_begin(struct show_standby *standby, struct show_publisher *publisher,
                        int64_t wall_ms, int64_t now_ms)
{
    *standby = (struct show_standby){
        .publisher = publisher,
        .connected_ms = wall_ms,
        .media_at_ms = now_ms - STANDBY_SILENT_MS,
        .well_at_ms = now_ms,
    };
}

void show_standby_hear(struct show_standby *standby, int64_t now_ms)
{
    if (now_ms - standby->media_at_ms >= STANDBY_SILENT_MS)
        standby->well_at_ms = now_ms;
    standby->media_at_ms = now_ms;
}

bool show_standby_is_well(const struct show_standby *standby, int64_t now_ms)
{
    return standby->publisher && now_ms - standby->media_at_ms < STANDBY_SILENT_MS;
}

static bool is_backup(const struct show_publisher *publisher)
{
    return show_publisher_passport(publisher)->role == SHOW_ROLE_BACKUP;
}

bool show_standby_is_wanted(const struct show *show, int64_t now_ms)
{
    const struct show_standby *standby = &show->standby;
    if (!show_standby_is_well(standby, now_ms))
        return false;
    if (!show->publisher)
        return show->live_since_ms != 0;
    if (now_ms - show->media_at_ms >= STANDBY_SILENT_MS &&
        now_ms - show->attached_at_ms >= STANDBY_SILENT_MS)
        return now_ms - standby->well_at_ms >= STANDBY_SETTLE_MS;
    return is_backup(show->publisher) && !is_backup(standby->publisher) &&
           now_ms - standby->well_at_ms >= STANDBY_WELL_MS;
}
