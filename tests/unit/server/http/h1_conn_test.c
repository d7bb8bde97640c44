/* A server on a socket pair with the real loop. The client end is non-blocking and on the
 * same loop: it sends its script, collects all that comes, and ends the test when it has
 * seen what it waits for or the connection's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "server/http/h1_conn.h"
#include "server/http/router.h"
#include "server/loop/loop.h"
#include "server/loop/tcp.h"
#include "server/loop/timer.h"

#define HOST "Host: shop.example\r\n"
#define CLOSE "Connection: close\r\n"

struct site;

struct client {
    struct site *site;
    struct loop_tcp *tcp;
    struct builder got;
    const char *until;  /* stop the loop when this text has come; NULL: at the end */
    bool until_drained; /* stop the loop when all has been taken */
    bool closed, keeps_running;
    struct client *wakes; /* reads and asks again when this one is closed */
    enum err_code why;
};

struct site {
    struct loop *loop;
    struct http_router *router;
    struct http_server *server;
    struct client client, *other;
    struct loop_timer *timer, *poll_timer;
    struct http_exchange *held[8]; /* by handler hold or stream */
    unsigned n_held, n_gone, n_calls;
    char bodies[256]; /* all request bodies and params, in order */
    struct buf *large;
};

/* ---- the client ---- */

static void send_text(struct client *client, const char *text)
{
    loop_tcp_write(client->tcp, buf_copy(bytes_text(text)));
}

static void client_readable(void *ctx, struct bytes in)
{
    struct client *client = ctx;
    builder_put(&client->got, in);
    struct bytes got = builder_bytes(&client->got);
    if (client->until &&
        memmem(got.data, got.len, client->until, strlen(client->until)))
        loop_stop(client->site->loop);
}

