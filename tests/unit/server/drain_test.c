#include "server/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "core/monotime.h"
#include "server/app.h"
#include "tests/kit/client.h"
#include "tests/kit/encoder.h"
#include "tests/kit/shop.h"

enum { LINGER_MS = 45000 };

static int setup(void **state)
{
    static struct house house;
    house_open_lingering(&house, 2, LINGER_MS);
    *state = &house;
    return 0;
}

static int teardown(void **state)
{
    house_close(*state);
    return 0;
}

static void await_drained(struct house *house)
{
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    while (!server_app_is_drained(house->app)) {
        if (monotime_ms() > until_ms)
            fail_msg("the end never came");
        (void)poll(NULL, 0, 1);
    }
}

/* Where there are no shows there is nobody to wait for: the other lane must not leave
 * before those who wait for it have their answers. */
static void answers_who_waits_for_a_show_of_another_lane(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    unsigned lane = house_other_lane(house, "spring");
    struct encoder encoder;
    struct client viewer;
    char request[128];
    encoder_go_live(&encoder, house, show.key, 2000);
    shop_await_segment(house, lane, "spring", TRACK_VIDEO, 1);
    /* There only when parts of missing media have come so far. */
    struct shop_position at = shop_position(house, lane, "spring", TRACK_VIDEO);
    (void)snprintf(request, sizeof request,
                   "GET /live/spring/video.m3u8?_HLS_msn=%llu&_HLS_part=0",
                   (unsigned long long)at.open_msn + 1);
    client_open(&viewer, house, lane);
    client_send(&viewer, request, NULL, NULL);
    shop_await_waiters(house, lane, "spring", 1);
    server_app_drain(house->app, false);
    encoder_send_until(&encoder, 3100);
    encoder_await_end(&encoder);
    await_drained(house);
    struct answer answer = client_receive(&viewer);
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.body, "#EXT-X-ENDLIST"));
    client_free(&answer);
    client_close(&viewer);
    encoder_close(&encoder);
}

static void ends_at_once_where_nobody_is(void **state)
{
    struct house *house = *state;
    server_app_drain(house->app, false);
    await_drained(house);
    assert_true(server_app_is_drained(house->app)); /* and stays so */
}

#define OPEN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(answers_who_waits_for_a_show_of_another_lane),
        OPEN(ends_at_once_where_nobody_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
