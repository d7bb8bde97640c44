/* One-time keys: good for one encoder at a time and one run of the show, which outlives
 * connections and the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/show.h"
#include "tests/unit/server/api/keyring.h"

static void a_one_time_key_opens_for_one_encoder_and_one_run(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    keyring_open(&encoder, house, 0, key.secret);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    keyring_assert_refused(house, 0, key.secret,
                           "This key is in use by another encoder.");
    keyring_assert_refused(house, 1, key.secret,
                           "This key is in use by another encoder.");
    client_expect(house, 1, "POST /api/shows/spring/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    keyring_a_minute_later(house, "spring");
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
    keyring_open(&encoder, house, 0, show.key);
    encoder_close(&encoder);
}

static bool has_no_publisher(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    return !show->publisher;
}

static void lose(struct house *house, struct encoder *encoder)
{
    char id[] = "spring";
    encoder_close(encoder);
    house_await(house, house_lane_of(house, id), has_no_publisher, id);
}

static void
a_phone_comes_back_with_its_one_time_key_while_the_show_lingers(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    keyring_open(&encoder, house, 0, key.secret);
    lose(house, &encoder); /* before anything was on air */
    keyring_open(&encoder, house, 1, key.secret);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    lose(house, &encoder);
    keyring_open(&encoder, house, 1, key.secret);
    encoder_close(&encoder);
}

/* Killed right after the accept: the mark is on the disk, and shows here do not linger. */
static void a_crash_does_not_make_a_one_time_key_new(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    keyring_open(&encoder, house, 0, key.secret);
    house_crash(house);
    encoder_close(&encoder);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
}

static void go_live(struct encoder *encoder, struct house *house, const char *key)
{
    keyring_open(encoder, house, 0, key);
    encoder_send_headers(encoder);
    encoder_send_until(encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
}

static void assert_opens(struct house *house, const char *key)
{
    struct encoder encoder;
    keyring_open(&encoder, house, 1, key);
    lose(house, &encoder);
}

static void end(struct house *house)
{
    client_expect(house, 1, "POST /api/shows/spring/end", NULL, 200);
    keyring_a_minute_later(house, "spring");
}

static void a_one_time_key_opens_behind_a_restart_until_its_run_ends(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, key.secret);
    for (int i = 0; i < 2; i++) {
        house_restart(house);
        assert_opens(house, key.secret);
    }
    encoder_close(&encoder);
    end(house);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
    house_restart(house);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
}

static void after_a_crash_only_keys_of_the_run_that_lingers_open(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key before = keyring_make(house, &show, "{\"one_time\":true}");
    struct keyring_key now = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, before.secret);
    end(house);
    encoder_close(&encoder);
    go_live(&encoder, house, now.secret);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    keyring_assert_refused(house, 0, before.secret, "This key was used already.");
    assert_opens(house, now.secret);
}

static void pass_linger(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->away_at_ms -= hub->house->linger_ms;
}

static void a_linger_that_is_over_after_a_crash_uses_its_keys_up(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, id);
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, key.secret);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    house_run(house, house_lane_of(house, id), pass_linger, id);
    shop_await_state(house, 1, id, SHOW_ENDED);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
    house_restart(house);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
}

/* Killed between the commit and the first media: the run has begun, and goes on. */
static void a_one_time_key_that_was_never_live_opens_behind_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    keyring_open(&encoder, house, 0, key.secret);
    house_crash(house);
    encoder_close(&encoder);
    assert_opens(house, key.secret);
    end(house);
    keyring_assert_refused(house, 0, key.secret, "This key was used already.");
}

static void a_one_time_key_that_rehearsed_opens_behind_a_restart(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    char test[160];
    (void)snprintf(test, sizeof test, "%s?test=1", key.secret);
    keyring_open(&encoder, house, 0, test);
    house_restart(house);
    encoder_close(&encoder);
    go_live(&encoder, house, key.secret);
    encoder_close(&encoder);
}

static void of_two_with_a_one_time_key_one_gets_in(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    for (int round = 0; round < 20; round++) {
        struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
        struct encoder two[2];
        int n_in = 0;
        for (unsigned i = 0; i < 2; i++)
            encoder_begin(&two[i], house, i, key.secret, RTMP_CLIENT_ASKING);
        for (unsigned i = 0; i < 2; i++) {
            encoder_await_answer(&two[i]);
            n_in += encoder_state(&two[i]) == RTMP_CLIENT_PUBLISHING;
            if (encoder_state(&two[i]) == RTMP_CLIENT_REFUSED)
                assert_string_equal(encoder_status(&two[i]),
                                    "This key is in use by another encoder.");
        }
        assert_int_equal(n_in, 1);
        for (unsigned i = 0; i < 2; i++)
            encoder_close(&two[i]);
        keyring_delete(house, &show, key.id);
    }
}

static void a_one_time_key_may_rehearse_and_go_on_air(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    char test[160];
    (void)snprintf(test, sizeof test, "%s?test=1", key.secret);
    keyring_open(&encoder, house, 0, test);
    keyring_assert_refused(house, 1, key.secret,
                           "This key is in use by another encoder.");
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    keyring_assert_call(house, "POST /api/shows/spring/live", NULL, 200,
                        "\"id\":\"spring\"");
    encoder_send_until(&encoder, 9000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    encoder_close(&encoder);
}

#define WITH_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)
#define LINGERING(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_one_time_key_opens_for_one_encoder_and_one_run),
        LINGERING(a_phone_comes_back_with_its_one_time_key_while_the_show_lingers),
        WITH_HOUSE(a_crash_does_not_make_a_one_time_key_new),
        LINGERING(a_one_time_key_opens_behind_a_restart_until_its_run_ends),
        LINGERING(after_a_crash_only_keys_of_the_run_that_lingers_open),
        LINGERING(a_linger_that_is_over_after_a_crash_uses_its_keys_up),
        LINGERING(a_one_time_key_that_was_never_live_opens_behind_a_crash),
        LINGERING(a_one_time_key_that_rehearsed_opens_behind_a_restart),
        WITH_HOUSE(of_two_with_a_one_time_key_one_gets_in),
        WITH_HOUSE(a_one_time_key_may_rehearse_and_go_on_air),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
