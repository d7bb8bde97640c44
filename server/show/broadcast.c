#include "server/show/broadcast.h"

#include "core/buf.h"
#include "server/loop/loop.h"
#include "server/show/cues.h"
#include "server/show/registry.h"

enum {
    /* Media time of the first packet ever: room in front for tracks that begin earlier. */
    BROADCAST_BASE_MS = 10000,
    /* A publisher that comes at once begins so far behind the last packet, which is room
     * for its duration; more would push the axis ahead of the clock. */
    BROADCAST_STEP_MS = 100,
    /* Segment numbers reserved in the store at once: a restart jumps over what is left of
     * them, and the store is written every half hour instead of every segment. */
    BROADCAST_MSN_RESERVE = 1000,
};

static struct metrics *metrics_of(const struct show *show)
{
    return show->hub->house->metrics;
}

void show_broadcast_keep(struct show *show, int64_t ended_ms)
{
    struct show_packaging packaging = {
        .constants = show->constants,
        .next_msn = show->kept_msn,
        .next_discontinuity = show->kept_discontinuity,
        .ended_ms = ended_ms,
        .live_since_ms = ended_ms ? 0 : show->live_since_ms,
    };
    if (!show->rehearses)
        show_registry_keep(show->hub->house, show->record, packaging);
}

static void keep_if_needed(struct show *show)
{
    struct packager_constants measured = packager_get_constants(show->packager);
    measured.wall_anchor_ms = show->constants.wall_anchor_ms;
    bool changed = measured.part_target_ms != show->constants.part_target_ms ||
                   measured.target_duration_s != show->constants.target_duration_s;
    bool used_up = packager_next_msn(show->packager) + 1 >= show->kept_msn;
    /* A restart goes on with one more: its first segment is a discontinuity too. */
    uint64_t discontinuity = packager_next_discontinuity(show->packager) + 1;
    if (!changed && !used_up && discontinuity <= show->kept_discontinuity)
        return;
    show->constants = measured;
    show->kept_discontinuity = discontinuity;
    if (used_up)
        show->kept_msn = packager_next_msn(show->packager) + BROADCAST_MSN_RESERVE;
    /* What was too short to go live is over as soon as it is there: a restart must not
     * wait for its encoder. */
    bool goes_on = show->publisher || show->live_since_ms;
    show_broadcast_keep(show, goes_on ? 0 : loop_wall_ms(show->hub->loop));
}

static void update_ranges(struct show *show)
{
    struct overlay_range ranges[OVERLAY_RANGES_MAX];
    struct marker_range markers[OVERLAY_RANGES_MAX] = {0};
    int64_t newest = packager_newest_time(show->packager);
    int64_t window = (int64_t)show->hub->house->window_ms * 2 * 90;
    size_t n = overlay_ranges(show->overlay, newest - window, ranges);
    for (size_t i = 0; i < n; i++)
        markers[i] = (struct marker_range){
            .start = ranges[i].start,
            .end = ranges[i].end == OVERLAY_OPEN ? MARKER_OPEN : ranges[i].end,
            .line = ranges[i].line,
            .line_closed = ranges[i].line_closed,
        };
    packager_set_ranges(show->packager, markers, n);
    for (size_t i = 0; i < n; i++) {
        buf_unref(ranges[i].line);
        buf_unref(ranges[i].line_closed);
    }
}

static void finish_part(struct show *show, const struct packager_event *event)
{
    struct overlay_marker aired[OVERLAY_MARKERS_MAX];
    struct marker markers[OVERLAY_MARKERS_MAX] = {0};
    size_t n = 0;
    if (event->part.carries_markers) {
        n = overlay_air(show->overlay, event->part.start, event->part.end,
                        event->part.opens_segment || event->part.after_gap, aired);
        show_cues_flush(show);
        if (event->part.opens_segment)
            update_ranges(show);
    }
    for (size_t i = 0; i < n; i++)
        markers[i] = (struct marker){.time = aired[i].time, .box = aired[i].box};
    packager_finish_part(show->packager, markers, n);
    for (size_t i = 0; i < n; i++)
        buf_unref(aired[i].box);
    counter_add(&metrics_of(show)->parts_total, 1);
}

/* While no media flows cues still have their times: they are told beside it, and their
 * outcome goes into the first part that follows. */
