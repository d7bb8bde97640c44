#include "server/api/show_text.h"

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"
#include "server/api/figures_text.h"
#include "server/api/ingest_url.h"
#include "server/loop/loop.h"
#include "server/show/rehearsal.h"

static enum show_state state_of(const struct show_hub *hub,
                                const struct show_record *record,
                                const struct show_view *view)
{
    if (view && view->state == SHOW_LIVE)
        return SHOW_LIVE;
    if ((view && view->state == SHOW_ENDED) || record->row.wall_anchor_ms != 0)
        return SHOW_ENDED;
    return record->row.run_sheet || hub->directory->n_products > 0 ? SHOW_READY
                                                                   : SHOW_DRAFT;
}

static void print_run_sheet(const struct show_record *record, struct builder *out)
{
    if (!record->row.run_sheet) {
        builder_text(out, "null");
        return;
    }
    struct bytes rest = bytes_text(record->row.run_sheet);
    struct bytes sku;
    const char *separator = "[";
    while (rest.len > 0 && bytes_cut(&rest, ',', &sku)) {
        builder_text(out, separator);
        json_put_string(out, sku);
        separator = ",";
    }
    builder_text(out, *separator == '[' ? "[]" : "]");
}

static void print_urls(const struct show_hub *hub, const char *id, const char *base,
                       struct builder *out)
{
    builder_text(out, ",\"rtmp_url\":\"");
    api_ingest_url_print(hub, base, out);
    builder_text(out, "\",\"rtmps_url\":");
    struct builder secure;
    builder_init(&secure, API_INGEST_URL_MAX);
    if (api_ingest_url_print_secure(hub, base, &secure))
        builder_printf(out, "\"%.*s\"", BYTES_FMT(builder_bytes(&secure)));
    else
        builder_text(out, "null");
    builder_finish(&secure);
    builder_printf(out,
                   ",\"play_url\":\"%s/live/%s/index.m3u8\","
                   "\"watch_url\":\"%s/watch/%s\"",
                   base, id, base, id);
}

static void print_key(const struct show_hub *hub, const char *id, const char *base,
                      const char *key, struct builder *out)
{
    char token[AUTH_HOST_TOKEN_MAX];
    auth_api_token_make_host(&hub->house->keys, id, token);
    builder_text(out, ",\"stream_key\":");
    json_put_text(out, key);
    builder_printf(out, ",\"host_url\":\"%s/host/%s#t=%s\"", base, id, token);
}

/* The shadow that rehearses, or NULL: nobody does. */
static const struct show_view *rehearsal_of(const struct show_hub *hub,
                                            const struct store_show *row)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(hub->house, row->id, id);
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
    return shelf && shelf->view && shelf->view->publisher ? shelf->view : NULL;
}

/* Only hosts and whoever has the API's token see this. */
static void print_rehearsal(const struct show_hub *hub, const struct store_show *row,
                            const char *base, struct builder *out)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(hub->house, row->id, id);
    builder_printf(
        out, ",\"rehearsal\":%s,\"rehearsing\":%s,\"preview_url\":\"%s/watch/%s\"",
        row->rehearsal ? "true" : "false", rehearsal_of(hub, row) ? "true" : "false",
        base, id);
}

static void print_json(const char *name, struct buf *json, const char *otherwise,
                       struct builder *out)
{
    builder_printf(out, ",\"%s\":", name);
    if (json)
        builder_put(out, buf_bytes(json));
    else
        builder_text(out, otherwise);
}

static void print_time(const char *name, int64_t wall_ms, struct builder *out)
{
    builder_printf(out, ",\"%s\":", name);
    if (wall_ms)
        builder_printf(out, "%lld", (long long)wall_ms);
    else
        builder_text(out, "null");
}

static void print_times(const struct show_hub *hub, const struct show_view *view,
                        struct builder *out)
{
    int64_t away_ms = view ? view->away_since_ms : 0;
    int64_t rivals_ms = view ? view->rivals_until_ms : 0;
    print_time("live_since_ms", view ? view->live_since_ms : 0, out);
    print_time("away_since_ms", away_ms, out);
    print_time("away_until_ms", away_ms ? away_ms + hub->house->linger_ms : 0, out);
    print_time("rivals_until_ms", rivals_ms > loop_wall_ms(hub->loop) ? rivals_ms : 0,
               out);
}

void api_show_text_print(const struct show_hub *hub, const struct show_record *record,
                         const char *base, const char *key, struct builder *out)
{
    static const char OFF[] =
        "{\"level\":\"off\",\"text\":\"Off air. Start your encoder to go live.\"}";
    const struct store_show *row = &record->row;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(row->id));
    const struct show_view *view = shelf ? shelf->view : NULL;
    builder_text(out, "{\"id\":");
    json_put_text(out, row->id);
    builder_text(out, ",\"title\":");
    json_put_text(out, row->title);
    builder_text(out, ",\"host\":");
    json_put_text(out, row->host);
    builder_printf(out, ",\"state\":\"%s\",\"created_ms\":%lld,\"run_sheet\":",
                   show_view_state_text(state_of(hub, record, view)),
                   (long long)row->created_ms);
    print_run_sheet(record, out);
    builder_printf(out, ",\"policy\":\"%s\"", show_record_policy_text(row->policy));
    print_rehearsal(hub, row, base, out);
    print_urls(hub, row->id, base, out);
    print_json("publisher", view ? view->publisher : NULL, "null", out);
    print_json("backup", view ? view->backup : NULL, "null", out);
    /* What the coach says is for who is on air, or else for who rehearses. */
    const struct show_view *heard =
        view && view->publisher ? view : rehearsal_of(hub, row);
    if (!heard)
        heard = view;
    print_json("health", heard ? heard->health : NULL, OFF, out);
    builder_text(out, ",\"findings\":");
    api_figures_text_print_findings(heard ? heard->figures : NULL, out);
    builder_printf(out, ",\"viewers\":%lld",
                   view ? (long long)counter_get(&view->tally->viewers) : 0LL);
    print_times(hub, view, out);
    if (key)
        print_key(hub, row->id, base, key, out);
    builder_text(out, "}");
}
