#include "server/show/show.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/log.h"
#include "core/require.h"
#include "server/loop/loop.h"
#include "server/loop/timer.h"
#include "server/rtmp/session.h"
#include "server/show/cue_in.h"
#include "server/show/cues.h"
#include "server/show/findings.h"
#include "server/show/hooks.h"
#include "server/show/ingest.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"
#include "server/show/registry.h"
#include "server/show/state.h"

enum {
    /* Media time of the first packet ever: room in front for tracks that begin earlier. */
    SHOW_BASE_MS = 10000,
    /* A publisher that comes at once begins so far behind the last packet, which is room
     * for its duration; more would push the axis ahead of the clock. */
    SHOW_STEP_MS = 100,
    /* Segment numbers reserved in the store at once: a restart jumps over what is left of
     * them, and the store is written every half hour instead of every segment. */
    SHOW_MSN_RESERVE = 1000,
    /* An ended show's media stays for players that are behind, then the memory is given
     * back; rfc8216bis 6.2.1 asks for the playlist's duration. */
    SHOW_RELEASE_MS = 600000,
    /* An encoder that was cut off tries again by itself for a minute or more. */
    SHOW_CLOSED_MS = 60000,
    /* Media that stays out for so long is told to viewers as an absence. */
    SHOW_SILENT_MS = 2000,
    /* How old the publisher's figures may get. */
    SHOW_SHARE_MS = 1000,
    SHOW_EVENT_MAX = 65536,
};

static int64_t now_of(const struct show *show)
{
    return loop_now_ms(show->hub->loop);
}

static struct metrics *metrics_of(const struct show *show)
{
    return show->hub->house->metrics;
}

static void on_pace(void *ctx);

/* It was live when the process died: its encoder is on its way back. */
static void linger_anew(struct show *show)
{
    show->live_since_ms = show->away_since_ms = loop_wall_ms(show->hub->loop);
    show->away_at_ms = now_of(show);
    counter_add(&metrics_of(show)->shows_live, 1);
}

struct show *show_create(struct show_hub *hub, struct show_record *record)
{
    struct show *show = alloc_zero(sizeof *show);
    show->hub = hub;
    show->record = show_record_ref(record);
    show->log = log_child(hub->house->log, "show", record->row.id);
    show->constants = (struct packager_constants){
        .part_target_ms = record->row.part_target_ms,
        .target_duration_s = record->row.target_duration_s,
        .wall_anchor_ms = record->row.wall_anchor_ms,
    };
    show->overlay = overlay_create(record->row.token, show->constants.wall_anchor_ms);
    show->tally = show_view_tally_create();
    show->released_at_ms = INT64_MAX;
    show->was_live = record->row.ended_ms != 0 || record->row.wall_anchor_ms != 0;
    show->pace = loop_timer_create(hub->loop, on_pace, show);
    show->pace_at_ms = INT64_MAX;
    if (show->was_live && record->row.ended_ms == 0 && hub->house->linger_ms > 0)
        linger_anew(show);
    return show;
}

void show_destroy(struct show *show)
{
    if (!show)
        return;
    struct show_publisher *publisher = show->publisher;
    show->publisher = NULL;
    if (publisher)
        show_publisher_cut(publisher, "This show was deleted.");
    if (show->live_since_ms) {
        counter_add(&metrics_of(show)->shows_live, -1);
        show_hooks_tell_show(show->hub, HOOK_SHOW_END, show->record->row.id,
                             "the show was deleted");
    }
    if (publisher)
        counter_add(&metrics_of(show)->publishers, -1);
    loop_timer_destroy(show->pace);
    show_ingest_destroy(show->ingest);
    packager_destroy(show->packager);
    overlay_destroy(show->overlay);
    buf_unref(show->publisher_text);
    buf_unref(show->health_text);
    show_figures_unref(show->figures);
    show_view_tally_unref(show->tally);
    show_record_unref(show->record);
    log_destroy(show->log);
    alloc_free(show);
}

enum show_state show_get_state(const struct show *show)
{
    if (show->live_since_ms)
        return SHOW_LIVE;
    if (show->was_live)
        return SHOW_ENDED;
    bool sells = show->record->row.run_sheet || show->hub->directory->n_products > 0;
    return sells ? SHOW_READY : SHOW_DRAFT;
}

struct overlay_clock show_get_clock(const struct show *show)
{
    if (!show->packager)
        return (struct overlay_clock){.live = false};
    return (struct overlay_clock){
        .live = show->live_since_ms != 0,
        .open_time = packager_open_time(show->packager),
        .newest_time = packager_newest_time(show->packager),
    };
}

int64_t show_get_anchor_ms(const struct show *show)
{
    return show->constants.wall_anchor_ms;
}