static void client_closed(void *ctx, const struct err *why)
{
    struct client *client = ctx;
    client->closed = true;
    client->why = why->code;
    client->tcp = NULL;
    if (client->wakes) {
        loop_tcp_resume(client->wakes->tcp);
        send_text(client->wakes, "GET /hello/2 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    }
    if (!client->keeps_running)
        loop_stop(client->site->loop);
}

static void client_drained(void *ctx)
{
    struct client *client = ctx;
    if (client->until_drained)
        loop_stop(client->site->loop);
}

static const struct loop_tcp_handler client_handler = {
    .readable = client_readable, .drained = client_drained, .closed = client_closed};
static const struct loop_tcp_limits client_limits = {.queue_max = 64 << 20,
                                                     .stall_ms = 60000};

/* ---- the handlers ---- */

static void note(struct site *site, struct bytes text)
{
    size_t n = strlen(site->bodies);
    assert_true(n + text.len + 2 < sizeof site->bodies);
    memcpy(site->bodies + n, text.data, text.len);
    site->bodies[n + text.len] = ';';
}

static void respond_text(struct http_exchange *exchange, const char *text)
{
    struct buf *body = buf_copy(bytes_text(text));
    struct http_response response = {.status = 200,
                                     .mime = "text/plain",
                                     .etag = "\"v1\"",
                                     .ranges = true,
                                     .n_bufs = 1,
                                     .bufs = {body}};
    http_exchange_respond(exchange, &response);
    buf_unref(body);
}

static void say_hello(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->n_calls++;
    note(site, http_exchange_request(exchange)->params[0]);
    respond_text(exchange, "hello");
}

static void take_body(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->n_calls++;
    note(site, http_exchange_request(exchange)->body);
    respond_text(exchange, "taken");
}

static void on_gone(void *ctx)
{
    struct site *site = ctx;
    site->n_gone++;
    loop_stop(site->loop);
}

static void hold(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->n_calls++;
    site->held[site->n_held++] = exchange;
    http_exchange_on_gone(exchange, on_gone, site);
    loop_timer_start(site->timer, 1);
}

static void hold_for_good(struct http_exchange *exchange, void *ctx)
{
    hold(exchange, ctx);
    struct site *site = ctx;
    loop_timer_stop(site->timer);
}

static void release_held(void *ctx)
{
    struct site *site = ctx;
    struct http_exchange *exchange = site->held[--site->n_held];
    assert_ptr_equal(http_exchange_loop(exchange), site->loop);
    respond_text(exchange, "held");
}

/* For another connection: answers what is held, then itself. */
static void release(struct http_exchange *exchange, void *ctx)
{
    release_held(ctx);
    respond_text(exchange, "released");
}

static void stream_two(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->n_calls++;
    http_exchange_on_gone(exchange, on_gone, site);
    struct http_response head = {
        .status = 200, .mime = "text/event-stream", .cors = true};
    http_exchange_stream(exchange, &head);
    http_exchange_write(exchange, buf_copy(bytes_text("data: 1\n\n")));
    http_exchange_write(exchange, buf_copy(bytes_text("data: 2\n\n")));
    assert_int_equal(http_exchange_queued(exchange) > 18, 1);
    http_exchange_end(exchange);
}

static void stream_on(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->held[site->n_held++] = exchange;
    http_exchange_on_gone(exchange, on_gone, site);
    struct http_response head = {.status = 200, .mime = "text/event-stream"};
    http_exchange_stream(exchange, &head);
    http_exchange_write(exchange, buf_copy(bytes_text("data: 1\n\n")));
}

static void send_large(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    site->n_calls++;
    struct http_response response = {.status = 200,
                                     .mime = "video/mp4",
                                     .n_bufs = 2,
                                     .bufs = {site->large, site->large}};
    http_exchange_respond(exchange, &response);
}

static void send_parts(struct http_exchange *exchange, void *ctx)
{
    (void)ctx;
    struct http_response response = {
        .status = 200, .mime = "text/plain", .ranges = true, .n_bufs = 3};
    static const char *const parts[] = {"0123", "4567", "89ab"};
    for (size_t i = 0; i < 3; i++)
        response.bufs[i] = buf_copy(bytes_text(parts[i]));
    http_exchange_respond(exchange, &response);
    for (size_t i = 0; i < 3; i++)
        buf_unref(response.bufs[i]);
}

/* A stream with more than a socket takes, so that it stalls when nobody reads. */
static void stream_much(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    stream_on(exchange, ctx);
    for (int i = 0; i < 10; i++)
        http_exchange_write(exchange, buf_ref(site->large));
}

static void drain(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    http_h1_server_drain(site->server);
    respond_text(exchange, "last");
}

static void stop_when_called(void *ctx)
{
    struct site *site = ctx;
    if (site->n_calls > 0)
        loop_stop(site->loop);
    else
        loop_timer_start(site->poll_timer, 1);
}

/* Drains as soon as the first answer has come. */
static void drain_when_answered(void *ctx)
{
    struct site *site = ctx;
    if (builder_bytes(&site->client.got).len > 0)
        http_h1_server_drain(site->server);
    else
        loop_timer_start(site->poll_timer, 1);
}

/* Destroys the server as soon as an exchange is held. */
static void destroy_when_held(void *ctx)
{
    struct site *site = ctx;
    if (site->n_held == 0) {
        loop_timer_start(site->poll_timer, 1);
        return;
    }
    http_h1_server_destroy(site->server);
    site->server = NULL;
    assert_int_equal(site->n_gone, 1);
}

/* ---- the site ---- */

static void add(struct site *site, unsigned methods, const char *pattern,
                http_handler_fn handler)
{
    http_router_add(site->router, methods, pattern, 16, handler, site);
}

static void open_client(struct site *site, struct client *client,
                        const struct loop_tcp_limits *limits)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    http_h1_server_accept(site->server, fds[0]);
    *client = (struct client){.site = site};
    builder_init(&client->got, 16 << 20);
    client->tcp = loop_tcp_adopt(site->loop, fds[1], &client_handler, limits, client);
}

static void open_site(struct site *site, const struct http_limits *limits)
{
    enum { GET = 1 << HTTP_GET, POST = 1 << HTTP_POST };
    static uint8_t zeros[400000];
    *site = (struct site){.loop = loop_create(0), .router = http_router_create()};
    site->timer = loop_timer_create(site->loop, release_held, site);
    site->large = buf_copy(bytes_make(zeros, sizeof zeros));
    add(site, GET, "/hello/{}", say_hello);
    add(site, GET, "/live/{}", say_hello);
    add(site, POST, "/take", take_body);
    add(site, GET, "/hold", hold);
    add(site, GET, "/hold-for-good", hold_for_good);
    add(site, GET, "/release", release);
    add(site, GET, "/stream", stream_two);
    add(site, GET, "/stream-on", stream_on);
    add(site, GET, "/large", send_large);
    add(site, GET, "/drain", drain);
    add(site, GET, "/parts", send_parts);
    add(site, GET, "/stall", stream_much);
    site->server = http_h1_server_create(
        site->loop, site->router, limits ? limits : &http_h1_default_limits, NULL);
    open_client(site, &site->client, &client_limits);
}

static void close_site(struct site *site)
{
    loop_timer_destroy(site->timer);
    http_h1_server_destroy(site->server);
    loop_destroy(site->loop);
    http_router_destroy(site->router);
    builder_finish(&site->client.got);
    buf_unref(site->large);
}

static bool got(const struct site *site, const char *text)
{
    struct bytes all = builder_bytes(&site->client.got);
    return memmem(all.data, all.len, text, strlen(text)) != NULL;
}

/* Sends one text and runs until the wanted text has come, or to the end of the
 * connection when it is NULL. */
static void run_text(struct site *site, const char *text, const char *until)
{
    open_site(site, NULL);
    site->client.until = until;
    send_text(&site->client, text);
    loop_run(site->loop);
}

static void run_to_end(struct site *site, const char *text)
{
    run_text(site, text, NULL);
    assert_true(site->client.closed);
}

/* Runs with a function that looks every millisecond whether its moment has come. */
static void run_with_timer(struct site *site, void (*look)(void *ctx))
{
    site->poll_timer = loop_timer_create(site->loop, look, site);
    loop_timer_start(site->poll_timer, 1);
    loop_run(site->loop);
    loop_timer_destroy(site->poll_timer);
}

static void answers_one_request(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /hello/you HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "HTTP/1.1 200 OK\r\nDate: "));
    assert_true(got(&site, "Connection: close\r\n"));
    assert_true(got(&site, "Content-Length: 5\r\n"));
    assert_true(got(&site, "X-Content-Type-Options: nosniff\r\n"));
    assert_true(got(&site, "\r\n\r\nhello"));
    assert_string_equal(site.bodies, "you;");
    close_site(&site);
}

