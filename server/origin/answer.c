#include "server/origin/answer.h"

#include <stdio.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"

enum { ANSWER_MAX = 1024 };

static void problem(struct http_exchange *exchange, int status, const char *title,
                    const char *detail, const char *cache_control, const char *more)
{
    struct builder out;
    builder_init(&out, ANSWER_MAX);
    builder_printf(
        &out,
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":", title,
        status);
    json_put_text(&out, detail);
    builder_text(&out, "}\n");
    struct buf *document = builder_take(&out);
    builder_finish(&out);
    struct http_response response = {.status = status,
                                     .mime = "application/problem+json",
                                     .cache_control = cache_control,
                                     .more = more,
                                     .cors = true,
                                     .n_bufs = 1,
                                     .bufs = {document}};
    http_exchange_respond(exchange, &response);
    buf_unref(document);
}

void origin_answer_not_found(struct http_exchange *exchange, const char *detail)
{
    problem(exchange, 404, "Not Found", detail, "public, max-age=1", NULL);
}

void origin_answer_bad_request(struct http_exchange *exchange, const char *detail)
{
    problem(exchange, 400, "Bad Request", detail, "public, max-age=1", NULL);
}

void origin_answer_unavailable(struct http_exchange *exchange, const char *detail)
{
    problem(exchange, 503, "Service Unavailable", detail, "no-store",
            "Retry-After: 1\r\n");
}

struct show_shelf *origin_answer_shelf(struct http_exchange *exchange,
                                       struct show_hub *hub)
{
    const struct http_request *request = http_exchange_request(exchange);
    struct show_shelf *shelf = show_hub_shelf(hub, request->params[0]);
    if (!shelf)
        origin_answer_not_found(exchange, "There is no such show.");
    return shelf;
}