static struct buf *print_to_buf(void (*print)(const struct show *, struct builder *),
                                const struct show *show)
{
    struct builder out;
    builder_init(&out, SHOW_EVENT_MAX);
    print(show, &out);
    struct buf *buf = builder_take(&out);
    builder_finish(&out);
    return buf;
}

bool show_has_media(const struct show *show)
{
    return show->live_since_ms != 0 && show->away_since_ms == 0;
}

static void print_health(const struct show *show, struct builder *out)
{
    if (show->away_since_ms && !show->publisher) {
        builder_text(out, "{\"level\":\"problem\",\"text\":\"The encoder is gone. "
                          "The show stays on air and waits for it.\"}");
        return;
    }
    show_health_print(&show->health, show->publisher != NULL, out);
}

static void print_texts(struct show *show)
{
    buf_unref(show->publisher_text);
    buf_unref(show->health_text);
    show->publisher_text =
        show->publisher ? print_to_buf(show_state_print_publisher, show) : NULL;
    show->health_text = print_to_buf(print_health, show);
    show_figures_unref(show->figures);
    show->figures = show_figures_create(show);
}

/* With the texts as they were: what they tell changes once a second at most. */
static void share_media(struct show *show, struct buf *event)
{
    struct show_view view = {
        .state = show_get_state(show),
        .tally = show_view_tally_ref(show->tally),
        .publisher = buf_ref(show->publisher_text),
        .health = buf_ref(show->health_text),
        .figures = show_figures_ref(show->figures),
        .live_since_ms = show->live_since_ms,
        .away_since_ms = show->away_since_ms,
    };
    if (show->packager) {
        for (int kind = 0; kind < TRACK_KINDS; kind++)
            view.renditions[kind] =
                packager_snapshot(show->packager, (enum track_kind)kind);
        view.multivariant = packager_multivariant(show->packager);
    }
    show->has_view = true;
    show->shared_ms = now_of(show);
    show_hub_share_view(show->hub, show->record->row.id, show_view_create(view), event);
}

void show_share(struct show *show, struct buf *event)
{
    print_texts(show);
    share_media(show, event);
}

void show_ensure_view(struct show *show)
{
    if (!show->has_view)
        show_share(show, NULL);
}

static void share_state(struct show *show)
{
    struct buf *event = show_state_event(show);
    show_share(show, event);
    buf_unref(event);
}

/* Keeps what must outlive a restart; reserve also when nothing else changed. */
static void keep(struct show *show, int64_t ended_ms)
{
    struct show_packaging packaging = {
        .constants = show->constants,
        .next_msn = show->kept_msn,
        .next_discontinuity = show->kept_discontinuity,
        .ended_ms = ended_ms,
    };
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
        show->kept_msn = packager_next_msn(show->packager) + SHOW_MSN_RESERVE;
    keep(show, 0);
}

static void update_ranges(struct show *show)
{
    struct overlay_range ranges[OVERLAY_RANGES_MAX];
    struct marker_range markers[OVERLAY_RANGES_MAX];
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
    struct marker markers[OVERLAY_MARKERS_MAX];
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
                        now_of(show));
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

static void count_segments(struct show *show, enum track_kind kind)
{
    struct snapshot *snapshot = packager_snapshot(show->packager, kind);
    if (snapshot && snapshot->last_msn > show->segments_seen[kind]) {
        uint64_t seen = show->segments_seen[kind] >= snapshot->first_msn
                            ? show->segments_seen[kind]
                            : snapshot->first_msn - 1;
        counter_add(&metrics_of(show)->segments_total,
                    (int64_t)(snapshot->last_msn - seen));
        show->segments_seen[kind] = snapshot->last_msn;
    }
    hls_snapshot_unref(snapshot);
}

static void tell_outside(struct show *show, enum hook_event_type type, const char *why)
{
    show_hooks_tell_show(show->hub, type, show->record->row.id, why);
}

/* Viewers hear at once why their picture stands still. */
static void go_away(struct show *show)
{
    if (!show_has_media(show))
        return;
    show->away_since_ms = loop_wall_ms(show->hub->loop);
    show->away_at_ms = now_of(show);
    log_info(show->log, "no media: the show waits for it");
    tell_outside(show, HOOK_SHOW_AWAY, NULL);
    share_state(show);
}

static void come_back(struct show *show)
{
    log_info(show->log, "media is back after %lld ms",
             (long long)(now_of(show) - show->away_at_ms));
    show->away_since_ms = 0;
    tell_outside(show, HOOK_SHOW_BACK, NULL);
    share_state(show);
}

static void go_live(struct show *show)
{
    show->live_since_ms = loop_wall_ms(show->hub->loop);
    show->was_live = true;
    counter_add(&metrics_of(show)->shows_live, 1);
    log_info(show->log, "live");
    tell_outside(show, HOOK_SHOW_LIVE, NULL);
    share_state(show);
}