static void keeps_the_connection_and_the_order(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n"
                      "POST /take HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
                      "HEAD /hello/2 HTTP/1.1\r\n" HOST "\r\n"
                      "POST /take HTTP/1.1\r\n" HOST
                      "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
                      "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_string_equal(site.bodies, "1;abc;2;def;3;");
    struct http_stats stats = http_h1_server_stats(site.server);
    assert_int_equal(stats.n_requests, 5);
    assert_int_equal(stats.n_status[2], 5);
    close_site(&site);
}

static void answers_after_the_client_has_ended(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop); /* the client reads no more; the server must close */
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(http_h1_server_stats(site.server).n_status[2], 1);
    close_site(&site);
}

static void http10_closes_unless_asked(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /hello/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                      "GET /hello/2 HTTP/1.0\r\n\r\n"
                      "GET /hello/3 HTTP/1.0\r\n\r\n");
    assert_string_equal(site.bodies, "1;2;");
    assert_true(got(&site, "Connection: keep-alive\r\n"));
    assert_true(got(&site, "Connection: close\r\n"));
    close_site(&site);
}

static void head_has_no_body(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "HEAD /hello/1 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "Content-Length: 5\r\n"));
    assert_false(got(&site, "hello"));
    close_site(&site);
}

static void gives_a_range_over_several_bufs(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /parts HTTP/1.1\r\n" HOST "Range: bytes=2-8\r\n\r\n"
                      "GET /parts HTTP/1.1\r\n" HOST "Range: bytes=4-5\r\n\r\n"
                      "GET /parts HTTP/1.1\r\n" HOST CLOSE "Range: bytes=12-\r\n\r\n");
    assert_true(got(&site, "HTTP/1.1 206 Partial Content\r\n"));
    assert_true(got(&site, "Content-Range: bytes 2-8/12\r\n"));
    assert_true(got(&site, "\r\n\r\n2345678HTTP"));
    assert_true(got(&site, "\r\n\r\n45HTTP"));
    assert_true(got(&site, "HTTP/1.1 416 Range Not Satisfiable\r\n"));
    assert_true(got(&site, "Content-Range: bytes */12\r\n"));
    close_site(&site);
}

