/* How connections end, and who is told: streams, limits of time, a server that drains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/unit/server/http/site.h"

static void tells_once_that_the_client_is_gone(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop); /* stopped by on_gone */
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(site.n_gone, 1);
    site_close(&site);
    assert_int_equal(site.n_gone, 1);
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

static void destroying_the_server_tells_those_who_hold(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    site_run_with_timer(&site, destroy_when_held);
    assert_int_equal(site.n_calls, 1);
    assert_int_equal(site.n_gone, 1);
    site_close(&site);
    assert_int_equal(site.n_gone, 1);
}

static void stopping_the_loop_tells_those_who_hold(void **state)
{
    (void)state;
    struct site site;
    site_run_text(&site, "GET /stream-on HTTP/1.1\r\n" HOST "\r\n", "data: 1\n\n");
    loop_run(site.loop);
    assert_int_equal(site.n_gone, 1);
    site_close(&site);
    assert_int_equal(site.n_gone, 1);
}

static void a_stream_ends_with_the_connection(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    assert_true(site_got(&site, "Content-Type: text/event-stream\r\n"));
    assert_true(site_got(&site, "Connection: close\r\n"));
    assert_true(site_got(&site, "Access-Control-Allow-Origin: *\r\n"));
    assert_true(site_got(&site, "\r\n\r\ndata: 1\n\ndata: 2\n\n"));
    assert_false(site_got(&site, "Content-Length: "));
    assert_int_equal(site.n_gone, 0);
    site_close(&site);
}

static void head_of_a_stream_has_no_events(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "HEAD /stream-on HTTP/1.1\r\n" HOST "\r\n");
    site.client.until = "nosniff";
    loop_run(site.loop);
    assert_false(site_got(&site, "data"));
    site_close(&site);
    assert_int_equal(site.n_gone, 1);
}

static void a_stream_tells_that_the_client_is_gone(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "GET /stream-on HTTP/1.1\r\n" HOST "\r\n");
    loop_tcp_close_flushed(site.client.tcp, 5000);
    loop_run(site.loop);
    assert_int_equal(site.n_gone, 1);
    site_close(&site);
    assert_int_equal(site.n_gone, 1);
}

/* Limits in which one time is short; the client's silence runs into it. */
static void run_with_short_times(struct site *site, const char *text)
{
    struct http_limits limits = http_h1_default_limits;
    limits.head_ms = limits.body_ms = limits.idle_ms = limits.stall_ms = 1;
    site_open(site, &limits);
    site_send(&site->client, text);
    loop_run(site->loop);
}

static void a_slow_head_is_told_so(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "GET /hello/1 HTTP/1.1\r\nHos");
    assert_true(site.client.closed);
    assert_true(site_got(&site, "HTTP/1.1 408 Request Timeout\r\n"));
    site_close(&site);
}

static void a_slow_body_is_told_so(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site,
                         "POST /take HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nab");
    assert_true(site.client.closed);
    assert_true(site_got(&site, "HTTP/1.1 408 Request Timeout\r\n"));
    assert_int_equal(site.n_calls, 0);
    site_close(&site);
}

static void an_idle_connection_is_closed_without_a_word(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "HEAD /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    assert_true(site.client.closed);
    assert_false(site_got(&site, "408"));
    assert_true(site_got(&site, "200 OK"));
    site_close(&site);
}

/* The idle time passes while the client still takes its answer; a second, silent
 * connection is the clock: when it is cut, the time is over. */
static void an_idle_connection_stays_while_its_answer_leaves(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.idle_ms = limits.head_ms = 1;
    struct site site;
    struct site_client other;
    site_open(&site, &limits);
    loop_tcp_pause(site.client.tcp);
    site_send(&site.client, "GET /large HTTP/1.1\r\n" HOST "\r\n");
    site_open_client(&site, &other, &site_client_limits);
    other.keeps_running = true;
    other.wakes = &site.client;
    loop_run(site.loop);
    assert_true(site.client.closed && other.closed);
    assert_true(builder_bytes(&site.client.got).len > 800000);
    assert_string_equal(site.bodies, "2;");
    site_close(&site);
    builder_finish(&other.got);
}

static void a_silent_connection_is_closed_without_a_word(void **state)
{
    (void)state;
    struct site site;
    run_with_short_times(&site, "");
    assert_true(site.client.closed);
    assert_int_equal(builder_bytes(&site.client.got).len, 0);
    site_close(&site);
}

static void a_client_that_takes_nothing_is_cut(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.stall_ms = 1;
    struct site site;
    site_open(&site, &limits);
    loop_tcp_pause(site.client.tcp);
    site_send(&site.client, "GET /stall HTTP/1.1\r\n" HOST "\r\n");
    loop_run(site.loop); /* stopped by on_gone */
    assert_int_equal(site.n_gone, 1);
    assert_int_equal(http_h1_server_stats(site.server).n_connections, 0);
    site_close(&site);
}

static void a_draining_server_ends_after_the_answer(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /drain HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    assert_true(site_got(&site, "Connection: close\r\n"));
    assert_true(site_got(&site, "\r\n\r\nlast"));
    assert_string_equal(site.bodies, "");
    site_close(&site);
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

static void draining_closes_idle_connections(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "HEAD /hello/1 HTTP/1.1\r\n" HOST "\r\n");
    site_run_with_timer(&site, drain_when_answered);
    assert_true(site.client.closed);
    assert_false(site_got(&site, "Connection: close"));
    site_close(&site);
}

static void drain_then_ask(void *ctx)
{
    struct site *site = ctx;
    http_h1_server_drain(site->server);
    site_send(&site->client, "GET /hello/1 HTTP/1.1\r\n" HOST "\r\n");
}

static void draining_lets_a_new_connection_ask_once(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_run_with_timer(&site, drain_then_ask);
    assert_true(site.client.closed);
    assert_true(site_got(&site, "Connection: close\r\n"));
    assert_true(site_got(&site, "\r\n\r\nhello"));
    site_close(&site);
}

static void drain_at_once(void *ctx)
{
    struct site *site = ctx;
    http_h1_server_drain(site->server);
}

static void draining_waits_for_no_connection_that_is_silent(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    site_run_with_timer(&site, drain_at_once);
    assert_true(site.client.closed);
    assert_int_equal(builder_bytes(&site.client.got).len, 0);
    site_close(&site);
}

static void a_full_server_refuses(void **state)
{
    (void)state;
    struct http_limits limits = http_h1_default_limits;
    limits.connections_max = 0;
    struct site site;
    site_open(&site, &limits);
    loop_run(site.loop);
    assert_true(site.client.closed);
    struct http_stats stats = http_h1_server_stats(site.server);
    assert_int_equal(stats.n_refused, 1);
    site_close(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(draining_lets_a_new_connection_ask_once),
        cmocka_unit_test(draining_waits_for_no_connection_that_is_silent),
        cmocka_unit_test(a_full_server_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
