#include "server/api/shows.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/require.h"
#include "server/api/body.h"
#include "server/api/call.h"
#include "server/api/show_text.h"
#include "server/auth/stream_key.h"
#include "server/loop/loop.h"
#include "server/show/key_rules.h"
#include "server/show/registry.h"
#include "server/show/rehearsal.h"
#include "server/show/show.h"

enum {
    SHOWS_BODY_MAX = 64 * 1024,
    SHOWS_ANSWER_MAX = 16 * 1024 * 1024, /* a list of DIRECTORY_SHOWS_MAX */
    SHOWS_ID_LEN = 8,
    SHOWS_TOKEN_LEN = 6,
    SHOWS_POLICY_MAX = 16,
};

/* key: as api_show_text_print() has it. */
static void answer_show(struct api_request *request, int status,
                        const struct show_record *record, const char *key)
{
    struct builder out;
    builder_init(&out, SHOWS_ANSWER_MAX);
    api_show_text_print(request->call.owner, record, request->base, key, &out);
    api_request_print(request, status, &out);
}

/* A change of the registry that is answered, when committed, with the show as it is then;
 * request->text is its new stream key, if any. */
static void on_kept(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error) {
        api_request_fail(request, err);
        return;
    }
    struct show_record *record = api_request_record(request);
    if (record)
        answer_show(request, request->status, record, request->text);
}

static void put_and_answer(struct api_request *request, const struct store_show *row,
                           int status)
{
    struct show_record *record = show_record_create(row);
    request->status = status;
    show_registry_put_show(request->call.owner->house->registry, record, on_kept,
                           request);
    show_record_unref(record);
}

/* A row's texts are not const because the store frees its own; this one is copied. */
static char *row_text(const json_t *body, const char *name)
{
    return (char *)(uintptr_t)api_body_text(body, name);
}

/* The row has room: it is new, or its keys have just been replaced. */
static void add_key(struct api_request *request, struct store_show *row)
{
    char key[AUTH_STREAM_KEY_MAX];
    struct store_key *added;
    auth_stream_key_make(row->id, key);
    int failed = show_key_rules_add(
        row, bytes_text(key), loop_wall_ms(request->call.owner->loop), &added, NULL);
    require(!failed);
    alloc_free(request->text);
    request->text = alloc_text(key);
    memset(key, 0, sizeof key);
}

static void post_show(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct err err;
    const char *wanted = api_body_text(request->body, "id");
    char id[SHOW_ID_MAX + 1];
    char token[SHOWS_TOKEN_LEN + 1];
    auth_secret_random_text(id, SHOWS_ID_LEN);
    if (wanted)
        (void)snprintf(id, sizeof id, "%s", wanted);
    if (show_directory_find_show(hub->directory, bytes_text(id))) {
        (void)err_set(&err, ERR_CONFLICT, "id: there is a show \"%s\" already", id);
        api_request_fail(request, &err);
        return;
    }
    if (hub->directory->n_shows >= DIRECTORY_SHOWS_MAX) {
        (void)err_set(&err, ERR_LIMIT, "There are %d shows: delete some first.",
                      DIRECTORY_SHOWS_MAX);
        api_request_fail(request, &err);
        return;
    }
    auth_secret_random_text(token, SHOWS_TOKEN_LEN);
    struct store_show row = {
        .id = id,
        .title = row_text(request->body, "title"),
        .host = row_text(request->body, "host"),
        .token = token,
        .created_ms = loop_wall_ms(hub->loop),
        .run = loop_wall_ms(hub->loop),
        .next_msn = 1,
    };
    add_key(request, &row);
    (void)snprintf(request->show, sizeof request->show, "%s", id);
    put_and_answer(request, &row, 201);
}

static int take_id(struct api_request *request, const struct http_request *http,
                   struct err *err)
{
    (void)http;
    const char *id = api_body_text(request->body, "id");
    if (id && !show_record_is_id(bytes_text(id)))
        return err_set(err, ERR_INVALID,
                       "id: 1 to %d of a-z, 0-9 and -, first a letter or digit",
                       SHOW_ID_MAX);
    return 0;
}

static void get_shows(struct api_request *request)
{
    const struct show_hub *hub = request->call.owner;
    const struct show_directory *directory = hub->directory;
    struct builder out;
    builder_init(&out, SHOWS_ANSWER_MAX);
    builder_text(&out, "{\"shows\":[");
    for (size_t i = 0; i < directory->n_shows; i++) {
        if (i > 0)
            builder_text(&out, ",\n");
        api_show_text_print(hub, directory->shows[i], request->base, NULL, &out);
    }
    builder_text(&out, "]}");
    api_request_print(request, 200, &out);
}

static void get_show(struct api_request *request)
{
    struct show_record *record = api_request_record(request);
    if (record)
        answer_show(request, 200, record, NULL);
}

/* SKUs of the list, joined by commas; the words of err name the one that is wrong. */
static int read_run_sheet(const struct show_directory *directory, const json_t *list,
                          char **ret_text, struct err *err)
{
    struct builder out;
    builder_init(&out, (size_t)SHOW_RUN_SHEET_MAX * (PRODUCT_SKU_MAX + 1));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *sku = json_string_value(json_array_get(list, i));
        if (!show_directory_find_product(directory, bytes_text(sku))) {
            builder_finish(&out);
            return err_set(err, ERR_INVALID, "run_sheet: there is no product \"%.64s\"",
                           sku);
        }
        builder_text(&out, i > 0 ? "," : "");
        builder_text(&out, sku);
    }
    *ret_text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return 0;
}

static bool is_live(const struct show_hub *hub, const char *id)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
    return shelf && shelf->view && shelf->view->state == SHOW_LIVE;
}

