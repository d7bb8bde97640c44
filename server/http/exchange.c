#include "server/http/exchange.h"

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"
#include "core/require.h"
#include "server/http/carrier.h"
#include "server/http/status.h"

static void set_state(struct http_exchange *exchange, enum http_exchange_state state)
{
    require(state > exchange->state);
    exchange->state = state;
}

void http_exchange_begin(struct http_exchange *exchange,
                         const struct http_carrier *carrier, void *owner)
{
    exchange->carrier = carrier;
    exchange->owner = owner;
    exchange->state = HTTP_EXCHANGE_OPEN;
    exchange->cors = false;
    exchange->on_gone = NULL;
    exchange->on_gone_ctx = NULL;
}

void http_exchange_gone(struct http_exchange *exchange)
{
    if (exchange->state == HTTP_EXCHANGE_DONE)
        return;
    set_state(exchange, HTTP_EXCHANGE_DONE);
    if (exchange->on_gone)
        exchange->on_gone(exchange->on_gone_ctx);
}

const struct http_request *http_exchange_request(const struct http_exchange *exchange)
{
    return &exchange->request;
}

void http_exchange_on_gone(struct http_exchange *exchange, void (*fn)(void *ctx),
                           void *ctx)
{
    exchange->on_gone = fn;
    exchange->on_gone_ctx = ctx;
}

void http_exchange_respond(struct http_exchange *exchange,
                           const struct http_response *response)
{
    struct http_reply reply;
    require(response->n_bufs <= HTTP_BODY_BUFS_MAX);
    http_reply_plan(&exchange->request, response, exchange->cors, &reply);
    require(exchange->state == HTTP_EXCHANGE_OPEN);
    set_state(exchange, HTTP_EXCHANGE_DONE);
    exchange->carrier->answer(exchange, &reply);
}

/* The document, or NULL when memory is short. */
static struct buf *print_problem(int status, const char *detail)
{
    enum { PROBLEM_MAX = 4096 };
    struct builder out;
    builder_init(&out, PROBLEM_MAX);
    builder_text(&out, "{\"type\":\"about:blank\",\"title\":");
    json_put_text(&out, http_status_text(status));
    builder_printf(&out, ",\"status\":%d,\"detail\":", status);
    json_put_text(&out, detail);
    builder_text(&out, "}\n");
    struct buf *document = builder_take(&out);
    builder_finish(&out);
    return document;
}

void http_exchange_refuse(struct http_exchange *exchange, int status,
                          const char *detail, const char *more)
{
    struct buf *document = print_problem(status, detail);
    struct http_response response = {.status = status,
                                     .mime = "application/problem+json",
                                     .more = more,
                                     .n_bufs = document ? 1 : 0,
                                     .bufs = {document}};
    http_exchange_respond(exchange, &response);
    buf_unref(document);
}

void http_exchange_problem(struct http_exchange *exchange, int status,
                           const char *detail)
{
    const char *more = NULL;
    if (status == 503) /* players are told when, and then ask again at once */
        more = "Retry-After: 1\r\n";
    else if (status == 401) /* RFC 9110 15.5.2 */
        more = "WWW-Authenticate: Bearer\r\n";
    http_exchange_refuse(exchange, status, detail, more);
}

void http_exchange_json(struct http_exchange *exchange, int status, struct buf *json)
{
    struct http_response response = {
        .status = status, .mime = "application/json", .n_bufs = 1, .bufs = {json}};
    http_exchange_respond(exchange, &response);
    buf_unref(json);
}

void http_exchange_stream(struct http_exchange *exchange,
                          const struct http_response *head)
{
    struct http_reply reply;
    http_reply_plan_stream(head, exchange->cors, &reply);
    require(exchange->state == HTTP_EXCHANGE_OPEN);
    set_state(exchange, HTTP_EXCHANGE_STREAMING);
    exchange->carrier->stream(exchange, &reply);
}

void http_exchange_write(struct http_exchange *exchange, struct buf *buf)
{
    require(exchange->state == HTTP_EXCHANGE_STREAMING);
    exchange->carrier->write(exchange, buf);
}

size_t http_exchange_queued(const struct http_exchange *exchange)
{
    return exchange->carrier->queued(exchange);
}

void http_exchange_end(struct http_exchange *exchange)
{
    require(exchange->state == HTTP_EXCHANGE_STREAMING);
    set_state(exchange, HTTP_EXCHANGE_DONE);
    exchange->carrier->end(exchange);
}