/* Each packet puts the deadline off: the timer is left to run, and set again then. */
static void set_pace(struct show *show)
{
    int64_t at_ms = packager_deadline_ms(show->packager);
    if (at_ms >= show->pace_at_ms)
        return;
    show->pace_at_ms = at_ms;
    loop_timer_start_at(show->pace, at_ms);
}

/* Answers the packager until it has nothing more, then tells the loops once. */
static void pump(struct show *show)
{
    struct packager_event event;
    bool updated = false;
    bool has_part = false;
    while (packager_next(show->packager, &event)) {
        switch (event.type) {
        case PACKAGER_PART_DUE:
            finish_part(show, &event);
            has_part = true;
            break;
        case PACKAGER_GAP:
            pass_gap(show, &event);
            break;
        case PACKAGER_UPDATED:
            updated = true;
            count_segments(show, event.rendition);
            break;
        case PACKAGER_FINDING:
            note_finding(show, &event);
            break;
        }
    }
    set_pace(show);
    if (!updated)
        return;
    keep_if_needed(show);
    if (show->publisher && !show->live_since_ms)
        go_live(show);
    else if (show->publisher && show->away_since_ms && has_part)
        come_back(show);
    else
        share_media(show, NULL);
}

/* Parts of missing media have their time. */
static void on_pace(void *ctx)
{
    struct show *show = ctx;
    show->pace_at_ms = INT64_MAX;
    if (!show->packager)
        return;
    packager_tick(show->packager, now_of(show));
    pump(show);
}

