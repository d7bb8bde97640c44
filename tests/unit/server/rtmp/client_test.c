/* The publishing client of the benchmarks against the session, through memory. */
#include "tests/bench/rtmp_client.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/unit/server/rtmp/run.h"

struct fixture {
    struct run run;
    struct rtmp_client *client;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    static const uint8_t random[1536] = {1, 2, 3};
    struct rtmp_client_config config = {
        .app = "live",
        .tc_url = "rtmp://127.0.0.1/live",
        .key = "k3y",
        .chunk_size = 1000,
    };
    run_init(&fixture.run);
    fixture.client = rtmp_client_create(&config, bytes_make(random, sizeof random));
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    run_finish(&fixture->run);
    rtmp_client_destroy(fixture->client);
    return 0;
}

/* Carries bytes both ways until neither side has any. */
static void talk(struct fixture *fixture)
{
    struct buf *said;
    while ((said = rtmp_client_take_output(fixture->client))) {
        assert_int_equal(run_feed(&fixture->run, buf_bytes(said)), 0);
        buf_unref(said);
        assert_int_equal(
            rtmp_client_feed(fixture->client, run_out(&fixture->run), NULL), 0);
        run_forget_output(&fixture->run);
    }
}

static void publishes_sends_and_stops(void **state)
{
    struct fixture *fixture = *state;
    talk(fixture);
    assert_int_equal(rtmp_client_get_state(fixture->client), RTMP_CLIENT_PUBLISHING);
    uint8_t frame[2502] = {0x27, 1, 0, 0, 40};
    frame[sizeof frame - 1] = 9;
    rtmp_client_send(fixture->client, 9, 1000, bytes_make(frame, sizeof frame));
    rtmp_client_stop(fixture->client);
    talk(fixture);
    assert_string_equal(run_events(&fixture->run),
                        "publish app=live key=k3y query= "
                        "encoder=FMLE/3.0 (compatible; vitrine bench)\n"
                        "video h264 1000+40 2497:33fdb828\n"
                        "unpublish\n");
    assert_string_equal(rtmp_client_status(fixture->client), "Stopped.");
}

static void hears_why_it_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.refusal = "Stream key not recognised.";
    talk(fixture);
    assert_int_equal(rtmp_client_get_state(fixture->client), RTMP_CLIENT_REFUSED);
    assert_string_equal(rtmp_client_status(fixture->client), fixture->run.refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publishes_sends_and_stops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hears_why_it_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
