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
#include "server/show/broadcast.h"
#include "server/show/cue_in.h"
#include "server/show/cues.h"
#include "server/show/findings.h"
#include "server/show/hooks.h"
#include "server/show/ingest.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"
#include "server/show/state.h"

enum {
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
    struct show_progress progress = show_broadcast_pump(show);
    set_pace(show);
    if (!progress.updated)
        return;
    if (show->publisher && !show->live_since_ms)
        go_live(show);
    else if (show->publisher && show->away_since_ms && progress.has_part)
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
    show_broadcast_open(show);
    show->publisher = publisher;
    show->released_at_ms = INT64_MAX;
    show->n_publishers = show->live_since_ms ? show->n_publishers + 1 : 1;
    show->connected_ms = loop_wall_ms(show->hub->loop);
    (void)snprintf(show->encoder, sizeof show->encoder, "%s", encoder);
    show_health_init(&show->health, now_of(show));
    show->ingest = show_ingest_create(show->packager, show_broadcast_base_ms(show));
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
        show_broadcast_keep(show, loop_wall_ms(show->hub->loop));
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
        show_ingest_rebase(show->ingest,
                           show_broadcast_base_ms(show)); /* GAP parts went on */
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
        show->released_at_ms = INT64_MAX;
        show_broadcast_close(show);
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