static void says_not_modified(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site,
               "GET /hello/1 HTTP/1.1\r\n" HOST CLOSE "If-None-Match: \"v1\"\r\n\r\n");
    assert_true(got(&site, "HTTP/1.1 304 Not Modified\r\n"));
    assert_true(got(&site, "ETag: \"v1\"\r\n"));
    assert_false(got(&site, "Content-Length"));
    assert_false(got(&site, "hello"));
    close_site(&site);
}

static void an_unknown_path_is_a_problem(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/2 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(got(&site, "Content-Type: application/problem+json\r\n"));
    assert_true(got(&site, "{\"type\":\"about:blank\",\"title\":\"Not Found\","
                           "\"status\":404,\"detail\":\"nothing is at this path\"}"));
    assert_string_equal(site.bodies, "2;"); /* the connection stays */
    assert_false(got(&site, "Access-Control"));
    close_site(&site);
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "DELETE /hello/1 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "HTTP/1.1 405 Method Not Allowed\r\n"));
    assert_true(got(&site, "Allow: GET, HEAD, OPTIONS\r\n"));
    assert_true(got(&site, "application/problem+json"));
    assert_int_equal(site.n_calls, 0);
    close_site(&site);
}

static void problems_on_shared_paths_have_cors(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /live/x/y/z HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "HTTP/1.1 404 "));
    assert_true(got(&site, "Access-Control-Allow-Origin: *\r\n"));
    close_site(&site);
}

static void options_on_a_shared_path_is_a_preflight(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "OPTIONS /live/x HTTP/1.1\r\n" HOST CLOSE
                      "Origin: https://shop.example\r\n"
                      "Access-Control-Request-Method: GET\r\n\r\n");
    assert_true(got(&site, "HTTP/1.1 204 No Content\r\n"));
    assert_true(got(&site, "Access-Control-Allow-Origin: *\r\n"));
    assert_true(got(&site, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
    assert_true(got(&site, "Access-Control-Allow-Headers: Range"));
    assert_true(got(&site, "Access-Control-Max-Age: 86400\r\n"));
    assert_int_equal(site.n_calls, 0);
    close_site(&site);
}

static void options_elsewhere_allows_without_cors(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "OPTIONS /take HTTP/1.1\r\n" HOST "\r\n"
                      "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"
                      "OPTIONS /nowhere HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(got(&site, "Allow: POST, OPTIONS\r\n"));
    assert_true(got(&site, "HTTP/1.1 404 "));
    assert_false(got(&site, "Access-Control"));
    assert_int_equal(http_h1_server_stats(site.server).n_status[2], 2);
    close_site(&site);
}

static void a_broken_request_is_answered_and_ends_the_connection(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/2 HTTP/1.1\nGET /hello/3 HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(site.bodies, "1;");
    assert_true(got(&site, "HTTP/1.1 400 Bad Request\r\n"));
    assert_true(got(&site, "Connection: close\r\n"));
    assert_true(got(&site, "\"detail\":\"the request line is malformed\""));
    close_site(&site);
}

static void a_body_too_large_is_refused_before_it_comes(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "POST /take HTTP/1.1\r\n" HOST "Content-Length: 17\r\n\r\n");
    assert_true(got(&site, "HTTP/1.1 413 Content Too Large\r\n"));
    assert_int_equal(site.n_calls, 0);
    close_site(&site);
}

