#include "tests/unit/server/http/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>

#include "core/buf.h"

/* ---- the client ---- */

void site_send(struct site_client *client, const char *text)
{
    loop_tcp_write(client->tcp, buf_copy(bytes_text(text)));
}

static void client_readable(void *ctx, struct bytes in)
{
    struct site_client *client = ctx;
    builder_put(&client->got, in);
    struct bytes got = builder_bytes(&client->got);
    if (client->until &&
        memmem(got.data, got.len, client->until, strlen(client->until)))
        loop_stop(client->site->loop);
}

static void client_closed(void *ctx, const struct err *why)
{
    struct site_client *client = ctx;
    client->closed = true;
    client->why = why->code;
    client->tcp = NULL;
    if (client->wakes) {
        loop_tcp_resume(client->wakes->tcp);
        site_send(client->wakes, "GET /hello/2 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    }
    if (!client->keeps_running)
        loop_stop(client->site->loop);
}

static void client_drained(void *ctx)
{
    struct site_client *client = ctx;
    if (client->until_drained)
        loop_stop(client->site->loop);
}

static const struct loop_tcp_handler client_handler = {
    .readable = client_readable, .drained = client_drained, .closed = client_closed};

const struct loop_tcp_limits site_client_limits = {.queue_max = 64 << 20,
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

/* ---- the site ---- */

static void add(struct site *site, unsigned methods, const char *pattern,
                http_handler_fn handler)
{
    http_router_add(site->router, methods, pattern, 16, handler, site);
}

void site_open_client(struct site *site, struct site_client *client,
                      const struct loop_tcp_limits *limits)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    http_h1_server_accept(site->server, fds[0]);
    *client = (struct site_client){.site = site};
    builder_init(&client->got, 16 << 20);
    client->tcp = loop_tcp_adopt(site->loop, fds[1], &client_handler, limits, client);
}

void site_open(struct site *site, const struct http_limits *limits)
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
    site_open_client(site, &site->client, &site_client_limits);
}

void site_close(struct site *site)
{
    loop_timer_destroy(site->timer);
    http_h1_server_destroy(site->server);
    loop_destroy(site->loop);
    http_router_destroy(site->router);
    builder_finish(&site->client.got);
    buf_unref(site->large);
}

bool site_got(const struct site *site, const char *text)
{
    struct bytes all = builder_bytes(&site->client.got);
    return memmem(all.data, all.len, text, strlen(text)) != NULL;
}

void site_run_text(struct site *site, const char *text, const char *until)
{
    site_open(site, NULL);
    site->client.until = until;
    site_send(&site->client, text);
    loop_run(site->loop);
}

void site_run_to_end(struct site *site, const char *text)
{
    site_run_text(site, text, NULL);
    assert_true(site->client.closed);
}

void site_run_with_timer(struct site *site, void (*look)(void *ctx))
{
    site->poll_timer = loop_timer_create(site->loop, look, site);
    loop_timer_start(site->poll_timer, 1);
    loop_run(site->loop);
    loop_timer_destroy(site->poll_timer);
}
