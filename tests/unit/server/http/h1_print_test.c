#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/builder.h"
#include "server/http/h1_print.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static void check(const struct http_reply *reply, enum http_h1_persistence persistence,
                  const char *expected)
{
    struct builder out;
    builder_init(&out, 4096);
    http_h1_print_head(&out, reply, persistence, DATE);
    builder_u8(&out, 0);
    assert_string_equal((const char *)builder_bytes(&out).data, expected);
    builder_finish(&out);
}

static void prints_every_field(void **state)
{
    (void)state;
    struct http_response response = {.status = 200,
                                     .mime = "application/vnd.apple.mpegurl",
                                     .cache_control = "public, max-age=1",
                                     .etag = "\"v1\"",
                                     .encoding = "gzip",
                                     .more = "X-One: 1\r\nX-Two: 2\r\n",
                                     .vary_encoding = true,
                                     .ranges = true};
    struct http_reply reply = {.response = &response,
                               .status = 200,
                               .cors = true,
                               .has_length = true,
                               .length = 18446744073709551615U};
    check(&reply, HTTP_H1_STAYS,
          "HTTP/1.1 200 OK\r\nDate: " DATE "\r\n"
          "Content-Type: application/vnd.apple.mpegurl\r\nContent-Encoding: gzip\r\n"
          "Content-Length: 18446744073709551615\r\nAccept-Ranges: bytes\r\n"
          "Cache-Control: public, max-age=1\r\nETag: \"v1\"\r\n"
          "Vary: Accept-Encoding\r\nAccess-Control-Allow-Origin: *\r\n"
          "Access-Control-Expose-Headers: Content-Length, Content-Range, Date, Age, "
          "ETag, Retry-After\r\nX-Content-Type-Options: nosniff\r\n"
          "X-One: 1\r\nX-Two: 2\r\n\r\n");
}

static void prints_little_when_there_is_little(void **state)
{
    (void)state;
    struct http_response response = {.status = 204};
    struct http_reply reply = {.response = &response, .status = 204};
    check(&reply, HTTP_H1_CLOSES,
          "HTTP/1.1 204 No Content\r\nDate: " DATE "\r\nConnection: close\r\n"
          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

static void prints_ranges(void **state)
{
    (void)state;
    struct http_response response = {.status = 200, .mime = "video/mp4"};
    struct http_reply reply = {.response = &response,
                               .status = 206,
                               .has_length = true,
                               .length = 4,
                               .has_range = true,
                               .first = 2,
                               .last = 5,
                               .total = 10};
    check(&reply, HTTP_H1_STAYS_SAYS_SO,
          "HTTP/1.1 206 Partial Content\r\nDate: " DATE
          "\r\nConnection: keep-alive\r\nContent-Type: video/mp4\r\n"
          "Content-Length: 4\r\nContent-Range: bytes 2-5/10\r\n"
          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
    reply.status = 416;
    reply.length = 0;
    check(&reply, HTTP_H1_STAYS,
          "HTTP/1.1 416 Range Not Satisfiable\r\nDate: " DATE
          "\r\nContent-Type: video/mp4\r\nContent-Length: 0\r\n"
          "Content-Range: bytes */10\r\n"
          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

static void not_modified_says_nothing_of_the_body(void **state)
{
    (void)state;
    struct http_response response = {
        .status = 200, .mime = "video/mp4", .etag = "\"v\"", .encoding = "gzip"};
    struct http_reply reply = {.response = &response, .status = 304};
    check(&reply, HTTP_H1_STAYS,
          "HTTP/1.1 304 Not Modified\r\nDate: " DATE
          "\r\nCache-Control: no-store\r\nETag: \"v\"\r\n"
          "X-Content-Type-Options: nosniff\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_every_field),
        cmocka_unit_test(prints_little_when_there_is_little),
        cmocka_unit_test(prints_ranges),
        cmocka_unit_test(not_modified_says_nothing_of_the_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