static void a_body_for_nobody_ends_the_connection(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "POST /nowhere HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n");
    assert_true(got(&site, "HTTP/1.1 404 Not Found\r\n"));
    assert_true(got(&site, "Connection: close\r\n"));
    close_site(&site);
}

/* The client sends on while it is refused: the answer must reach it all the same. */
static void the_refusal_of_a_large_body_arrives(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client,
              "POST /take HTTP/1.1\r\n" HOST "Content-Length: 8000000\r\n\r\n");
    for (int i = 0; i < 20; i++)
        loop_tcp_write(site.client.tcp, buf_ref(site.large));
    loop_run(site.loop);
    assert_true(site.client.closed);
    assert_true(got(&site, "HTTP/1.1 413 Content Too Large\r\n"));
    assert_true(got(&site, "\"detail\":\"the body is too large\"}\n"));
    close_site(&site);
}

static void asks_for_a_body_that_waits_to_be_asked(void **state)
{
    (void)state;
    struct site site;
    run_text(&site,
             "POST /take HTTP/1.1\r\n" HOST CLOSE
             "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
             "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(site.n_calls, 0);
    close_site(&site);
}

static void does_not_ask_for_a_body_that_is_there(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "POST /take HTTP/1.1\r\n" HOST CLOSE
                      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    assert_string_equal(site.bodies, "abc;");
    assert_false(got(&site, "100 Continue"));
    close_site(&site);
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /hold HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/2 HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hold HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_string_equal(site.bodies, "2;3;");
    assert_int_equal(site.n_calls, 4);
    assert_int_equal(site.n_gone, 0);
    assert_true(got(&site, "\r\n\r\nheldHTTP/1.1 200 OK"));
    close_site(&site);
}

static void many_pipelined_requests_wait_in_bounds(void **state)
{
    (void)state;
    enum { N = 2000 }; /* far more than the connection keeps */
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < N; i++)
        send_text(&site.client, "HEAD /hello/ HTTP/1.1\r\n" HOST "\r\n"
                                "HEAD /nowhere HTTP/1.1\r\n" HOST "\r\n");
    send_text(&site.client, "GET /hello/x HTTP/1.1\r\n" HOST CLOSE "\r\n");
    loop_run(site.loop);
    assert_true(site.client.closed);
    assert_string_equal(site.bodies, "x;");
    assert_int_equal(http_h1_server_stats(site.server).n_status[4], 2 * N);
    close_site(&site);
}

/* A server that keeps no more than it must stops reading; then the client's own watch for
 * a peer that takes nothing ends the connection. */
