#include "server/api/keys.h"

#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/json.h"
#include "core/require.h"
#include "server/api/body.h"
#include "server/api/call.h"
#include "server/api/ingest_url.h"
#include "server/api/qr.h"
#include "server/api/show_text.h"
#include "server/auth/stream_key.h"
#include "server/loop/loop.h"
#include "server/show/keys.h"
#include "server/show/registry.h"

enum {
    KEYS_BODY_MAX = 4 * 1024,
    KEYS_ANSWER_MAX = 1024 * 1024, /* two QR codes, escaped */
};

/* The end of the year 9999: times in JSON stay within what clocks print. */
#define TIME_MAX_MS 253402300799999u

static void print_time(struct builder *out, const char *name, int64_t wall_ms)
{
    builder_printf(out, ",\"%s\":", name);
    if (wall_ms)
        builder_printf(out, "%lld", (long long)wall_ms);
    else
        builder_text(out, "null");
}

static const char *yes_or_no(bool yes)
{
    return yes ? "true" : "false";
}

/* Without the closing brace: more may follow. */
static void print_key(const struct store_key *key, struct builder *out)
{
    char name[SHOW_KEY_NAME_MAX];
    show_key_rules_print_name(key->number, name);
    builder_printf(out, "{\"id\":\"%s\",\"label\":", name);
    json_put_text(out, key->label ? key->label : "");
    print_time(out, "created_ms", key->created_ms);
    print_time(out, "last_used_ms", key->last_used_ms);
    print_time(out, "not_before_ms", key->not_before_ms);
    print_time(out, "expires_ms", key->expires_ms);
    builder_printf(out, ",\"one_time\":%s,\"used\":%s,\"cues\":%s",
                   yes_or_no(key->one_time), yes_or_no(key->used),
                   yes_or_no(key->cues));
}

static void get_keys(struct api_request *request)
{
    const struct show_record *record = api_request_record(request);
    if (!record)
        return;
    struct builder out;
    const char *separator = "";
    builder_init(&out, KEYS_ANSWER_MAX);
    builder_text(&out, "{\"keys\":[");
    for (size_t i = 0; i < record->row.n_keys; i++) {
        if (record->row.keys[i].state != STORE_KEY_VALID)
            continue;
        builder_text(&out, separator);
        print_key(&record->row.keys[i], &out);
        builder_text(&out, "}");
        separator = ",\n";
    }
    builder_text(&out, "]}");
    api_request_print(request, 200, &out);
}

/* ---- a new key ---- */

static void print_qr(const char *name, const char *text, struct builder *out)
{
    struct builder svg;
    builder_init(&svg, API_QR_SVG_MAX);
    builder_printf(out, "\"%s\":", name);
    if (api_qr_print(text, &svg, NULL) == 0 && !builder_failed(&svg))
        json_put_string(out, builder_bytes(&svg));
    else
        builder_text(out, "null");
    builder_finish(&svg);
}

/* What is written into text, as C text. alloc_free(). */
static char *take_text(struct builder *text)
{
    char *copy = bytes_to_text(builder_bytes(text));
    builder_clear(text);
    return copy;
}

static void print_ways_in(const struct api_request *request,
                          const struct show_record *record, struct builder *out)
{
    const struct show_hub *hub = request->call.owner;
    struct builder text;
    builder_init(&text, API_QR_TEXT_MAX);
    api_ingest_url_print(hub, request->base, &text);
    char *server = take_text(&text);
    char *secure = api_ingest_url_print_secure(hub, request->base, &text)
                       ? take_text(&text)
                       : NULL;
    api_ingest_url_print_whole(hub, request->base, request->text, &text);
    char *whole = take_text(&text);
    api_ingest_url_print_larix(hub, request->base, request->text, record->row.title,
                               &text);
    char *larix = take_text(&text);
    builder_finish(&text);
    builder_text(out, ",\"stream_key\":");
    json_put_text(out, request->text);
    builder_text(out, ",\"rtmp_url\":");
    json_put_text(out, server);
    builder_text(out, ",\"rtmps_url\":");
    json_put_text(out, secure);
    builder_text(out, ",\"larix_url\":");
    json_put_text(out, larix);
    builder_text(out, ",\"qr\":{");
    print_qr("rtmp", whole, out);
    builder_text(out, ",");
    print_qr("larix", larix, out);
    builder_text(out, "}}");
    alloc_free(server);
    alloc_free(secure);
    alloc_free(whole);
    alloc_free(larix);
}

static void on_made(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error) {
        api_request_fail(request, err);
        return;
    }
    uint8_t hash[AUTH_HASH_SIZE];
    auth_stream_key_hash(bytes_text(request->text), hash);
    struct show_record *record = api_request_record(request);
    if (!record)
        return;
    const struct store_key *key = show_key_rules_find(&record->row, hash);
    if (!key) {
        api_request_refuse(request, ERR_NOT_FOUND, "There is no such key any more.");
        return;
    }
    struct builder out;
    builder_init(&out, KEYS_ANSWER_MAX);
    print_key(key, &out);
    print_ways_in(request, record, &out);
    api_request_print(request, 201, &out);
}

