/* Requests whose answers come later, or wait for a client that is slow to take them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/unit/server/http/site.h"

static void an_answer_may_come_later(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /hold HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hello/2 HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hold HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_string_equal(site.bodies, "2;3;");
    assert_int_equal(site.n_calls, 4);
    assert_int_equal(site.n_gone, 0);
    assert_true(site_got(&site, "\r\n\r\nheldHTTP/1.1 200 OK"));
    site_close(&site);
}

static void many_pipelined_requests_wait_in_bounds(void **state)
{
    (void)state;
    enum { N = 2000 }; /* far more than the connection keeps */
    struct site site;
    site_open(&site, NULL);
    site_send(&site.client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < N; i++)
        site_send(&site.client, "HEAD /hello/ HTTP/1.1\r\n" HOST "\r\n"
                                "HEAD /nowhere HTTP/1.1\r\n" HOST "\r\n");
    site_send(&site.client, "GET /hello/x HTTP/1.1\r\n" HOST CLOSE "\r\n");
    loop_run(site.loop);
    assert_true(site.client.closed);
    assert_string_equal(site.bodies, "x;");
    assert_int_equal(http_h1_server_stats(site.server).n_status[4], 2 * N);
    site_close(&site);
}

/* A server that keeps no more than it must stops reading; then the client's own watch for
 * a peer that takes nothing ends the connection. */
static void reading_stops_while_an_answer_is_awaited(void **state)
{
    (void)state;
    static const struct loop_tcp_limits impatient = {.queue_max = 64 << 20,
                                                     .stall_ms = 100};
    struct site site;
    struct site_client client;
    site_open(&site, NULL);
    site_open_client(&site, &client, &impatient);
    client.until_drained = true;
    site_send(&client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < 50000; i++)
        site_send(&client, "GET /hello/never HTTP/1.1\r\n" HOST "\r\n");
    loop_run(site.loop);
    assert_true(client.closed);
    assert_int_equal(client.why, ERR_LIMIT);
    assert_int_equal(site.n_calls, 1);
    site_close(&site);
    builder_finish(&client.got);
}

static void release_from_another(void *ctx)
{
    struct site *site = ctx;
    if (site->n_held == 0) {
        loop_timer_start(site->poll_timer, 1);
        return;
    }
    site_send(site->other, "GET /release HTTP/1.1\r\n" HOST CLOSE "\r\n");
    site_send(&site->client, "GET /hello/3 HTTP/1.1\r\n" HOST CLOSE "\r\n");
}

/* The held answer, and bytes behind those that wait, come in one turn of the loop. */
static void bytes_that_wait_go_before_those_that_come(void **state)
{
    (void)state;
    struct site site;
    struct site_client other;
    site_open(&site, NULL);
    site_open_client(&site, &other, &site_client_limits);
    other.keeps_running = true;
    site.other = &other;
    site_send(&site.client, "GET /hold-for-good HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hello/2 HTTP/1.1\r\n" HOST "\r\n");
    site_run_with_timer(&site, release_from_another);
    assert_true(site.client.closed);
    assert_string_equal(site.bodies, "2;3;");
    site_close(&site);
    builder_finish(&other.got);
}

static void large_answers_wait_for_the_client(void **state)
{
    (void)state;
    struct site site;
    site_run_to_end(&site, "GET /large HTTP/1.1\r\n" HOST "\r\n"
                           "GET /large HTTP/1.1\r\n" HOST "\r\n"
                           "GET /large HTTP/1.1\r\n" HOST "\r\n"
                           "GET /large HTTP/1.1\r\n" HOST "\r\n"
                           "GET /hello/end HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_int_equal(site.n_calls, 5);
    assert_true(builder_bytes(&site.client.got).len > 4 * 800000);
    struct bytes all = builder_bytes(&site.client.got);
    assert_true(bytes_equal_text(bytes_from(all, all.len - 5), "hello"));
    site_close(&site);
}

static void stop_when_called(void *ctx)
{
    struct site *site = ctx;
    if (site->n_calls > 0)
        loop_stop(site->loop);
    else
        loop_timer_start(site->poll_timer, 1);
}

static void one_large_answer_is_begun_at_a_time(void **state)
{
    (void)state;
    struct site site;
    site_open(&site, NULL);
    loop_tcp_pause(site.client.tcp); /* takes nothing */
    site_send(&site.client, "GET /large HTTP/1.1\r\n" HOST "\r\n"
                            "GET /large HTTP/1.1\r\n" HOST "\r\n"
                            "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    site_run_with_timer(&site, stop_when_called);
    assert_int_equal(site.n_calls, 1);
    site_close(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(many_pipelined_requests_wait_in_bounds),
        cmocka_unit_test(reading_stops_while_an_answer_is_awaited),
        cmocka_unit_test(bytes_that_wait_go_before_those_that_come),
        cmocka_unit_test(large_answers_wait_for_the_client),
        cmocka_unit_test(one_large_answer_is_begun_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
