#include "server/show/state.h"

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"
#include "packager/packager.h"
#include "server/loop/loop.h"
#include "server/show/ingest.h"
#include "server/show/publisher.h"

enum { STATE_EVENT_MAX = 16 * 1024, STATE_REPLAY_MAX = 200 };

static void print_run_sheet(const struct show *show, struct builder *out)
{
    struct product *products[SHOW_RUN_SHEET_MAX];
    size_t n = show_directory_run_sheet(show->hub->directory, show->record, products,
                                        SHOW_RUN_SHEET_MAX);
    builder_text(out, ",\"products\":[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            builder_text(out, ",");
        overlay_print_product(products[i], out);
    }
    builder_text(out, "]");
}

/* Since when a live show has no media; players ask again, and people wait. */
static void print_away(const struct show *show, struct builder *out)
{
    if (show->away_since_ms)
        builder_printf(out, ",\"away_since_ms\":%lld", (long long)show->away_since_ms);
    else
        builder_text(out, ",\"away_since_ms\":null");
}

void show_state_print(const struct show *show, bool has_time, int64_t time_ms,
                      struct builder *out)
{
    const struct store_show *row = &show->record->row;
    int64_t edge = show_get_edge_time(show);
    int64_t time = has_time ? time_ms * 90 : edge;
    builder_text(out, "{\"v\":1,\"show\":");
    json_put_text(out, row->id);
    builder_text(out, ",\"s\":");
    json_put_text(out, row->token);
    builder_text(out, ",\"title\":");
    json_put_text(out, row->title);
    builder_text(out, ",\"host\":");
    json_put_text(out, row->host);
    builder_printf(out,
                   ",\"state\":\"%s\",\"live\":%s,\"t\":%lld,\"edge_ms\":%lld,"
                   "\"server_ms\":%lld,\"anchor_ms\":%lld,\"viewers\":%lld",
                   show_view_state_text(show_get_state(show)),
                   show_has_media(show) ? "true" : "false", (long long)(time / 90),
                   (long long)(edge / 90), (long long)loop_wall_ms(show->hub->loop),
                   (long long)show_get_anchor_ms(show),
                   (long long)counter_get(&show->tally->viewers));
    print_away(show, out);
    overlay_print_state(show->overlay, time, out);
    print_run_sheet(show, out);
    builder_text(out, "}");
}

static void print_cue_event(const struct show *show, const struct overlay_entry *entry,
                            struct builder *out)
{
    builder_printf(out, "id: %u\nevent: cue\ndata: ", entry->q);
    overlay_print_entry(show->overlay, entry, out);
    builder_text(out, "\n\n");
}

struct buf *show_state_greeting(const struct show *show, bool has_since, uint32_t since)
{
    struct builder out;
    builder_init(&out, SHOW_STATE_MAX);
    builder_text(&out, "event: state\ndata: ");
    show_state_print(show, false, 0, &out);
    builder_text(&out, "\n\n");
    struct overlay_entry entry;
    /* Of a long absence the newest cues: the state before them is in the first event. */
    uint32_t last = overlay_last_q(show->overlay);
    if (last > STATE_REPLAY_MAX && since < last - STATE_REPLAY_MAX)
        since = last - STATE_REPLAY_MAX;
    while (has_since && overlay_peek(show->overlay, since, &entry)) {
        print_cue_event(show, &entry, &out);
        since = entry.q;
    }
    struct buf *greeting = builder_take(&out);
    builder_finish(&out);
    return greeting;
}

static struct buf *take(struct builder *out)
{
    struct buf *event = builder_take(out);
    builder_finish(out);
    return event;
}

struct buf *show_state_event(const struct show *show)
{
    struct builder out;
    builder_init(&out, STATE_EVENT_MAX);
    builder_printf(&out, "event: show\ndata: {\"state\":\"%s\",\"live\":%s,\"title\":",
                   show_view_state_text(show_get_state(show)),
                   show_has_media(show) ? "true" : "false");
    json_put_text(&out, show->record->row.title);
    builder_text(&out, ",\"host\":");
    json_put_text(&out, show->record->row.host);
    print_away(show, &out);
    builder_printf(&out, ",\"viewers\":%lld}\n\n",
                   (long long)counter_get(&show->tally->viewers));
    return take(&out);
}

struct buf *show_state_cue_event(const struct show *show,
                                 const struct overlay_entry *entry)
{
    struct builder out;
    builder_init(&out, STATE_EVENT_MAX);
    print_cue_event(show, entry, &out);
    return take(&out);
}

struct buf *show_state_product_event(struct product *product)
{
    struct builder out;
    builder_init(&out, STATE_EVENT_MAX);
    builder_text(&out, "event: product\ndata: ");
    overlay_print_product(product, &out);
    builder_text(&out, "\n\n");
    return take(&out);
}

static void print_video(const struct track *track, uint32_t fps_milli,
                        int64_t keyframe_ms, struct builder *out)
{
    if (!track) {
        builder_text(out, "null");
        return;
    }
    builder_printf(out,
                   "{\"codec\":\"%s\",\"width\":%u,\"height\":%u,\"fps\":%u.%u,"
                   "\"keyframe_ms\":%lld}",
                   track->codecs, track->width, track->height, fps_milli / 1000,
                   fps_milli % 1000 / 100, (long long)keyframe_ms);
}

static void print_audio(const struct track *track, struct builder *out)
{
    if (!track)
        builder_text(out, "null");
    else
        builder_printf(out, "{\"codec\":\"%s\",\"sample_rate\":%u,\"channels\":%u}",
                       track->codecs, track->sample_rate, track->channels);
}

static void print_passport(const struct show_publisher *publisher, int64_t connected_ms,
                           struct builder *out)
{
    const struct show_passport *passport = show_publisher_passport(publisher);
    builder_printf(out,
                   "{\"session\":\"%s\",\"key_id\":\"%s\",\"role\":\"%s\","
                   "\"address\":\"%s\",\"connected_ms\":%lld,\"encoder\":",
                   passport->session, passport->key_id,
                   show_admission_role_text(passport->role), passport->address,
                   (long long)connected_ms);
    json_put_text(out, passport->encoder);
}

void show_state_print_publisher(const struct show *show, struct builder *out)
{
    print_passport(show->publisher, show->connected_ms, out);
    const struct show_health *health = &show->health;
    builder_printf(out, ",\"kbps\":%u,\"video\":", show_health_kbps(health));
    print_video(show_ingest_track(show->ingest, TRACK_VIDEO),
                show_health_fps_milli(health), show_health_keyframe_ms(health), out);
    builder_text(out, ",\"audio\":");
    print_audio(show_ingest_track(show->ingest, TRACK_AUDIO), out);
    builder_text(out, "}");
}

void show_state_print_backup(const struct show *show, struct builder *out)
{
    const struct show_standby *standby = &show->standby;
    int64_t now_ms = loop_now_ms(show->hub->loop);
    print_passport(standby->publisher, standby->connected_ms, out);
    const struct show_meter_reading *reading = show_spare_reading(show);
    builder_printf(out, ",\"well\":%s,\"kbps\":%u,\"video\":",
                   show_standby_is_well(standby, now_ms) ? "true" : "false",
                   reading ? reading->kbps : 0);
    print_video(show_spare_track(show, TRACK_VIDEO), reading ? reading->fps_milli : 0,
                reading ? reading->keyframe_ms : 0, out);
    builder_text(out, ",\"audio\":");
    print_audio(show_spare_track(show, TRACK_AUDIO), out);
    builder_text(out, "}");
}
