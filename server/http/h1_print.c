#include "server/http/h1_print.h"

#include "core/builder.h"
#include "server/http/status.h"

/* Without printf: a head is printed for every answer. */
static void put_number(struct builder *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    builder_put(out, bytes_make(digits + at, sizeof digits - at));
}

static void put_field(struct builder *out, const char *name_and_colon,
                      const char *value)
{
    if (!value)
        return;
    builder_text(out, name_and_colon);
    builder_text(out, value);
    builder_text(out, "\r\n");
}

static void put_status_line(struct builder *out, int status)
{
    builder_text(out, "HTTP/1.1 ");
    put_number(out, (uint64_t)status);
    builder_text(out, " ");
    builder_text(out, http_status_text(status));
    builder_text(out, "\r\n");
}

static void put_range(struct builder *out, const struct http_reply *reply)
{
    builder_text(out, "Content-Range: bytes ");
    if (reply->status == 206) {
        put_number(out, reply->first);
        builder_text(out, "-");
        put_number(out, reply->last);
    } else {
        builder_text(out, "*");
    }
    builder_text(out, "/");
    put_number(out, reply->total);
    builder_text(out, "\r\n");
}

static void put_body_fields(struct builder *out, const struct http_reply *reply)
{
    const struct http_response *response = reply->response;
    if (reply->status != 304) {
        put_field(out, "Content-Type: ", response->mime);
        put_field(out, "Content-Encoding: ", response->encoding);
    }
    if (reply->has_length) {
        builder_text(out, "Content-Length: ");
        put_number(out, reply->length);
        builder_text(out, "\r\n");
    }
    if (response->ranges)
        builder_text(out, "Accept-Ranges: bytes\r\n");
    if (reply->has_range)
        put_range(out, reply);
}

void http_h1_print_head(struct builder *out, const struct http_reply *reply,
                        enum http_h1_persistence persistence, const char *date)
{
    const struct http_response *response = reply->response;
    put_status_line(out, reply->status);
    put_field(out, "Date: ", date);
    if (persistence == HTTP_H1_CLOSES)
        builder_text(out, "Connection: close\r\n");
    else if (persistence == HTTP_H1_STAYS_SAYS_SO)
        builder_text(out, "Connection: keep-alive\r\n");
    put_body_fields(out, reply);
    put_field(out, "Cache-Control: ",
              response->cache_control ? response->cache_control : "no-store");
    put_field(out, "ETag: ", response->etag);
    if (response->vary_encoding)
        builder_text(out, "Vary: Accept-Encoding\r\n");
    if (reply->cors)
        builder_text(out, "Access-Control-Allow-Origin: *\r\n"
                          "Access-Control-Expose-Headers: Content-Length, "
                          "Content-Range, Date, Age, ETag, Retry-After\r\n");
    builder_text(out, "X-Content-Type-Options: nosniff\r\n");
    if (response->more)
        builder_text(out, response->more);
    builder_text(out, "\r\n");
}
