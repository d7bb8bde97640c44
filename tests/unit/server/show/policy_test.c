#include "server/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "core/monotime.h"
#include "server/show/publisher.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

static const char PHONE[] = "192.0.2.1";
static const char STUDIO[] = "198.51.100.7";
static const char TAKEN[] = "Another encoder took over this show.";

static void set_policy(struct house *house, const char *body, int status)
{
    struct answer answer = client_call(house, 1, "PATCH /api/shows/spring", body);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

/* On air from an address, with media. */
static void go_on_air(struct encoder *encoder, struct house *house, const char *key,
                      const char *address)
{
    encoder_open_from(encoder, house, 0, key, address);
    assert_int_equal(encoder_state(encoder), RTMP_CLIENT_PUBLISHING);
    encoder_send_headers(encoder);
    encoder_send_until(encoder, 2000);
}

static void assert_refused(struct house *house, const char *key, const char *address,
                           const char *words)
{
    struct encoder encoder;
    encoder_open_from(&encoder, house, 1, key, address);
    encoder_await_end(&encoder);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

static void takes_over_three_times_and_then_keeps_who_is_on_air(void **state)
{
    struct house *house = *state;
    struct encoder encoders[4];
    struct shop_show show = shop_make_show(house, "spring");
    for (unsigned i = 0; i < 4; i++) {
        go_on_air(&encoders[i], house, show.key, i % 2 ? STUDIO : PHONE);
        if (i == 0)
            continue;
        encoder_await_end(&encoders[i - 1]);
        assert_string_equal(encoder_status(&encoders[i - 1]), TAKEN);
        encoder_close(&encoders[i - 1]);
    }
    assert_refused(house, show.key, PHONE,
                   "Two encoders keep taking this show from each other. Stop one of "
                   "them, or wait 30 s.");
    /* Who is on air may come back. */
    encoder_close(&encoders[3]);
    go_on_air(&encoders[3], house, show.key, STUDIO);
    encoder_close(&encoders[3]);
}

static void lets_one_encoder_come_back_again_and_again(void **state)
{
    struct house *house = *state;
    struct encoder encoders[6];
    struct shop_show show = shop_make_show(house, "spring");
    for (unsigned i = 0; i < 6; i++) {
        go_on_air(&encoders[i], house, show.key, PHONE);
        if (i > 0)
            encoder_close(&encoders[i - 1]);
    }
    encoder_close(&encoders[5]);
}

static void rejects_the_second_when_the_show_wants_it(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "spring");
    set_policy(house, "{\"policy\":\"reject\"}", 200);
    go_on_air(&encoder, house, show.key, PHONE);
    assert_refused(house, show.key, STUDIO,
                   "Another encoder is already live on this show (policy: reject).");
    encoder_close(&encoder);
    go_on_air(&encoder, house, show.key, STUDIO);
    encoder_close(&encoder);
}

static bool is_quiet(struct show_hub *hub, void *ctx)
{
    return show_publisher_is_quiet(show_hub_show(hub, bytes_text(ctx))->publisher);
}

static void takes_over_from_a_silent_one_though_it_rejects(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct encoder silent, encoder;
    struct shop_show show = shop_make_show(house, id);
    set_policy(house, "{\"policy\":\"reject\"}", 200);
    go_on_air(&silent, house, show.key, PHONE);
    shop_await_segment(house, 0, id, TRACK_VIDEO, 1);
    house_await(house, house_lane_of(house, id), is_quiet, id);
    go_on_air(&encoder, house, show.key, STUDIO);
    encoder_await_end(&silent);
    assert_string_equal(encoder_status(&silent), TAKEN);
    encoder_close(&silent);
    encoder_close(&encoder);
}

struct look {
    const char *id;
    bool is_quiet;
};

static void look_whether_quiet(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    struct show *show = show_hub_show(hub, bytes_text(look->id));
    look->is_quiet = show_publisher_is_quiet(show->publisher);
}

/* Its connection lives, and it sends all the time. */
static void takes_over_from_one_whose_media_cannot_be_shown(void **state)
{
    struct house *house = *state;
    struct encoder headless, encoder;
    struct look look = {.id = "spring"};
    uint32_t sent_ms = 0;
    struct shop_show show = shop_make_show(house, look.id);
    set_policy(house, "{\"policy\":\"reject\"}", 200);
    encoder_open_from(&headless, house, 0, show.key, PHONE);
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    while (!look.is_quiet) {
        assert_true(monotime_ms() < until_ms);
        encoder_send_until(&headless, sent_ms += 40);
        (void)poll(NULL, 0, 20);
        house_run(house, house_lane_of(house, look.id), look_whether_quiet, &look);
    }
    go_on_air(&encoder, house, show.key, STUDIO);
    encoder_close(&headless);
    encoder_close(&encoder);
}

static void keeps_its_policy_over_a_restart(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    set_policy(house, "{\"policy\":\"reject\"}", 200);
    house_restart(house);
    struct answer answer = client_call(house, 0, "GET /api/shows/spring", NULL);
    assert_string_equal(client_field(&answer, "policy"), "reject");
    client_free(&answer);
}

static void knows_two_policies_only(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    set_policy(house, "{\"policy\":\"newest\"}", 422);
    set_policy(house, "{\"policy\":\"takeover\"}", 200);
    set_policy(house, "{\"policy\":null}", 422);
}

static const char UNKNOWN[] =
    "Stream key not recognised. Check that all of it was copied, or make a new one.";

/* The loops count together. */
static void blocks_an_address_that_tries_keys(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "spring");
    for (int i = 0; i < 10; i++)
        assert_refused(house, "spring_aaaabbbbccccddddeeeeffff2", STUDIO, UNKNOWN);
    assert_refused(house, show.key, STUDIO,
                   "Too many wrong stream keys came from your address; wait a minute "
                   "and check the key.");
    go_on_air(&encoder, house, show.key, PHONE);
    encoder_close(&encoder);
    for (int i = 0; i < 12; i++) {
        encoder_open(&encoder, house, 0, "spring_aaaabbbbccccddddeeeeffff2");
        assert_string_equal(encoder_status(&encoder), UNKNOWN);
        encoder_close(&encoder);
    }
}