static void reading_stops_while_an_answer_is_awaited(void **state)
{
    (void)state;
    static const struct loop_tcp_limits impatient = {.queue_max = 64 << 20,
                                                     .stall_ms = 100};
    struct site site;
    struct client client;
    open_site(&site, NULL);
    open_client(&site, &client, &impatient);
    client.until_drained = true;
    send_text(&client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < 50000; i++)
        send_text(&client, "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    loop_run(site.loop);
    assert_true(client.closed);
    assert_int_equal(client.why, ERR_LIMIT);
    assert_int_equal(site.n_calls, 1);
    close_site(&site);
    builder_finish(&client.got);
}

static void release_from_another(void *ctx)
{
    struct site *site = ctx;
    if (site->n_held == 0) {
        loop_timer_start(site->poll_timer, 1);
        return;
    }
    send_text(site->other, "GET /release HTTP/1.1\r\n" HOST CLOSE "\r\n");
    send_text(&site->client, "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
}

/* The held answer, and bytes behind those that wait, come in one turn of the loop. */
static void bytes_that_wait_go_before_those_that_come(void **state)
{
    (void)state;
    struct site site;
    struct client other;
    open_site(&site, NULL);
    open_client(&site, &other, &client_limits);
    other.keeps_running = true;
    site.other = &other;
    send_text(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hello/2 HTTP/1.1\r\n" HOST "\r\n");
    run_with_timer(&site, release_from_another);
    assert_true(site.client.closed);
    assert_string_equal(site.bodies, "2;3;");
    close_site(&site);
    builder_finish(&other.got);
}

static void large_answers_wait_for_the_client(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /large HTTP/1.1\r\n" HOST "\r\n"
                      "GET /large HTTP/1.1\r\n" HOST "\r\n"
                      "GET /large HTTP/1.1\r\n" HOST "\r\n"
                      "GET /large HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/end HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_int_equal(site.n_calls, 5);
    assert_true(builder_bytes(&site.client.got).len > 4 * 800000);
    struct bytes all = builder_bytes(&site.client.got);
    assert_true(bytes_equal_text(bytes_from(all, all.len - 5), "hello"));
    close_site(&site);
}

static void one_large_answer_is_begun_at_a_time(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    loop_tcp_pause(site.client.tcp); /* takes nothing */
    send_text(&site.client, "GET /large HTTP/1.1\r\n" HOST "\r\n"
                            "GET /large HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    run_with_timer(&site, stop_when_called);
    assert_int_equal(site.n_calls, 1);
    close_site(&site);
}

static void tells_once_that_the_client_is_gone(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop); /* stopped by on_gone */
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(site.n_gone, 1);
    close_site(&site);
    assert_int_equal(site.n_gone, 1);
}

static void destroying_the_server_tells_those_who_hold(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    run_with_timer(&site, destroy_when_held);
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(site.n_gone, 1);
    close_site(&site);
    assert_int_equal(site.n_gone, 1);
}

static void stopping_the_loop_tells_those_who_hold(void **state)
{
    (void)state;
    struct site site;
    run_text(&site, "GET /stream-on HTTP/1.1\r\n" HOST "\r\n", "data: 1\n\n");
    loop_run(site.loop);
    assert_int_equal(site.n_gone, 1);
    close_site(&site);
    assert_int_equal(site.n_gone, 1);
}

static void a_stream_ends_with_the_connection(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    assert_true(got(&site, "Content-Type: text/event-stream\r\n"));
    assert_true(got(&site, "Connection: close\r\n"));
    assert_true(got(&site, "Access-Control-Allow-Origin: *\r\n"));
    assert_true(got(&site, "\r\n\r\ndata: 1\n\ndata: 2\n\n"));
    assert_false(got(&site, "Content-Length: "));
    assert_int_equal(site.n_gone, 0);
    close_site(&site);
}

static void head_of_a_stream_has_no_events(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "HEAD /stream-on HTTP/1.1\r\n" HOST "\r\n");
    site.client.until = "nosniff";
    loop_run(site.loop);
    assert_false(got(&site, "data"));
    close_site(&site);
    assert_int_equal(site.n_gone, 1);
}

static void a_stream_tells_that_the_client_is_gone(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "GET /stream-on HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop);
    assert_int_equal(site.n_gone, 1);
    close_site(&site);
    assert_int_equal(site.n_gone, 1);
}

/* Limits in which one time is short; the client's silence runs into it. */
static void run_with_short_times(struct site *site, const char *text)
{
    struct http_limits limits = http_h1_default_limits;
    limits.head_ms = limits.body_ms = limits.idle_ms = limits.stall_ms = 1;
    open_site(site, &limits);
    send_text(&site->client, text);
    loop_run(site->loop);
}

static void a_slow_head_is_told_so(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "GET /hello/1 HTTP/1.1\r\nHos");
    assert_true(site.client.closed);
    assert_true(got(&site, "HTTP/1.1 408 Request Timeout\r\n"));
    close_site(&site);
}

static void a_slow_body_is_told_so(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site,
                         "POST /take HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nab");
    assert_true(site.client.closed);
    assert_true(got(&site, "HTTP/1.1 408 Request Timeout\r\n"));
    assert_int_equal(site.n_calls, 0);
    close_site(&site);
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "HEAD /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    assert_true(site.client.closed);
    assert_false(got(&site, "408"));
    assert_true(got(&site, "200 OK"));
    close_site(&site);
}

