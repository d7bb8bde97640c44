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

struct site;

struct client {
    struct site *site;
    struct loop_tcp *tcp;
    struct builder got;
    const char *until; /* stop the loop when this text has come; NULL: at the end */
    bool closed;
    bool end_after_send;
};

struct site {
    struct loop *loop;
    struct http_router *router;
    struct http_server *server;
    struct client client;
    struct loop_timer *timer;
    struct http_exchange *held[8]; /* by handler hold or stream */
    unsigned n_held, n_gone, n_calls;
    char bodies[256]; /* all request bodies and params, in order */
    struct buf *large;
};

/* ---- the client ---- */

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
    (void)why;
    struct client *client = ctx;
    client->closed = true;
    client->tcp = NULL;
    loop_stop(client->site->loop);
}

static const struct loop_tcp_handler client_handler = {.readable = client_readable,
                                                       .closed = client_closed};
static const struct loop_tcp_limits client_limits = {.queue_max = 64 << 20,
                                                     .stall_ms = 60000};

static void send_text(struct client *client, const char *text)
{
    loop_tcp_write(client->tcp, buf_copy(bytes_text(text)));
}

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

static void drain(struct http_exchange *exchange, void *ctx)
{
    struct site *site = ctx;
    http_h1_server_drain(site->server);
    respond_text(exchange, "last");
}

/* ---- the site ---- */

static void add(struct site *site, unsigned methods, const char *pattern,
                http_handler_fn handler)
{
    http_router_add(site->router, methods, pattern, 16, handler, site);
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
    add(site, GET, "/stream", stream_two);
    add(site, GET, "/stream-on", stream_on);
    add(site, GET, "/large", send_large);
    add(site, GET, "/drain", drain);
    site->server = http_h1_server_create(
        site->loop, site->router, limits ? limits : &http_h1_default_limits, NULL);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    http_h1_server_accept(site->server, fds[0]);
    site->client.site = site;
    builder_init(&site->client.got, 16 << 20);
    site->client.tcp = loop_tcp_adopt(site->loop, fds[1], &client_handler,
                                      &client_limits, &site->client);
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

#define HOST "Host: shop.example\r\n"
#define CLOSE "Connection: close\r\n"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_one_request),
        cmocka_unit_test(keeps_the_connection_and_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
