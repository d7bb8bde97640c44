#include "server/http/reply.h"

#include "core/buf.h"
#include "server/http/etag.h"
#include "server/http/range.h"

static uint64_t body_len(const struct http_response *response)
{
    uint64_t total = 0;
    for (size_t i = 0; i < response->n_bufs; i++)
        total += buf_bytes(response->bufs[i]).len;
    return total;
}

static bool is_not_modified(const struct http_request *request,
                            const struct http_response *response)
{
    struct bytes header = http_request_header(request, "if-none-match");
    return response->etag && header.data && http_etag_is_listed(header, response->etag);
}

static void plan_range(const struct http_request *request, struct http_reply *reply)
{
    struct bytes range = http_request_header(request, "range");
    struct bytes condition = http_request_header(request, "if-range");
    const char *etag = reply->response->etag;
    if (!range.data ||
        (condition.data && !(etag && http_etag_is_same(condition, etag))))
        return;
    switch (http_range_parse(range, reply->total, &reply->first, &reply->last)) {
    case HTTP_RANGE_WHOLE:
        return;
    case HTTP_RANGE_PART:
        reply->status = 206;
        reply->length = reply->n_send = reply->last - reply->first + 1;
        break;
    case HTTP_RANGE_NONE:
        reply->status = 416;
        reply->length = reply->n_send = 0;
        break;
    }
    reply->has_range = true;
}

void http_reply_plan(const struct http_request *request,
                     const struct http_response *response, bool cors,
                     struct http_reply *ret_reply)
{
    bool is_get = request->method == HTTP_GET;
    struct http_reply reply = {.response = response, .status = response->status};
    reply.cors = cors || response->cors;
    reply.total = reply.length = reply.n_send = body_len(response);
    reply.has_length = response->status != 204 && response->status != 304;
    if (response->status == 200 && (is_get || request->method == HTTP_HEAD)) {
        if (is_not_modified(request, response)) {
            reply.status = 304;
            reply.has_length = false;
            reply.n_send = 0;
        } else if (is_get && response->ranges) {
            plan_range(request, &reply);
        }
    }
    if (request->method == HTTP_HEAD)
        reply.n_send = 0;
    *ret_reply = reply;
}

void http_reply_plan_stream(const struct http_response *response, bool cors,
                            struct http_reply *ret_reply)
{
    *ret_reply = (struct http_reply){.response = response,
                                     .status = response->status,
                                     .cors = cors || response->cors};
}
