#include "server/api/show_text.h"

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"
#include "server/api/figures_text.h"
#include "server/api/ingest_url.h"
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
    builder_printf(out,
                   "\",\"play_url\":\"%s/live/%s/index.m3u8\","
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

/* Only hosts and whoever has the API's token see this. Returns the figures of who
 * rehearses; NULL: nobody. */
static const struct show_figures *print_rehearsal(const struct show_hub *hub,
                                                  const struct store_show *row,
                                                  const char *base, struct builder *out)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(hub->house, row->id, id);
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
    bool rehearsing = shelf && shelf->view && shelf->view->publisher;
    builder_printf(
        out, ",\"rehearsal\":%s,\"rehearsing\":%s,\"preview_url\":\"%s/watch/%s\"",
        row->rehearsal ? "true" : "false", rehearsing ? "true" : "false", base, id);
    return rehearsing ? shelf->view->figures : NULL;
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
    const struct show_figures *figures = print_rehearsal(hub, row, base, out);
    if (view && view->figures)
        figures = view->figures;
    print_urls(hub, row->id, base, out);
    builder_text(out, ",\"publisher\":");
    if (view && view->publisher)
        builder_put(out, buf_bytes(view->publisher));
    else
        builder_text(out, "null");
    builder_text(out, ",\"backup\":");
    if (view && view->backup)
        builder_put(out, buf_bytes(view->backup));
    else
        builder_text(out, "null");
    builder_text(out, ",\"health\":");
    if (view && view->health)
        builder_put(out, buf_bytes(view->health));
    else
        builder_text(out, OFF);
    builder_text(out, ",\"findings\":");
    api_figures_text_print_findings(figures, out);
    builder_printf(out, ",\"viewers\":%lld,\"live_since_ms\":",
                   view ? (long long)counter_get(&view->tally->viewers) : 0LL);
    if (view && view->live_since_ms)
        builder_printf(out, "%lld", (long long)view->live_since_ms);
    else
        builder_text(out, "null");
    builder_text(out, ",\"away_since_ms\":");
    if (view && view->away_since_ms)
        builder_printf(out, "%lld", (long long)view->away_since_ms);
    else
        builder_text(out, "null");
    if (key)
        print_key(hub, row->id, base, key, out);
    builder_text(out, "}");
}
