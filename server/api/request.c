#include "server/api/request.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "overlay/catalogue/product.h"
#include "server/show/rehearsal.h"

static const char NO_TOKEN[] = "Send the API token as \"Authorization: Bearer TOKEN\" "
                               "(it is in data_dir/api-token), "
                               "or a show's host token for that show.";

static int status_of(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
    case ERR_NOMEM:
    case ERR_IO:
    case ERR_CLOSED:
    case ERR_BUSY:
        return 503;
    case ERR_PROTO:
        return 400;
    case ERR_LIMIT:
        return 429;
    case ERR_INVALID:
    case ERR_UNSUPPORTED:
    case ERR_MEDIA:
        return 422;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
        return 409;
    }
    return 500;
}

static void destroy(struct api_request *request)
{
    if (request->body)
        json_decref(request->body);
    catalogue_product_unref(request->product);
    alloc_free(request->text);
    alloc_free(request->idempotency_key);
    buf_unref(request->json);
    alloc_free(request);
}

static void on_gone(void *ctx)
{
    struct api_request *request = ctx;
    request->exchange = NULL;
}

static bool is_host_text(struct bytes host)
{
    if (host.len == 0 || host.len > API_BASE_MAX - 16)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !memchr(".-:[]_", c, 6))
            return false;
    }
    return true;
}

static void set_base(struct api_request *request, const struct http_request *http)
{
    struct bytes host = http_request_header(http, "Host");
    struct bytes scheme = http_request_header(http, "X-Forwarded-Proto");
    const char *public_host = request->hub->house->public_host;
    if (public_host && public_host[0])
        host = bytes_text(public_host);
    if (!is_host_text(host))
        host = bytes_text("localhost");
    (void)snprintf(request->base, sizeof request->base, "%s://%.*s",
                   bytes_equal_text(scheme, "https") ? "https" : "http",
                   BYTES_FMT(host));
}

struct api_request *api_request_create(struct api *api, struct show_hub *hub,
                                       struct http_exchange *exchange,
                                       enum auth_role needs, bool show_in_path)
{
    const struct http_request *http = http_exchange_request(exchange);
    struct bytes show = show_in_path ? http->params[0] : bytes_make(NULL, 0);
    enum auth_role role = auth_api_token_role(
        &hub->house->keys, http_request_header(http, "Authorization"),
        show_rehearsal_show(show));
    if (role == AUTH_NOBODY) {
        http_exchange_problem(exchange, 401, NO_TOKEN);
        return NULL;
    }
    if (needs == AUTH_ADMIN && role != AUTH_ADMIN) {
        http_exchange_problem(exchange, 403,
                              "A host token is for the cues, the run sheet and "
                              "the state of its one show.");
        return NULL;
    }
    struct api_request *request = alloc_zero(sizeof *request);
    request->api = api;
    request->hub = hub;
    request->exchange = exchange;
    request->role = role;
    set_base(request, http);
    if (show.len < sizeof request->show && show.len > 0)
        memcpy(request->show, show.data, show.len);
    return request;
}

static void respond(struct api_request *request)
{
    if (!request->json && request->err.code == ERR_NONE)
        (void)err_set(&request->err, ERR_NOMEM, "The answer is too large to be made.");
    if (request->exchange && request->json && request->status == 204) {
        http_exchange_respond(request->exchange,
                              &(struct http_response){.status = 204});
    } else if (request->exchange && request->json) {
        http_exchange_json(request->exchange, request->status, request->json);
        request->json = NULL;
    } else if (request->exchange) {
        http_exchange_problem(request->exchange, status_of(request->err.code),
                              request->err.text);
    }
    destroy(request);
}

static void answered(struct show_call *call)
{
    respond(container_of(call, struct api_request, call));
}

static void work(struct show_call *call)
{
    struct api_request *request = container_of(call, struct api_request, call);
    request->work(request);
}

void api_request_start(struct api_request *request, struct show_hub *owner,
                       void (*work_there)(struct api_request *request))
{
    request->work = work_there;
    request->call.work = work;
    request->call.answered = answered;
    http_exchange_on_gone(request->exchange, on_gone, request);
    show_call_start(&request->call, request->hub, owner);
}

void api_request_answer(struct api_request *request, int status, struct buf *json)
{
    request->status = status;
    request->json = json;
    show_call_answer(&request->call);
}

void api_request_fail(struct api_request *request, const struct err *err)
{
    request->err = *err;
    show_call_answer(&request->call);
}

void api_request_fail_unread(struct api_request *request, const struct err *err)
{
    request->err = *err;
    respond(request);
}

void api_request_print(struct api_request *request, int status, struct builder *out)
{
    builder_text(out, "\n");
    struct buf *json = builder_take(out);
    builder_finish(out);
    api_request_answer(request, status, json);
}

void api_request_refuse(struct api_request *request, enum err_code code,
                        const char *words)
{
    struct err err;
    (void)err_set(&err, code, "%s", words);
    api_request_fail(request, &err);
}

void api_request_on_deleted(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error)
        api_request_fail(request, err);
    else
        api_request_answer(request, 204, buf_copy(bytes_make(NULL, 0)));
}

static const char NO_SHOW[] = "There is no such show.";

struct show_record *api_request_record(struct api_request *request)
{
    struct show_record *record = show_directory_find_show(
        request->call.owner->directory, bytes_text(request->show));
    if (!record)
        api_request_refuse(request, ERR_NOT_FOUND, NO_SHOW);
    return record;
}

struct show *api_request_show(struct api_request *request)
{
    struct show *show = show_hub_show(request->call.owner, bytes_text(request->show));
    if (!show)
        api_request_refuse(request, ERR_NOT_FOUND, NO_SHOW);
    return show;
}