/* The idle time passes while the client still takes its answer; a second, silent
 * connection is the clock: when it is cut, the time is over. */
static void an_idle_connection_stays_while_its_answer_leaves(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.idle_ms = limits.head_ms = 1;
    struct site site;
    struct client other;
    open_site(&site, &limits);
    loop_tcp_pause(site.client.tcp);
    send_text(&site.client, "GET /large HTTP/1.1\r\n" HOST "\r\n");
    open_client(&site, &other, &client_limits);
    other.keeps_running = true;
    other.wakes = &site.client;
    loop_run(site.loop);
    assert_true(site.client.closed && other.closed);
    assert_true(builder_bytes(&site.client.got).len > 800000);
    assert_string_equal(site.bodies, "2;");
    close_site(&site);
    builder_finish(&other.got);
}

static void a_silent_connection_is_closed_without_a_word(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "");
    assert_true(site.client.closed);
    assert_int_equal(builder_bytes(&site.client.got).len, 0);
    close_site(&site);
}

static void a_client_that_takes_nothing_is_cut(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.stall_ms = 1;
    struct site site;
    open_site(&site, &limits);
    loop_tcp_pause(site.client.tcp);
    send_text(&site.client, "GET /stall HTTP/1.1\r\n" HOST "\r\n");
    loop_run(site.loop); /* stopped by on_gone */
    assert_int_equal(site.n_gone, 1);
    assert_int_equal(http_h1_server_stats(site.server).n_connections, 0);
    close_site(&site);
}

static void a_draining_server_ends_after_the_answer(void **state)
{
    (void)state;
    struct site site;
    run_to_end(&site, "GET /drain HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    assert_true(got(&site, "Connection: close\r\n"));
    assert_true(got(&site, "\r\n\r\nlast"));
    assert_string_equal(site.bodies, "");
    close_site(&site);
}

static void draining_closes_idle_connections(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, NULL);
    send_text(&site.client, "HEAD /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    run_with_timer(&site, drain_when_answered);
    assert_true(site.client.closed);
    assert_false(got(&site, "Connection: close"));
    close_site(&site);
}

static void a_full_server_refuses(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.connections_max = 0;
    struct site site;
    open_site(&site, &limits);
    loop_run(site.loop);
    assert_true(site.client.closed);
    struct http_stats stats = http_h1_server_stats(site.server);
    assert_int_equal(stats.n_refused, 1);
    close_site(&site);
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
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(many_pipelined_requests_wait_in_bounds),
        cmocka_unit_test(reading_stops_while_an_answer_is_awaited),
        cmocka_unit_test(bytes_that_wait_go_before_those_that_come),
        cmocka_unit_test(large_answers_wait_for_the_client),
        cmocka_unit_test(one_large_answer_is_begun_at_a_time),
        cmocka_unit_test(tells_once_that_the_client_is_gone),
        cmocka_unit_test(destroying_the_server_tells_those_who_hold),
        cmocka_unit_test(stopping_the_loop_tells_those_who_hold),
        cmocka_unit_test(a_stream_ends_with_the_connection),
        cmocka_unit_test(head_of_a_stream_has_no_events),
        cmocka_unit_test(a_stream_tells_that_the_client_is_gone),
        cmocka_unit_test(a_slow_head_is_told_so),
        cmocka_unit_test(a_slow_body_is_told_so),
        cmocka_unit_test(an_idle_connection_is_closed_without_a_word),
        cmocka_unit_test(an_idle_connection_stays_while_its_answer_leaves),
        cmocka_unit_test(a_silent_connection_is_closed_without_a_word),
        cmocka_unit_test(a_client_that_takes_nothing_is_cut),
        cmocka_unit_test(a_draining_server_ends_after_the_answer),
        cmocka_unit_test(draining_closes_idle_connections),
        cmocka_unit_test(a_full_server_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
