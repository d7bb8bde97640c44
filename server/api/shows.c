#include "server/api/shows.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/require.h"
#include "server/api/body.h"
#include "server/api/request.h"
#include "server/api/show_text.h"
#include "server/auth/stream_key.h"
#include "server/http/router.h"
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

static struct buf *print_show(const struct api_request *request,
                              const struct show_hub *hub,
                              const struct show_record *record, const char *key)
{
    struct builder out;
    builder_init(&out, SHOWS_ANSWER_MAX);
    api_show_text_print(hub, record, request->base, key, &out);
    builder_text(&out, "\n");
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    return json;
}

static void fail_not_found(struct api_request *request)
{
    struct err err;
    (void)err_set(&err, ERR_NOT_FOUND, "There is no such show.");
    api_request_fail(request, &err);
}

/* A change of the registry that is answered, when committed, with the show as it is then;
 * request->text is its new stream key, if any. */
static void on_kept(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    struct show_hub *hub = request->call.owner;
    struct show_record *record =
        show_directory_find_show(hub->directory, bytes_text(request->show));
    if (error)
        api_request_fail(request, err);
    else if (!record)
        fail_not_found(request);
    else
        api_request_answer(request, request->status,
                           print_show(request, hub, record, request->text));
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

static void create_there(struct api_request *request)
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
        .next_msn = 1,
    };
    add_key(request, &row);
    (void)snprintf(request->show, sizeof request->show, "%s", id);
    put_and_answer(request, &row, 201);
}

static int check_id(const json_t *body, struct err *err)
{
    const char *id = api_body_text(body, "id");
    if (id && !show_record_is_id(bytes_text(id)))
        return err_set(err, ERR_INVALID,
                       "id: 1 to %d of a-z, 0-9 and -, first a letter or digit",
                       SHOW_ID_MAX);
    return 0;
}

static void post_show(struct http_exchange *exchange, void *ctx)
{
    static const struct api_body_field fields[] = {
        {"id", API_BODY_TEXT, false, SHOW_ID_MAX},
        {"title", API_BODY_TEXT, true, SHOW_TITLE_MAX},
        {"host", API_BODY_TEXT, false, SHOW_HOST_MAX},
        {0},
    };
    struct api_place *place = ctx;
    struct err err;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, false);
    if (!request)
        return;
    int failed = api_body_read(http_exchange_request(exchange)->body, fields,
                               &request->body, &err);
    if (!failed)
        failed = check_id(request->body, &err);
    if (failed)
        api_request_fail_here(request, &err);
    else
        api_request_start(request, place->hub->house->hubs[0], create_there);
}

static void get_shows(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, false);
    if (!request)
        return;
    const struct show_directory *directory = place->hub->directory;
    struct builder out;
    builder_init(&out, SHOWS_ANSWER_MAX);
    builder_text(&out, "{\"shows\":[");
    for (size_t i = 0; i < directory->n_shows; i++) {
        if (i > 0)
            builder_text(&out, ",\n");
        api_show_text_print(place->hub, directory->shows[i], request->base, NULL, &out);
    }
    builder_text(&out, "]}\n");
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    api_request_answer_here(request, 200, json);
}

/* The show of the path on the client's loop, or answers 404. */
static struct show_record *find_here(struct api_request *request)
{
    struct err err;
    struct show_record *record =
        show_directory_find_show(request->hub->directory, bytes_text(request->show));
    if (!record) {
        (void)err_set(&err, ERR_NOT_FOUND, "There is no such show.");
        api_request_fail_here(request, &err);
    }
    return record;
}

static void get_show(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    struct show_record *record = request ? find_here(request) : NULL;
    if (record)
        api_request_answer_here(request, 200,
                                print_show(request, place->hub, record, NULL));
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

static void patch_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct err err;
    struct show_record *record =
        show_directory_find_show(hub->directory, bytes_text(request->show));
    if (!record) {
        fail_not_found(request);
        return;
    }
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
        (void)err_set(&err, ERR_CONFLICT,
                      "rehearsal: the show is live. End it before you rehearse.");
        api_request_fail(request, &err);
        alloc_free(run_sheet);
        return;
    }
    if (rehearsal)
        row.rehearsal = json_is_true(rehearsal);
    put_and_answer(request, &row, 200);
    alloc_free(run_sheet);
}

static int check_policy(const json_t *body, struct err *err)
{
    enum store_policy policy;
    if (json_object_get(body, "policy") &&
        !show_record_parse_policy(bytes_text(api_body_text(body, "policy")), &policy))
        return err_set(err, ERR_INVALID, "policy: \"takeover\" or \"reject\"");
    return 0;
}