static void create_packager(struct show *show)
{
    const struct show_house *house = show->hub->house;
    const struct store_show *row = &show->record->row;
    if (show->constants.wall_anchor_ms == 0) {
        show->constants.wall_anchor_ms = loop_wall_ms(show->hub->loop) - SHOW_BASE_MS;
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

/* Media goes on where the wall clock is, so PROGRAM-DATE-TIME has one anchor for ever. */
static int64_t next_base_ms(const struct show *show)
{
    int64_t base_ms = loop_wall_ms(show->hub->loop) - show->constants.wall_anchor_ms;
    int64_t newest_ms = packager_newest_time(show->packager) / 90 + SHOW_STEP_MS;
    return base_ms > newest_ms ? base_ms : newest_ms;
}

static void let_go(struct show *show)
{
    show->publisher = NULL;
    counter_add(&metrics_of(show)->publishers, -1);
    show_ingest_destroy(show->ingest);
    show->ingest = NULL;
}

struct show_publisher *show_incumbent(const struct show *show, enum show_role role)
{
    (void)role;
    return show->publisher;
}

/* The media goes on with the next encoder: players that were told of an end would not come
 * back. */
static void take_over(struct show *show, const struct show_publisher *next)
{
    struct show_publisher *before = show->publisher;
    if (!show_publisher_is_quiet(before))
        show_rivals_note(&show->rivals, show_publisher_passport(before),
                         show_publisher_passport(next), now_of(show));
    let_go(show);
    log_info(show->log, "another encoder takes over");
    show_publisher_cut(before, "Another encoder took over this show.");
}

void show_attach(struct show *show, struct show_publisher *publisher,
                 const char *encoder)
{
    if (show->publisher)
        take_over(show, publisher);
    if (!show->packager)
        create_packager(show);
    show->publisher = publisher;
    show->released_at_ms = INT64_MAX;
    show->n_publishers = show->live_since_ms ? show->n_publishers + 1 : 1;
    show->connected_ms = loop_wall_ms(show->hub->loop);
    (void)snprintf(show->encoder, sizeof show->encoder, "%s", encoder);
    show_health_init(&show->health, now_of(show));
    show->ingest = show_ingest_create(show->packager, next_base_ms(show));
    counter_add(&metrics_of(show)->publishers, 1);
    show_share(show, NULL);
}

static void end_packager(struct show *show)
{
    if (!show->packager)
        return; /* it lingers since the start of the process */
    packager_end(show->packager, now_of(show));
    pump(show);
    show->released_at_ms = now_of(show) + SHOW_RELEASE_MS;
}

static void end_media(struct show *show, const char *why)
{
    end_packager(show);
    if (show->live_since_ms) {
        show_key_use_end_run(&show->key_use);
        log_info(show->log, "ended: %s", why);
        tell_outside(show, HOOK_SHOW_END, why);
        counter_add(&metrics_of(show)->shows_live, -1);
        keep(show, loop_wall_ms(show->hub->loop));
    }
    show->live_since_ms = show->away_since_ms = 0;
    share_state(show);
}

/* The show waits for a publisher; not longer than show.linger from the last media on,
 * however often one comes that sends none. */
static bool lingers(const struct show *show)
{
    return show->away_since_ms &&
           now_of(show) < show->away_at_ms + show->hub->house->linger_ms;
}

void show_detach(struct show *show, struct show_publisher *publisher, const char *why)
{
    if (show->publisher != publisher)
        return;
    let_go(show);
    go_away(show);
    if (!lingers(show))
        end_media(show, why);
    else
        show_share(show, NULL);
}

void show_end(struct show *show, const char *why)
{
    struct show_publisher *publisher = show->publisher;
    show_key_use_end_run(&show->key_use);
    if (!publisher && !show->live_since_ms)
        return;
    if (publisher) {
        let_go(show);
        show_publisher_cut(publisher, "The host ended this show.");
    }
    end_media(show, why);
}

void show_close(struct show *show)
{
    show->closed_until_ms = now_of(show) + SHOW_CLOSED_MS;
    show_end(show, "the host ended the show");
}

bool show_is_closed(const struct show *show)
{
    return now_of(show) < show->closed_until_ms;
}

void show_media(struct show *show, const struct rtmp_event *event)
{
    struct err err;
    if (event->type == RTMP_EVENT_DATA) {
        show_cue_in_take(show, event);
        return;
    }
    show->media_at_ms = now_of(show);
    show_health_media(&show->health, event, now_of(show));
    if (!show_ingest_has_media(show->ingest))
        show_ingest_rebase(show->ingest, next_base_ms(show)); /* GAP parts went on */
    int failed = show_ingest_event(show->ingest, event, now_of(show), &err);
    if (failed) {
        show_health_refused(&show->health, err.text, now_of(show));
        counter_add(&metrics_of(show)->packets_refused_total, 1);
        log_debug(show->log, "media refused: %s", err.text);
    }
    pump(show);
}

/* The numbers of viewers change all the time: told at most once a second. */
static void tell_viewers(struct show *show)
{
    int64_t viewers = counter_get(&show->tally->viewers);
    if (viewers == show->viewers_told)
        return;
    show->viewers_told = viewers;
    share_state(show);
}

void show_tick(struct show *show, int64_t now_ms)
{
    if (now_ms - show->media_at_ms >= SHOW_SILENT_MS)
        go_away(show);
    if (show->away_since_ms && !show->publisher && !lingers(show))
        end_media(show, "the encoder did not come back in time");
    if (show->live_since_ms && !show->has_view)
        share_state(show);
    if (show->publisher)
        show_health_track(&show->health, show_ingest_track(show->ingest, TRACK_VIDEO),
                          now_ms);
    if (show_health_tick(&show->health, now_ms)) {
        show_findings_tell(show);
        print_texts(show);
        tell_viewers(show);
        /* With media there are new views all the time, which take the texts along;
         * without, the host must hear it. */
        if (show->publisher && now_ms - show->shared_ms >= SHOW_SHARE_MS)
            share_media(show, NULL);
    }
    if (now_ms >= show->released_at_ms && !show->publisher) {
        struct packager *ended = show->packager;
        uint64_t next_msn = packager_next_msn(ended);
        show->released_at_ms = INT64_MAX;
        /* A later publisher goes on behind the numbers used. */
        struct store_show row = show->record->row;
        row.next_msn = next_msn;
        row.next_discontinuity = packager_next_discontinuity(ended) + 1;
        struct show_record *record = show_record_create(&row);
        show_record_unref(show->record);
        show->record = record;
        show->packager = NULL;
        packager_destroy(ended);
        show_share(show, NULL);
    }
}

void show_set_record(struct show *show, struct show_record *record)
{
    if (record == show->record)
        return;
    bool renamed = !bytes_equal(bytes_text(record->row.title),
                                bytes_text(show->record->row.title)) ||
                   !bytes_equal(bytes_text(record->row.host),
                                bytes_text(show->record->row.host)) ||
                   !bytes_equal(bytes_text(record->row.run_sheet),
                                bytes_text(show->record->row.run_sheet));
    show_record_unref(show->record);
    show->record = show_record_ref(record);
    show_keys_follow(show);
    if (renamed)
        share_state(show);
}

void show_products_changed(struct show *show, struct product *const *products,
                           size_t n_products)
{
    for (size_t i = 0; i < n_products; i++) {
        if (!show_record_lists(show->record, products[i]->sku))
            continue;
        overlay_product_changed(show->overlay, products[i], show_get_clock(show));
        show_cues_flush(show);
        if (!show->has_view)
            continue; /* nobody has looked yet */
        struct buf *event = show_state_product_event(products[i]);
        show_hub_share_view(show->hub, show->record->row.id, NULL, event);
        buf_unref(event);
    }
}

void show_stock_changed(struct show *show)
{
    bool idle = !show->live_since_ms && !show->was_live;
    if (show->has_view && idle && !show->record->row.run_sheet)
        share_state(show);
}