static void pass_gap(struct show *show, const struct packager_event *event)
{
    overlay_pass(show->overlay, event->part.start, event->part.end);
    show_cues_flush(show);
    if (event->part.opens_segment)
        update_ranges(show);
}

static void note_finding(struct show *show, const struct packager_event *event)
{
    struct metrics *metrics = metrics_of(show);
    show_health_finding(&show->health, event->finding.what, event->finding.value,
                        loop_now_ms(show->hub->loop));
    switch (event->finding.what) {
    case PACKAGER_GOP_TOO_LONG:
        counter_add(&metrics->long_gops_total, 1);
        return;
    case PACKAGER_HOLE:
        counter_add(&metrics->hole_reports_total, 1);
        return;
    case PACKAGER_REFUSED_PACKET:
        counter_add(&metrics->packets_refused_total, 1);
        return;
    case PACKAGER_FRAMES_MISSING:
        return;
    }
}

static void count_segments(struct show *show, unsigned rendition)
{
    struct snapshot *snapshot = packager_snapshot(show->packager, rendition);
    if (snapshot && snapshot->last_msn > show->segments_seen[rendition]) {
        uint64_t seen = show->segments_seen[rendition] >= snapshot->first_msn
                            ? show->segments_seen[rendition]
                            : snapshot->first_msn - 1;
        counter_add(&metrics_of(show)->segments_total,
                    (int64_t)(snapshot->last_msn - seen));
        show->segments_seen[rendition] = snapshot->last_msn;
    }
    hls_snapshot_unref(snapshot);
}

struct show_progress show_broadcast_pump(struct show *show)
{
    struct packager_event event;
    struct show_progress progress = {0};
    while (packager_next(show->packager, &event)) {
        switch (event.type) {
        case PACKAGER_PART_DUE:
            finish_part(show, &event);
            progress.has_part = true;
            break;
        case PACKAGER_GAP:
            pass_gap(show, &event);
            break;
        case PACKAGER_UPDATED:
            progress.updated = true;
            count_segments(show, event.rendition);
            break;
        case PACKAGER_FINDING:
            note_finding(show, &event);
            break;
        }
    }
    if (progress.updated)
        keep_if_needed(show);
    return progress;
}

void show_broadcast_open(struct show *show)
{
    if (show->packager)
        return;
    const struct show_house *house = show->hub->house;
    const struct store_show *row = &show->record->row;
    if (show->constants.wall_anchor_ms == 0) {
        show->constants.wall_anchor_ms =
            loop_wall_ms(show->hub->loop) - BROADCAST_BASE_MS;
        overlay_set_anchor(show->overlay, show->constants.wall_anchor_ms);
    }
    struct packager_config config = {
        .part_ms = house->part_ms,
        .segment_ms = house->segment_ms,
        .window_ms = house->window_ms,
        .first_msn = row->next_msn > 0 ? row->next_msn : 1,
        .first_discontinuity = row->next_discontinuity,
        .constants = show->constants,
    };
    show->packager = packager_create(&config);
    show->kept_msn = config.first_msn;
    show->kept_discontinuity = config.first_discontinuity;
}

int64_t show_broadcast_free_ms(const struct show *show)
{
    return packager_newest_time(show->packager) / 90 + BROADCAST_STEP_MS;
}

int64_t show_broadcast_base_ms(const struct show *show)
{
    int64_t base_ms = loop_wall_ms(show->hub->loop) - show->constants.wall_anchor_ms;
    int64_t free_ms = show_broadcast_free_ms(show);
    return base_ms > free_ms ? base_ms : free_ms;
}

void show_broadcast_close(struct show *show)
{
    /* A later publisher goes on behind the numbers used. */
    struct store_show row = show->record->row;
    row.next_msn = packager_next_msn(show->packager);
    row.next_discontinuity = packager_next_discontinuity(show->packager) + 1;
    struct show_record *record = show_record_create(&row);
    show_record_unref(show->record);
    show->record = record;
    packager_destroy(show->packager);
    show->packager = NULL;
}

void show_broadcast_leave_off(struct show *show)
{
    if (!show->packager || !show->live_since_ms)
        return; /* what the store has holds */
    show->kept_msn = packager_next_msn(show->packager);
    show->kept_discontinuity = packager_next_discontinuity(show->packager) + 1;
    show_broadcast_keep(show, 0);
}