static void patch_show(struct http_exchange *exchange, void *ctx)
{
    static const struct api_body_field fields[] = {
        {"title", API_BODY_TEXT, false, SHOW_TITLE_MAX},
        {"host", API_BODY_TEXT, false, SHOW_HOST_MAX},
        {"run_sheet", API_BODY_TEXTS, false, SHOW_RUN_SHEET_MAX},
        {"policy", API_BODY_TEXT, false, SHOWS_POLICY_MAX},
        {"rehearsal", API_BODY_BOOLEAN, false, 0},
        {0},
    };
    struct api_place *place = ctx;
    struct err err;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (!request)
        return;
    int failed = api_body_read(http_exchange_request(exchange)->body, fields,
                               &request->body, &err);
    if (!failed && json_object_get(request->body, "title") &&
        bytes_text(api_body_text(request->body, "title")).len == 0)
        failed = err_set(&err, ERR_INVALID, "title: must be a text, not empty");
    if (!failed)
        failed = check_policy(request->body, &err);
    if (failed)
        api_request_fail_here(request, &err);
    else
        api_request_start(request, place->hub->house->hubs[0], patch_there);
}

static void key_there(struct api_request *request)
{
    struct show_record *record = show_directory_find_show(
        request->call.owner->directory, bytes_text(request->show));
    if (!record) {
        fail_not_found(request);
        return;
    }
    struct store_show row = record->row;
    show_key_rules_replace_all(&row);
    add_key(request, &row);
    put_and_answer(request, &row, 201);
}

static void post_key(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, true);
    if (request)
        api_request_start(request, place->hub->house->hubs[0], key_there);
}

static void on_deleted(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error)
        api_request_fail(request, err);
    else
        api_request_answer(request, 204, buf_copy(bytes_make(NULL, 0)));
}

static void delete_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    if (show_directory_find_show(hub->directory, bytes_text(request->show)))
        show_registry_delete_show(hub->house->registry, bytes_text(request->show),
                                  on_deleted, request);
    else
        fail_not_found(request);
}

static void delete_show(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, true);
    if (request)
        api_request_start(request, place->hub->house->hubs[0], delete_there);
}

static void end_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct show *show = show_hub_show(hub, bytes_text(request->show));
    struct show_record *record =
        show_directory_find_show(hub->directory, bytes_text(request->show));
    if (!show || !record) {
        fail_not_found(request);
        return;
    }
    show_close(show);
    api_request_answer(request, 200, print_show(request, hub, record, NULL));
}

static void post_end(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (request)
        api_request_start(request,
                          show_hub_owner(place->hub->house, bytes_text(request->show)),
                          end_there);
}

/* The rehearsal's encoder goes on air. What the switch says now is kept a moment later. */
static void live_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct err err;
    struct show *show = show_hub_show(hub, bytes_text(request->show));
    if (!show || show->rehearses) {
        fail_not_found(request);
        return;
    }
    if (show_rehearsal_go_live(show, &err) != 0) {
        api_request_fail(request, &err);
        return;
    }
    struct store_show row = show->record->row;
    row.rehearsal = false;
    struct show_record *record = show_record_create(&row);
    api_request_answer(request, 200, print_show(request, hub, record, NULL));
    show_record_unref(record);
}

static void post_live(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (request)
        api_request_start(request,
                          show_hub_owner(place->hub->house, bytes_text(request->show)),
                          live_there);
}

void api_shows_add_routes(struct http_router *router, struct api_place *place)
{
    enum {
        GET = 1u << HTTP_GET,
        POST = 1u << HTTP_POST,
        PATCH = 1u << HTTP_PATCH,
        DELETE = 1u << HTTP_DELETE,
    };
    http_router_add(router, POST, "/api/shows", SHOWS_BODY_MAX, post_show, place);
    http_router_add(router, GET, "/api/shows", 0, get_shows, place);
    http_router_add(router, GET, "/api/shows/{}", 0, get_show, place);
    http_router_add(router, PATCH, "/api/shows/{}", SHOWS_BODY_MAX, patch_show, place);
    http_router_add(router, DELETE, "/api/shows/{}", 0, delete_show, place);
    http_router_add(router, POST, "/api/shows/{}/key", SHOWS_BODY_MAX, post_key, place);
    http_router_add(router, POST, "/api/shows/{}/live", SHOWS_BODY_MAX, post_live,
                    place);
    http_router_add(router, POST, "/api/shows/{}/end", SHOWS_BODY_MAX, post_end, place);
}
