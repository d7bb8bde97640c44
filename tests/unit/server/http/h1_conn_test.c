/* Requests and their answers, one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/unit/server/http/site.h"

static void answers_one_request(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /hello/you HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "HTTP/1.1 200 OK\r\nDate: "));
    assert_true(site_got(&site, "Connection: close\r\n"));
    assert_true(site_got(&site, "Content-Length: 5\r\n"));
    assert_true(site_got(&site, "X-Content-Type-Options: nosniff\r\n"));
    assert_true(site_got(&site, "\r\n\r\nhello"));
    assert_string_equal(site.bodies, "you;");
    site_close(&site);
}

static void keeps_the_connection_and_the_order(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site,
                    "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n"
                    "POST /take HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
                    "HEAD /hello/2 HTTP/1.1\r\n" HOST "\r\n"
                    "POST /take HTTP/1.1\r\n" HOST
                    "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
                    "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_string_equal(site.bodies, "1;abc;2;def;3;");
    struct http_stats stats = http_h1_server_stats(site.server);
    assert_int_equal(stats.n_requests, 5);
    assert_int_equal(stats.n_status[2], 5);
    site_close(&site);
}

static void answers_after_the_client_has_ended(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop); /* the client reads no more; the server must close */
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(http_h1_server_stats(site.server).n_status[2], 1);
    site_close(&site);
}

static void http10_closes_unless_asked(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /hello/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                           "GET /hello/2 HTTP/1.0\r\n\r\n"
                           "GET /hello/3 HTTP/1.0\r\n\r\n");
    assert_string_equal(site.bodies, "1;2;");
    assert_true(site_got(&site, "Connection: keep-alive\r\n"));
    assert_true(site_got(&site, "Connection: close\r\n"));
    site_close(&site);
}

static void head_has_no_body(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "HEAD /hello/1 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "Content-Length: 5\r\n"));
    assert_false(site_got(&site, "hello"));
    site_close(&site);
}

static void gives_a_range_over_several_bufs(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site,
                    "GET /parts HTTP/1.1\r\n" HOST "Range: bytes=2-8\r\n\r\n"
                    "GET /parts HTTP/1.1\r\n" HOST "Range: bytes=4-5\r\n\r\n"
                    "GET /parts HTTP/1.1\r\n" HOST CLOSE "Range: bytes=12-\r\n\r\n");
    assert_true(site_got(&site, "HTTP/1.1 206 Partial Content\r\n"));
    assert_true(site_got(&site, "Content-Range: bytes 2-8/12\r\n"));
    assert_true(site_got(&site, "\r\n\r\n2345678HTTP"));
    assert_true(site_got(&site, "\r\n\r\n45HTTP"));
    assert_true(site_got(&site, "HTTP/1.1 416 Range Not Satisfiable\r\n"));
    assert_true(site_got(&site, "Content-Range: bytes */12\r\n"));
    site_close(&site);
}

static void says_not_modified(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /hello/1 HTTP/1.1\r\n" HOST CLOSE
                           "If-None-Match: \"v1\"\r\n\r\n");
    assert_true(site_got(&site, "HTTP/1.1 304 Not Modified\r\n"));
    assert_true(site_got(&site, "ETag: \"v1\"\r\n"));
    assert_false(site_got(&site, "Content-Length"));
    assert_false(site_got(&site, "hello"));
    site_close(&site);
}

static void an_unknown_path_is_a_problem(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hello/2 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(site_got(&site, "Content-Type: application/problem+json\r\n"));
    assert_true(site_got(&site,
                         "{\"type\":\"about:blank\",\"title\":\"Not Found\","
                         "\"status\":404,\"detail\":\"nothing is at this path\"}"));
    assert_string_equal(site.bodies, "2;"); /* the connection stays */
    assert_false(site_got(&site, "Access-Control"));
    site_close(&site);
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "DELETE /hello/1 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "HTTP/1.1 405 Method Not Allowed\r\n"));
    assert_true(site_got(&site, "Allow: GET, HEAD, OPTIONS\r\n"));
    assert_true(site_got(&site, "application/problem+json"));
    assert_int_equal(site.n_calls, 0);
    site_close(&site);
}

static void problems_on_shared_paths_have_cors(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /live/x/y/z HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "HTTP/1.1 404 "));
    assert_true(site_got(&site, "Access-Control-Allow-Origin: *\r\n"));
    site_close(&site);
}