static void lets_a_show_on_air_come_back_from_a_blocked_address(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "spring");
    encoder_open_from(&encoder, house, 0, show.key, STUDIO);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_state(house, lane, "spring", SHOW_LIVE);
    for (int i = 0; i < 10; i++)
        assert_refused(house, "spring_aaaabbbbccccddddeeeeffff2", STUDIO, UNKNOWN);
    encoder_close(&encoder);
    go_on_air(&encoder, house, show.key, STUDIO);
    encoder_close(&encoder);
}

static void add_connections(struct show_hub *hub, void *ctx)
{
    hub->n_publishers += *(unsigned *)ctx;
}

static void remove_connections(struct show_hub *hub, void *ctx)
{
    hub->n_publishers -= *(unsigned *)ctx;
}

static void says_that_it_is_full_as_soon_as_somebody_connects(void **state)
{
    struct house *house = *state;
    unsigned n = PUBLISHERS_PER_HUB_MAX;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "spring");
    house_run(house, 1, add_connections, &n);
    assert_refused(house, show.key, PHONE, "The server is full; try again in 30 s.");
    house_run(house, 1, remove_connections, &n);
    encoder_open_from(&encoder, house, 1, show.key, PHONE);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
}

#define ON_AIR(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(takes_over_three_times_and_then_keeps_who_is_on_air),
        ON_AIR(lets_one_encoder_come_back_again_and_again),
        ON_AIR(rejects_the_second_when_the_show_wants_it),
        ON_AIR(takes_over_from_a_silent_one_though_it_rejects),
        ON_AIR(takes_over_from_one_whose_media_cannot_be_shown),
        ON_AIR(keeps_its_policy_over_a_restart),
        ON_AIR(knows_two_policies_only),
        ON_AIR(blocks_an_address_that_tries_keys),
        ON_AIR(lets_a_show_on_air_come_back_from_a_blocked_address),
        ON_AIR(says_that_it_is_full_as_soon_as_somebody_connects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
