#include "server/api/cues.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/parse.h"
#include "server/api/api_private.h"
#include "server/api/cue_body.h"
#include "server/api/memory.h"
#include "server/api/request.h"
#include "server/api/shows.h"
#include "server/http/router.h"
#include "server/show/cues.h"

enum {
    CUES_BODY_MAX = 4096,
    CUES_ANSWER_MAX = 1024 * 1024,
};

static struct api_memory *memory_of(const struct api_request *request)
{
    return request->api->memories[request->call.owner->index];
}

static struct buf *print_result(const struct overlay_result *result)
{
    struct builder out;
    builder_init(&out, CUES_BODY_MAX);
    builder_printf(&out, "{\"c\":\"%s\",\"r\":%u,\"q\":", result->card,
                   result->revision);
    if (result->q)
        builder_printf(&out, "%u", result->q);
    else
        builder_text(&out, "null");
    builder_printf(&out, ",\"media_time_ms\":%lld,\"late_ms\":%lld}\n",
                   (long long)(result->time / 90), (long long)result->late_ms);
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    return json;
}

/* The answer leaves when the store has the cue. */
static void on_kept(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    struct buf *json = request->json;
    request->json = NULL;
    if (request->idempotency_key)
        api_memory_end(memory_of(request), request->show, request->idempotency_key,
                       request->status, error ? NULL : json);
    if (!error) {
        api_request_answer(request, request->status, json);
        return;
    }
    buf_unref(json);
    api_request_fail(request, err);
}

static void fail(struct api_request *request, const struct err *err)
{
    if (request->idempotency_key)
        api_memory_end(memory_of(request), request->show, request->idempotency_key, 0,
                       NULL);
    api_request_fail(request, err);
}

static void add_there(struct api_request *request);

static void wake(struct api_memory_waiter *waiter)
{
    add_there(container_of(waiter, struct api_request, waiter));
}

/* True when the request is new; else it has been answered, or waits for the first under
 * its key and comes again. */
static bool begin_once(struct api_request *request)
{
    struct buf *json = NULL;
    struct err err;
    int status = 0;
    if (!request->idempotency_key)
        return true;
    request->waiter.wake = wake;
    switch (api_memory_begin(memory_of(request), request->show,
                             request->idempotency_key, bytes_text(request->text),
                             &request->waiter, &status, &json)) {
    case API_MEMORY_NEW:
        return true;
    case API_MEMORY_KNOWN:
        api_request_answer(request, status, json);
        return false;
    case API_MEMORY_WORKING:
        return false;
    case API_MEMORY_OTHER:
        (void)err_set(&err, ERR_INVALID,
                      "Idempotency-Key: was used for another request; take a new one.");
        break;
    }
    api_request_fail(request, &err);
    return false;
}

static struct show *find_show(struct api_request *request, struct err *err)
{
    struct show *show = show_hub_show(request->call.owner, bytes_text(request->show));
    if (!show)
        (void)err_set(err, ERR_NOT_FOUND, "There is no such show.");
    return show;
}

static void add_there(struct api_request *request)
{
    struct show_cues_request wanted;
    struct overlay_result result;
    struct err err;
    if (!begin_once(request))
        return;
    struct show *show = find_show(request, &err);
    if (!show || api_cue_body_take(request->body, &wanted, &err) != 0) {
        fail(request, &err);
        return;
    }
    request->status = 201;
    uint64_t failures = store_failures(request->api->house->store);
    if (show_cues_add(show, &wanted, &result, &err) != 0) {
        fail(request, &err);
        return;
    }
    request->json = print_result(&result);
    show_cues_sync(show, failures, on_kept, request);
}

static void post_cue(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    const struct http_request *http = http_exchange_request(exchange);
    struct err err;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (!request)
        return;
    struct bytes key = http_request_header(http, "Idempotency-Key");
    int failed = api_cue_body_read(http->body, &request->body, &err);
    if (!failed && key.len > MEMORY_KEY_MAX)
        failed = err_set(&err, ERR_INVALID, "Idempotency-Key: at most %d characters",
                         MEMORY_KEY_MAX);
    if (failed) {
        api_request_fail_here(request, &err);
        return;
    }
    request->text = bytes_to_text(http->body);
    request->idempotency_key = key.len > 0 ? bytes_to_text(key) : NULL;
    api_request_start(request,
                      show_hub_owner(place->hub->house, bytes_text(request->show)),
                      add_there);
}

static void remove_there(struct api_request *request)
{
    struct overlay_result result;
    struct err err;
    struct show *show = find_show(request, &err);
    request->status = 200;
    uint64_t failures = store_failures(request->api->house->store);
    if (!show || show_cues_remove(show, request->text, &result, &err) != 0) {
        api_request_fail(request, &err);
        return;
    }
    request->json = print_result(&result);
    show_cues_sync(show, failures, on_kept, request);
}

static void delete_cue(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (!request)
        return;
    request->text = bytes_to_text(http_exchange_request(exchange)->params[1]);
    api_request_start(request,
                      show_hub_owner(place->hub->house, bytes_text(request->show)),
                      remove_there);
}

static void list_there(struct api_request *request)
{
    struct err err;
    uint64_t since = 0;
    struct show *show = find_show(request, &err);
    if (show && request->text &&
        (!parse_u64(bytes_text(request->text), &since) || since > UINT32_MAX)) {
        (void)err_set(&err, ERR_INVALID, "since: must be the q of a cue");
        show = NULL;
    }
    if (!show) {
        api_request_fail(request, &err);
        return;
    }
    struct builder out;
    builder_init(&out, CUES_ANSWER_MAX);
    builder_text(&out, "{\"cues\":");
    overlay_print_journal(show->overlay, (uint32_t)since, &out);
    builder_text(&out, "}\n");
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    api_request_answer(request, 200, json);
}

static void get_cues(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct bytes since;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (!request)
        return;
    if (http_request_query(http_exchange_request(exchange), "since", &since))
        request->text = bytes_to_text(since);
    api_request_start(request,
                      show_hub_owner(place->hub->house, bytes_text(request->show)),
                      list_there);
}

void api_cues_add_routes(struct http_router *router, struct api_place *place)
{
    enum { GET = 1u << HTTP_GET, POST = 1u << HTTP_POST, DELETE = 1u << HTTP_DELETE };
    http_router_add(router, POST, "/api/shows/{}/cues", CUES_BODY_MAX, post_cue, place);
    http_router_add(router, GET, "/api/shows/{}/cues", 0, get_cues, place);
    http_router_add(router, DELETE, "/api/shows/{}/cues/{}", 0, delete_cue, place);
}
