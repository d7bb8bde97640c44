#include "server/api/cues.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/parse.h"
#include "server/api/api_private.h"
#include "server/api/cue_body.h"
#include "server/api/memory.h"
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

static void add_cue(struct api_request *request);

static void wake(struct api_memory_waiter *waiter)
{
    add_cue(container_of(waiter, struct api_request, waiter));
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

static void add_cue(struct api_request *request)
{
    struct show_cues_request wanted;
    struct overlay_result result;
    struct err err;
    if (!begin_once(request))
        return;
    struct show *show = show_hub_show(request->call.owner, bytes_text(request->show));
    int failed = show ? api_cue_body_take(request->body, &wanted, &err)
                      : err_set(&err, ERR_NOT_FOUND, "There is no such show.");
    if (failed) {
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

static int take_cue(struct api_request *request, const struct http_request *http,
                    struct err *err)
{
    struct bytes key = http_request_header(http, "Idempotency-Key");
    int failed = api_cue_body_read(http->body, &request->body, err);
    if (failed)
        return failed;
    if (key.len > MEMORY_KEY_MAX)
        return err_set(err, ERR_INVALID, "Idempotency-Key: at most %d characters",
                       MEMORY_KEY_MAX);
    request->text = bytes_to_text(http->body);
    request->idempotency_key = key.len > 0 ? bytes_to_text(key) : NULL;
    return 0;
}

static void remove_cue(struct api_request *request)
{
    struct overlay_result result;
    struct err err;
    struct show *show = api_request_show(request);
    if (!show)
        return;
    request->status = 200;
    uint64_t failures = store_failures(request->api->house->store);
    if (show_cues_remove(show, request->text, &result, &err) != 0) {
        api_request_fail(request, &err);
        return;
    }
    request->json = print_result(&result);
    show_cues_sync(show, failures, on_kept, request);
}

static int take_since(struct api_request *request, const struct http_request *http,
                      struct err *err)
{
    (void)err;
    struct bytes since;
    if (http_request_query(http, "since", &since))
        request->text = bytes_to_text(since);
    return 0;
}

static void get_cues(struct api_request *request)
{
    uint64_t since = 0;
    struct show *show = api_request_show(request);
    if (!show)
        return;
    if (request->text &&
        (!parse_u64(bytes_text(request->text), &since) || since > UINT32_MAX)) {
        api_request_refuse(request, ERR_INVALID, "since: must be the q of a cue");
        return;
    }
    struct builder out;
    builder_init(&out, CUES_ANSWER_MAX);
    builder_text(&out, "{\"cues\":");
    overlay_print_journal(show->overlay, (uint32_t)since, &out);
    builder_text(&out, "}");
    api_request_print(request, 200, &out);
}

static const struct api_call calls[] = {
    {.method = HTTP_POST,
     .path = "/api/shows/{}/cues",
     .body_max = CUES_BODY_MAX,
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .take = take_cue,
     .work = add_cue},
    {.method = HTTP_GET,
     .path = "/api/shows/{}/cues",
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .take = take_since,
     .work = get_cues},
    {.method = HTTP_DELETE,
     .path = "/api/shows/{}/cues/{}",
     .needs = AUTH_HOST,
     .of_show = true,
     .where = API_CALL_AT_SHOW,
     .take = api_call_take_name,
     .work = remove_cue},
};

void api_cues_add_routes(struct http_router *router, struct api_place *place)
{
    api_call_add_routes(place, router, calls, sizeof calls / sizeof calls[0]);
}