static int64_t body_time(const json_t *body, const char *name)
{
    return json_integer_value(json_object_get(body, name));
}

static void fill_in(struct store_key *key, const json_t *body)
{
    /* Not const, because the store frees its own; this one is copied. */
    key->label = (char *)(uintptr_t)api_body_text(body, "label");
    key->not_before_ms = body_time(body, "not_before_ms");
    key->expires_ms = body_time(body, "expires_ms");
    key->one_time = json_is_true(json_object_get(body, "one_time"));
    key->cues = json_is_true(json_object_get(body, "cues"));
}

static int check_times(const json_t *body, int64_t wall_ms, struct err *err)
{
    int64_t expires_ms = body_time(body, "expires_ms");
    if (expires_ms && expires_ms <= wall_ms)
        return err_set(err, ERR_INVALID, "expires_ms: lies in the past");
    if (expires_ms && expires_ms <= body_time(body, "not_before_ms"))
        return err_set(err, ERR_INVALID, "expires_ms: lies before not_before_ms");
    return 0;
}

static void post_key(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct show_record *record = api_request_record(request);
    char text[AUTH_STREAM_KEY_MAX];
    struct store_key *key;
    struct err err;
    if (!record)
        return;
    struct store_show row = record->row;
    auth_stream_key_make(row.id, text);
    int64_t wall_ms = loop_wall_ms(hub->loop);
    int failed = check_times(request->body, wall_ms, &err);
    if (!failed)
        failed = show_key_rules_add(&row, bytes_text(text), wall_ms, &key, &err);
    if (failed) {
        api_request_fail(request, &err);
        return;
    }
    fill_in(key, request->body);
    request->text = alloc_text(text);
    memset(text, 0, sizeof text);
    struct show_record *next = show_record_create(&row);
    show_registry_put_show(hub->house->registry, next, on_made, request);
    show_record_unref(next);
}

/* ---- a key goes ---- */

static void delete_key(struct api_request *request)
{
    struct show_record *record = api_request_record(request);
    if (!record)
        return;
    struct store_show row = record->row;
    uint32_t number = show_key_rules_parse_name(bytes_text(request->text));
    if (!show_key_rules_revoke(&row, number)) {
        api_request_refuse(request, ERR_NOT_FOUND, "There is no such key.");
        return;
    }
    struct show_record *next = show_record_create(&row);
    show_registry_put_show(request->call.owner->house->registry, next,
                           api_request_on_deleted, request);
    show_record_unref(next);
}

/* ---- away with an encoder ---- */

static void kick(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct show *show = show_hub_show(hub, bytes_text(request->show));
    struct show_record *record = api_request_record(request);
    struct err err;
    if (!record)
        return;
    /* What the directory knows on its show's own loop is there as a show. */
    require(show);
    if (show_keys_kick(show, api_body_text(request->body, "reason"), &err) != 0) {
        api_request_fail(request, &err);
        return;
    }
    struct builder out;
    builder_init(&out, KEYS_ANSWER_MAX);
    api_show_text_print(hub, record, request->base, NULL, &out);
    api_request_print(request, 200, &out);
}

/* RTMP has no rule for other letters, and encoders show them as rubbish or not at all. */
static int take_reason(struct api_request *request, const struct http_request *http,
                       struct err *err)
{
    (void)http;
    const char *reason = api_body_text(request->body, "reason");
    for (; reason && *reason; reason++)
        if (*reason < ' ' || *reason > '~')
            return err_set(
                err, ERR_INVALID,
                "reason: only ASCII letters, digits and signs: encoders show "
                "no others");
    return 0;
}

static const struct api_body_field key_fields[] = {
    {"label", API_BODY_TEXT, false, SHOW_KEY_LABEL_MAX},
    {"not_before_ms", API_BODY_INTEGER, false, TIME_MAX_MS},
    {"expires_ms", API_BODY_INTEGER, false, TIME_MAX_MS},
    {"one_time", API_BODY_BOOLEAN, false, 0},
    {"cues", API_BODY_BOOLEAN, false, 0},
    {0},
};

static const struct api_body_field kick_fields[] = {
    {"reason", API_BODY_TEXT, false, SHOW_KEY_REASON_MAX},
    {0},
};

static const struct api_call calls[] = {
    {.method = HTTP_GET,
     .path = "/api/shows/{}/keys",
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_HERE,
     .work = get_keys},
    {.method = HTTP_POST,
     .path = "/api/shows/{}/keys",
     .body_max = KEYS_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_REGISTRY,
     .fields = key_fields,
     .work = post_key},
    {.method = HTTP_DELETE,
     .path = "/api/shows/{}/keys/{}",
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_REGISTRY,
     .take = api_call_take_name,
     .work = delete_key},
    {.method = HTTP_POST,
     .path = "/api/shows/{}/kick",
     .body_max = KEYS_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .fields = kick_fields,
     .take = take_reason,
     .work = kick},
};

void api_keys_add_routes(struct http_router *router, struct api_place *place)
{
    api_call_add_routes(place, router, calls, sizeof calls / sizeof calls[0]);
}
