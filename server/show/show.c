#include "server/show/show.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/require.h"
#include "server/loop/loop.h"
#include "server/loop/timer.h"
#include "server/rtmp/session.h"
#include "server/show/broadcast.h"
#include "server/show/cue_in.h"
#include "server/show/cues.h"
#include "server/show/enforce.h"
#include "server/show/findings.h"
#include "server/show/hooks.h"
#include "server/show/ingest.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"
#include "server/show/rehearsal.h"
#include "server/show/replay.h"
#include "server/show/share.h"
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

static void count_live(const struct show *show, int n)
{
    if (!show->rehearses)
        counter_add(&metrics_of(show)->shows_live, n);
}

/* It was live when the process ended: its encoder is on its way back. */
static void linger_anew(struct show *show)
{
    int64_t since_ms = show->record->row.live_since_ms;
    show->away_since_ms = loop_wall_ms(show->hub->loop);
    bool is_known = since_ms > 0 && since_ms < show->away_since_ms;
    show->live_since_ms = is_known ? since_ms : show->away_since_ms;
    show->away_at_ms = now_of(show);
    count_live(show, 1);
}

struct show *show_create(struct show_hub *hub, struct show_record *record)
{
    struct show *show = alloc_zero(sizeof *show);
    show->hub = hub;
    show->record = show_record_ref(record);
    show->log = show_rehearsal_log(hub->house->log, record->row.id);
    show->constants = (struct packager_constants){
        .part_target_ms = record->row.part_target_ms,
        .target_duration_s = record->row.target_duration_s,
        .wall_anchor_ms = record->row.wall_anchor_ms,
    };
    show->overlay = overlay_create(record->row.token, show->constants.wall_anchor_ms);
    show->tally = show_view_tally_create();
    show->rehearses = show_rehearsal_is_id(bytes_text(record->row.id));
    show->released_at_ms = INT64_MAX;
    show->was_live = record->row.ended_ms != 0 || record->row.wall_anchor_ms != 0;
    show->pace = loop_timer_create(hub->loop, on_pace, show);
    show->pace_at_ms = INT64_MAX;
    if (show->was_live && record->row.ended_ms == 0 && hub->house->linger_ms > 0)
        linger_anew(show);
    if (hub->house->linger_ms > 0 && !show->rehearses)
        show_keys_resume(show);
    return show;
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

/* Takes the publisher on air off it. */
static void let_go(struct show *show)
{
    if (!show->publisher)
        return;
    show_enforce_leave(show, show->publisher);
    show->publisher = NULL;
    counter_add(&metrics_of(show)->publishers, -1);
    show_ingest_destroy(show->ingest);
    show->ingest = NULL;
    packager_set_connected(show->packager, false);
    set_pace(show);
}

static void let_go_of_standby(struct show *show)
{
    if (!show->standby.publisher)
        return;
    show_enforce_leave(show, show->standby.publisher);
    show->standby = (struct show_standby){0};
    counter_add(&metrics_of(show)->publishers, -1);
}

static void cut_all(struct show *show, const char *sentence)
{
    struct show_publisher *on_air = show->publisher;
    struct show_publisher *standby = show->standby.publisher;
    let_go(show);
    let_go_of_standby(show);
    if (on_air)
        show_publisher_cut(on_air, sentence);
    if (standby)
        show_publisher_cut(standby, sentence);
}

void show_destroy(struct show *show)
{
    if (!show)
        return;
    cut_all(show, "This show was deleted.");
    if (show->live_since_ms) {
        count_live(show, -1);
        show_hooks_tell_show(show->hub, HOOK_SHOW_END, show->record->row.id,
                             "the show was deleted");
    }
    loop_timer_destroy(show->pace);
    show_ingest_destroy(show->ingest);
    packager_destroy(show->packager);
    overlay_destroy(show->overlay);
    buf_unref(show->publisher_text);
    buf_unref(show->backup_text);
    buf_unref(show->health_text);
    show_figures_unref(show->figures);
    show_health_finish(&show->health);
    show_spare_finish(&show->spare);
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

int64_t show_get_edge_time(const struct show *show)
{
    int64_t newest = show->packager ? packager_newest_time(show->packager) : 0;
    if (newest > 0 || !show->live_since_ms)
        return newest;
    return (loop_wall_ms(show->hub->loop) - show_get_anchor_ms(show)) * 90;
}

struct overlay_clock show_get_clock(const struct show *show)
{
    int64_t edge = show_get_edge_time(show);
    bool has_media = show->packager && packager_newest_time(show->packager) > 0;
    if (edge <= 0)
        return (struct overlay_clock){.live = false}; /* nothing since the start */
    return (struct overlay_clock){
        .live = show->live_since_ms != 0,
        .open_time = has_media ? packager_open_time(show->packager) : edge,
        .newest_time = edge,
    };
}

int64_t show_get_anchor_ms(const struct show *show)
{
    return show->constants.wall_anchor_ms;
}

bool show_has_media(const struct show *show)
{
    return show->live_since_ms != 0 && show->away_since_ms == 0;
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
    log_info(show->log, "no media: the show waits %lld s for its encoder",
             (long long)(show->hub->house->linger_ms / 1000));
    tell_outside(show, HOOK_SHOW_AWAY, NULL);
    show_share_state(show);
}

static void come_back(struct show *show)
{
    log_info(show->log, "media is back after %lld ms",
             (long long)(now_of(show) - show->away_at_ms));
    show->away_since_ms = 0;
    tell_outside(show, HOOK_SHOW_BACK, NULL);
    show_share_state(show);
}

static void go_live(struct show *show)
{
    show->live_since_ms = loop_wall_ms(show->hub->loop);
    show->was_live = true;
    show_broadcast_keep(show, 0);
    count_live(show, 1);
    log_info(show->log, "live");
    tell_outside(show, HOOK_SHOW_LIVE, NULL);
    show_share_state(show);
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
        show_share_media(show);
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

static bool is_backup(enum show_role role)
{
    return role == SHOW_ROLE_BACKUP;
}

struct show_publisher *show_incumbent(const struct show *show, enum show_role role)
{
    struct show_publisher *both[] = {show->publisher, show->standby.publisher};
    for (size_t i = 0; i < 2; i++)
        if (both[i] &&
            is_backup(show_publisher_passport(both[i])->role) == is_backup(role))
            return both[i];
    return NULL;
}

/* The media goes on with the next encoder: players that were told of an end would not come
 * back. */
static void take_over(struct show *show, struct show_publisher *before,
                      const struct show_publisher *next)
{
    if (!show_publisher_is_quiet(before))
        show_rivals_note(&show->rivals, show_publisher_passport(before),
                         show_publisher_passport(next), now_of(show));
    if (before == show->publisher)
        let_go(show);
    else
        let_go_of_standby(show);
    log_info(show->log, "another encoder takes over");
    show_publisher_cut(before, "Another encoder took over this show.");
}

/* From now on its media is taken, as of base_ms. */
static void put_on_air(struct show *show, struct show_publisher *publisher,
                       int64_t connected_ms, int64_t base_ms)
{
    show->publisher = publisher;
    show->released_at_ms = INT64_MAX;
    show->connected_ms = connected_ms;
    show->attached_at_ms = now_of(show);
    (void)snprintf(show->encoder, sizeof show->encoder, "%s",
                   show_publisher_passport(publisher)->encoder);
    show_health_init(&show->health, now_of(show));
    show_health_allow(&show->health,
                      show_publisher_passport(publisher)->terms.max_kbps);
    show->ingest = show_ingest_create(show->packager, base_ms);
    packager_set_connected(show->packager, true);
    show->waits_for_key = false;
}

static void hear(void *ctx, const struct rtmp_event *event)
{
    struct show *show = ctx;
    struct err err;
    uint64_t units = show_ingest_units(show->ingest);
    show_health_media(&show->health, event, show_ingest_is_led_by(show->ingest, event),
                      now_of(show));
    int failed = show_ingest_event(show->ingest, event, now_of(show), &err);
    if (failed) {
        show_health_refused(&show->health, err.text, now_of(show));
        counter_add(&metrics_of(show)->packets_refused_total, 1);
        log_debug(show->log, "media refused: %s", err.text);
    }
    if (show_ingest_units(show->ingest) != units) {
        show->media_at_ms = now_of(show);
        show_publisher_hear(show->publisher);
    }
    pump(show);
}

/* Its headers may have come before, in a rehearsal; pictures make sense from a key frame
 * on. */
static void join(struct show *show, struct show_publisher *publisher)
{
    const struct show_replay *replay = show_publisher_replay(publisher);
    if (!show_replay_has_headers(replay))
        return;
    show->waits_for_key = true;
    show_replay_play(replay, hear, show);
}

/* A primary that stands by while nobody is on air has to prove nothing: its place is
 * needed by a backup. */
static void promote(struct show *show)
{
    struct show_standby next = show->standby;
    show->standby = (struct show_standby){0};
    put_on_air(show, next.publisher, next.connected_ms, show_broadcast_base_ms(show));
    show_replay_forget_media(show_publisher_replay(next.publisher));
    join(show, next.publisher);
}

void show_attach(struct show *show, struct show_publisher *publisher)
{
    enum show_role role = show_publisher_passport(publisher)->role;
    struct show_publisher *before = show_incumbent(show, role);
    int64_t wall_ms = loop_wall_ms(show->hub->loop);
    bool was_on_air = before && before == show->publisher;
    if (before)
        take_over(show, before, publisher);
    show_enforce_begin(show, publisher);
    show_broadcast_open(show);
    counter_add(&metrics_of(show)->publishers, 1);
    if (was_on_air || (!show->publisher && !is_backup(role))) {
        show->n_publishers = show->live_since_ms ? show->n_publishers + 1 : 1;
        put_on_air(show, publisher, wall_ms, show_broadcast_base_ms(show));
        join(show, publisher);
    } else {
        if (!show->publisher && show->standby.publisher)
            promote(show);
        log_info(show->log, "an encoder stands by");
        show_standby_begin(&show->standby, publisher, wall_ms, now_of(show));
    }
    show_share_all(show);
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
        show_keys_end_run(show);
        log_info(show->log, "ended: %s", why);
        tell_outside(show, HOOK_SHOW_END, why);
        count_live(show, -1);
        show_broadcast_keep(show, loop_wall_ms(show->hub->loop));
    }
    show->live_since_ms = show->away_since_ms = 0;
    memset(show->rehearsed_key, 0, sizeof show->rehearsed_key);
    show_share_state(show);
}

/* The show waits for a publisher; not longer than show.linger from the last media on,
 * however often one comes that sends none. */
static bool lingers(const struct show *show)
{
    if (show->live_since_ms && show_standby_is_well(&show->standby, now_of(show)))
        return true;
    return show->away_since_ms &&
           now_of(show) < show->away_at_ms + show->hub->house->linger_ms;
}

void show_detach(struct show *show, struct show_publisher *publisher, const char *why)
{
    if (publisher && publisher == show->standby.publisher) {
        let_go_of_standby(show);
        show_share_all(show);
        return;
    }
    if (show->publisher != publisher)
        return;
    let_go(show);
    /* With somebody who stands by the gap is so short that viewers need not hear of it;
     * if it is not, the tick tells them. */
    if (!show_standby_is_well(&show->standby, now_of(show)))
        go_away(show);
    if (!lingers(show))
        end_media(show, why);
    else
        show_share_all(show);
}

void show_release(struct show *show)
{
    let_go(show);
    let_go_of_standby(show);
    end_media(show, "it goes live");
}

void show_end(struct show *show, const char *why)
{
    bool is_idle = !show->publisher && !show->standby.publisher && !show->live_since_ms;
    show_keys_end_run(show);
    if (is_idle)
        return;
    cut_all(show, "The host ended this show.");
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

/* The one that stands by comes on air with what is kept of it, and whoever was there
 * stands by. */
static void change_places(struct show *show, int64_t base_ms)
{
    struct show_publisher *before = show->publisher;
    struct show_standby next = show->standby;
    struct show_standby left = {0};
    if (before)
        show_standby_begin(&left, before, show->connected_ms, now_of(show));
    show_ingest_destroy(show->ingest);
    show->standby = left;
    log_info(show->log, "the %s takes over",
             show_admission_role_text(show_publisher_passport(next.publisher)->role));
    counter_add(&metrics_of(show)->standby_switches_total, 1);
    put_on_air(show, next.publisher, next.connected_ms, base_ms);
    struct show_replay *replay = show_publisher_replay(next.publisher);
    show_replay_play(replay, hear, show);
    show_replay_forget_media(replay);
    show_share_all(show);
}

/* Where the kept media would begin on the show's axis, when it came. */
static int64_t kept_base_ms(const struct show *show, const struct show_replay *replay)
{
    int64_t age_ms = now_of(show) - show_replay_key_ms(replay);
    return loop_wall_ms(show->hub->loop) - show->constants.wall_anchor_ms - age_ms;
}

/* What is kept can be shown from its beginning on only where nothing was made yet; else
 * the next key frame is waited for. */
static void hear_standby(struct show *show, const struct rtmp_event *event)
{
    struct show_replay *replay = show_publisher_replay(show->standby.publisher);
    show_spare_hear(show, event);
    if (!show_replay_has_header_of(replay, event))
        return;
    show_publisher_hear(show->standby.publisher);
    show_standby_hear(&show->standby, now_of(show));
    if (!show_standby_is_wanted(show, now_of(show)) ||
        show_replay_key_ms(replay) == INT64_MAX)
        return;
    if (show_replay_begins_with(replay, event))
        change_places(show, show_broadcast_base_ms(show));
    else if (kept_base_ms(show, replay) >= show_broadcast_free_ms(show))
        change_places(show, kept_base_ms(show, replay));
}

static bool is_media(const struct rtmp_event *event)
{
    return event->type == RTMP_EVENT_VIDEO || event->type == RTMP_EVENT_AUDIO;
}

void show_arrival(struct show *show, const struct show_publisher *publisher, size_t len)
{
    if (publisher == show->publisher)
        show_health_arrival(&show->health, len, now_of(show));
}

void show_media(struct show *show, struct show_publisher *publisher,
                const struct rtmp_event *event)
{
    bool on_air = publisher == show->publisher;
    show_enforce_take(publisher, event);
    show_replay_take(show_publisher_replay(publisher), event, !on_air, now_of(show));
    if (!on_air) {
        if (publisher == show->standby.publisher)
            hear_standby(show, event);
        return;
    }
    if (event->type == RTMP_EVENT_DATA) {
        show_cue_in_take(show, event);
        return;
    }
    if (show->hub->state != HUB_SERVES &&
        show_replay_begins_with(show_publisher_replay(publisher), event)) {
        show_publisher_send_away(publisher); /* what came before is whole */
        return;
    }
    if (show->waits_for_key && is_media(event)) {
        if (!show_replay_begins_with(show_publisher_replay(publisher), event))
            return;
        show->waits_for_key = false;
    }
    if (!show_ingest_has_media(show->ingest)) /* GAP parts went on */
        show_ingest_rebase(show->ingest, show_broadcast_base_ms(show));
    hear(show, event);
}

void show_tick(struct show *show, int64_t now_ms)
{
    show_enforce_tick(show, now_ms);
    if (now_ms - show->media_at_ms >= SHOW_SILENT_MS)
        go_away(show);
    if (show->away_since_ms && !show->publisher && !lingers(show) &&
        show->hub->state == HUB_SERVES)
        end_media(show, "the encoder did not come back in time");
    if (show->live_since_ms && !show->has_view)
        show_share_state(show);
    if (show->publisher)
        show_health_track(&show->health, show_ingest_track(show->ingest, TRACK_VIDEO),
                          now_ms);
    if (show_health_tick(&show->health, now_ms)) {
        show_findings_tell(show);
        show_share_texts(show);
        show_share_viewers(show);
        /* With media there are new views all the time, which take the texts along;
         * without, the host must hear it. */
        if (show->publisher && now_ms - show->shared_ms >= SHOW_SHARE_MS)
            show_share_media(show);
    }
    if (now_ms >= show->released_at_ms && !show->publisher) {
        show->released_at_ms = INT64_MAX;
        show_broadcast_close(show);
        show_share_all(show);
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
        show_share_state(show);
}