static void patch_show(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct err err;
    struct show_record *record = api_request_record(request);
    if (!record)
        return;
    struct store_show row = record->row;
    char *run_sheet = NULL;
    json_t *list = json_object_get(request->body, "run_sheet");
    if (json_is_array(list) &&
        read_run_sheet(hub->directory, list, &run_sheet, &err) != 0) {
        api_request_fail(request, &err);
        return;
    }
    if (list)
        row.run_sheet = run_sheet;
    if (json_object_get(request->body, "title"))
        row.title = row_text(request->body, "title");
    if (json_object_get(request->body, "host"))
        row.host = row_text(request->body, "host");
    (void)show_record_parse_policy(bytes_text(api_body_text(request->body, "policy")),
                                   &row.policy);
    json_t *rehearsal = json_object_get(request->body, "rehearsal");
    if (json_is_true(rehearsal) && !row.rehearsal && is_live(hub, request->show)) {
        api_request_refuse(request, ERR_CONFLICT,
                           "rehearsal: the show is live. End it before you rehearse.");
        alloc_free(run_sheet);
        return;
    }
    if (rehearsal)
        row.rehearsal = json_is_true(rehearsal);
    put_and_answer(request, &row, 200);
    alloc_free(run_sheet);
}

static int take_changes(struct api_request *request, const struct http_request *http,
                        struct err *err)
{
    (void)http;
    const json_t *body = request->body;
    enum store_policy policy;
    if (json_object_get(body, "title") &&
        bytes_text(api_body_text(body, "title")).len == 0)
        return err_set(err, ERR_INVALID, "title: must be a text, not empty");
    if (json_object_get(body, "policy") &&
        !show_record_parse_policy(bytes_text(api_body_text(body, "policy")), &policy))
        return err_set(err, ERR_INVALID, "policy: \"takeover\" or \"reject\"");
    return 0;
}

static void post_key(struct api_request *request)
{
    struct show_record *record = api_request_record(request);
    if (!record)
        return;
    struct store_show row = record->row;
    show_key_rules_replace_all(&row);
    add_key(request, &row);
    put_and_answer(request, &row, 201);
}

static void delete_show(struct api_request *request)
{
    if (api_request_record(request))
        show_registry_delete_show(request->call.owner->house->registry,
                                  bytes_text(request->show), api_request_on_deleted,
                                  request);
}

static void post_end(struct api_request *request)
{
    struct show *show = api_request_show(request);
    struct show_record *record = show ? api_request_record(request) : NULL;
    if (!record)
        return;
    show_close(show);
    answer_show(request, 200, record, NULL);
}

/* The rehearsal's encoder goes on air. What the switch says now is kept a moment later. */
static void post_live(struct api_request *request)
{
    struct err err;
    struct show *show = api_request_show(request);
    if (!show)
        return;
    int failed = show->rehearses
                     ? err_set(&err, ERR_NOT_FOUND, "There is no such show.")
                     : show_rehearsal_go_live(show, &err);
    if (failed) {
        api_request_fail(request, &err);
        return;
    }
    struct store_show row = show->record->row;
    row.rehearsal = false;
    struct show_record *record = show_record_create(&row);
    answer_show(request, 200, record, NULL);
    show_record_unref(record);
}

static const struct api_body_field show_fields[] = {
    {"id", API_BODY_TEXT, false, SHOW_ID_MAX},
    {"title", API_BODY_TEXT, true, SHOW_TITLE_MAX},
    {"host", API_BODY_TEXT, false, SHOW_HOST_MAX},
    {0},
};

static const struct api_body_field change_fields[] = {
    {"title", API_BODY_TEXT, false, SHOW_TITLE_MAX},
    {"host", API_BODY_TEXT, false, SHOW_HOST_MAX},
    {"run_sheet", API_BODY_TEXTS, false, SHOW_RUN_SHEET_MAX},
    {"policy", API_BODY_TEXT, false, SHOWS_POLICY_MAX},
    {"rehearsal", API_BODY_BOOLEAN, false, 0},
    {0},
};

static const struct api_call calls[] = {
    {.method = HTTP_POST,
     .path = "/api/shows",
     .body_max = SHOWS_BODY_MAX,
     .needs = AUTH_ADMIN,
     .where = API_CALL_AT_REGISTRY,
     .fields = show_fields,
     .take = take_id,
     .work = post_show},
    {.method = HTTP_GET,
     .path = "/api/shows",
     .needs = AUTH_ADMIN,
     .where = API_CALL_HERE,
     .work = get_shows},
    {.method = HTTP_GET,
     .path = "/api/shows/{}",
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_HERE,
     .work = get_show},
    {.method = HTTP_PATCH,
     .path = "/api/shows/{}",
     .body_max = SHOWS_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_REGISTRY,
     .fields = change_fields,
     .take = take_changes,
     .work = patch_show},
    {.method = HTTP_DELETE,
     .path = "/api/shows/{}",
     .needs = AUTH_ADMIN,
     .of_show = true,
     .where = API_CALL_AT_REGISTRY,
     .work = delete_show},
    {.method = HTTP_POST,
     .path = "/api/shows/{}/key",
     .body_max = SHOWS_BODY_MAX,
     .needs = AUTH_ADMIN,
     .of_show = true,
     .where = API_CALL_AT_REGISTRY,
     .work = post_key},
    {.method = HTTP_POST,
     .path = "/api/shows/{}/live",
     .body_max = SHOWS_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .work = post_live},
    {.method = HTTP_POST,
     .path = "/api/shows/{}/end",
     .body_max = SHOWS_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .work = post_end},
};

void api_shows_add_routes(struct http_router *router, struct api_place *place)
{
    api_call_add_routes(place, router, calls, sizeof calls / sizeof calls[0]);
}