static void options_on_a_shared_path_is_a_preflight(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "OPTIONS /live/x HTTP/1.1\r\n" HOST CLOSE
                           "Origin: https://shop.example\r\n"
                           "Access-Control-Request-Method: GET\r\n\r\n");
    assert_true(site_got(&site, "HTTP/1.1 204 No Content\r\n"));
    assert_true(site_got(&site, "Access-Control-Allow-Origin: *\r\n"));
    assert_true(
        site_got(&site, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
    assert_true(site_got(&site, "Access-Control-Allow-Headers: Range"));
    assert_true(site_got(&site, "Access-Control-Max-Age: 86400\r\n"));
    assert_int_equal(site.n_calls, 0);
    site_close(&site);
}

static void options_elsewhere_allows_without_cors(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "OPTIONS /take HTTP/1.1\r\n" HOST "\r\n"
                           "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"
                           "OPTIONS /nowhere HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(site_got(&site, "Allow: POST, OPTIONS\r\n"));
    assert_true(site_got(&site, "HTTP/1.1 404 "));
    assert_false(site_got(&site, "Access-Control"));
    assert_int_equal(http_h1_server_stats(site.server).n_status[2], 2);
    site_close(&site);
}

static void a_broken_request_is_answered_and_ends_the_connection(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site,
                    "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n"
                    "GET /hello/2 HTTP/1.1\nGET /hello/3 HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(site.bodies, "1;");
    assert_true(site_got(&site, "HTTP/1.1 400 Bad Request\r\n"));
    assert_true(site_got(&site, "Connection: close\r\n"));
    assert_true(site_got(&site, "\"detail\":\"the request line is malformed\""));
    site_close(&site);
}

static void a_body_too_large_is_refused_before_it_comes(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "POST /take HTTP/1.1\r\n" HOST "Content-Length: 17\r\n\r\n");
    assert_true(site_got(&site, "HTTP/1.1 413 Content Too Large\r\n"));
    assert_int_equal(site.n_calls, 0);
    site_close(&site);
}

static void a_body_for_nobody_ends_the_connection(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site,
                    "POST /nowhere HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n");
    assert_true(site_got(&site, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(site_got(&site, "Connection: close\r\n"));
    site_close(&site);
}

/* The client sends on while it is refused: the answer must reach it all the same. */
static void the_refusal_of_a_large_body_arrives(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client,
              "POST /take HTTP/1.1\r\n" HOST "Content-Length: 8000000\r\n\r\n");
    for (int i = 0; i < 20; i++)
        loop_tcp_write(site.client.tcp, buf_ref(site.large));
    loop_run(site.loop);
    assert_true(site.client.closed);
    assert_true(site_got(&site, "HTTP/1.1 413 Content Too Large\r\n"));
    assert_true(site_got(&site, "\"detail\":\"the body is too large\"}\n"));
    site_close(&site);
}

static void asks_for_a_body_that_waits_to_be_asked(void **state)
{
    (void)state;
    struct site site;
    site_run_text(&site,
                  "POST /take HTTP/1.1\r\n" HOST CLOSE
                  "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
                  "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(site.n_calls, 0);
    site_close(&site);
}

static void does_not_ask_for_a_body_that_is_there(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "POST /take HTTP/1.1\r\n" HOST CLOSE
                           "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    assert_string_equal(site.bodies, "abc;");
    assert_false(site_got(&site, "100 Continue"));
    site_close(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_one_request),
        cmocka_unit_test(keeps_the_connection_and_the_order),
        cmocka_unit_test(answers_after_the_client_has_ended),
        cmocka_unit_test(http10_closes_unless_asked),
        cmocka_unit_test(head_has_no_body),
        cmocka_unit_test(gives_a_range_over_several_bufs),
        cmocka_unit_test(says_not_modified),
        cmocka_unit_test(an_unknown_path_is_a_problem),
        cmocka_unit_test(a_wrong_method_is_told_the_right_ones),
        cmocka_unit_test(problems_on_shared_paths_have_cors),
        cmocka_unit_test(options_on_a_shared_path_is_a_preflight),
        cmocka_unit_test(options_elsewhere_allows_without_cors),
        cmocka_unit_test(a_broken_request_is_answered_and_ends_the_connection),
        cmocka_unit_test(a_body_too_large_is_refused_before_it_comes),
        cmocka_unit_test(a_body_for_nobody_ends_the_connection),
        cmocka_unit_test(the_refusal_of_a_large_body_arrives),
        cmocka_unit_test(asks_for_a_body_that_waits_to_be_asked),
        cmocka_unit_test(does_not_ask_for_a_body_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
