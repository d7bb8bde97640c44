/* The state of a show at a media time, as anybody may ask for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kit/shop.h"

static int setup(void **state)
{
    int failed = house_setup(state);
    (void)shop_make_show(*state, "spring");
    shop_make_product(*state, "SKU-1", "Satin lipstick");
    return failed;
}

static void tells_of_a_show_that_has_not_begun(void **state)
{
    for (unsigned lane = 0; lane < 2; lane++) {
        struct answer answer =
            client_ask(*state, lane, "GET /live/spring/state", NULL, NULL);
        assert_int_equal(answer.status, 200);
        assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
        assert_string_equal(client_header(&answer, "Cache-Control"), "no-store");
        client_assert_field(&answer, "v", "1");
        client_assert_field(&answer, "show", "spring");
        client_assert_field(&answer, "title", "Spring sale");
        client_assert_field(&answer, "host", "null");
        client_assert_field(&answer, "state", "ready");
        client_assert_field(&answer, "live", "false");
        client_assert_field(&answer, "t", "0");
        client_assert_field(&answer, "edge_ms", "0");
        client_assert_field(&answer, "anchor_ms", "0");
        client_assert_field(&answer, "viewers", "0");
        client_assert_field(&answer, "b", "0");
        assert_non_null(strstr(answer.body, "\"cards\":[]"));
        assert_non_null(strstr(answer.body, "\"i\":\"SKU-1\""));
        client_free(&answer);
    }
}

static void tells_which_cards_were_up_at_a_time(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "summer");
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4400);
    shop_await_state(house, 0, "summer", SHOW_LIVE);
    struct answer cue = client_call(house, 0, "POST /api/shows/summer/cues",
                                    "{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"one\"}");
    assert_int_equal(cue.status, 201);
    long long time_ms = atoll(client_field(&cue, "media_time_ms"));
    client_free(&cue);
    for (int after = 0; after < 2; after++) {
        char request[96];
        long long t = time_ms - 1 + after;
        (void)snprintf(request, sizeof request, "GET /live/summer/state?t=%lld", t);
        struct answer answer = client_ask(house, 1, request, NULL, NULL);
        assert_int_equal(answer.status, 200);
        assert_int_equal(atoll(client_field(&answer, "t")), t);
        client_assert_field(&answer, "state", "live");
        client_assert_field(&answer, "live", "true");
        assert_int_equal(strstr(answer.body, "\"c\":\"one\"") != NULL, after);
        client_free(&answer);
    }
    encoder_close(&encoder);
}

static void refuses_times_that_are_none(void **state)
{
    static const char *const requests[] = {
        "GET /live/spring/state?t=x",
        "GET /live/spring/state?t=",
        "GET /live/spring/state?t=-1",
        "GET /live/spring/state?t=1.5",
        "GET /live/spring/state?t=9223372036854775807",
        "GET /live/spring/state?t=99999999999999999999"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct answer answer = client_ask(*state, 0, requests[i], NULL, NULL);
        assert_int_equal(answer.status, 400);
        assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
        client_free(&answer);
    }
}

static void takes_the_largest_time_there_is(void **state)
{
    struct answer answer = client_ask(
        *state, 0, "GET /live/spring/state?t=102481911520608620", NULL, NULL);
    assert_int_equal(answer.status, 200);
    client_free(&answer);
}

static void says_404_for_a_show_that_is_not_known(void **state)
{
    struct answer answer = client_ask(*state, 0, "GET /live/autumn/state", NULL, NULL);
    assert_int_equal(answer.status, 404);
    assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
    client_free(&answer);
}

static void survives_clients_that_go_before_the_answer(void **state)
{
    struct house *house = *state;
    for (unsigned i = 0; i < 20; i++) {
        struct client client;
        client_open(&client, house, house_other_lane(house, "spring"));
        client_send(&client, "GET /live/spring/state", NULL, NULL);
        client_close(&client);
    }
    tells_of_a_show_that_has_not_begun(state);
}

/* A run sheet as long and as wordy as it may be. */
static void tells_a_run_sheet_of_any_length(void **state)
{
    struct house *house = *state;
    char title[PRODUCT_TITLE_MAX * 2 + 1] = "";
    for (int i = 0; i < PRODUCT_TITLE_MAX; i++)
        (void)strcat(title, "<");
    for (int i = 0; i < SHOW_RUN_SHEET_MAX; i++) {
        char sku[PRODUCT_SKU_MAX + 1];
        (void)snprintf(sku, sizeof sku, "%064d", i);
        shop_make_product(house, sku, title);
    }
    struct answer answer = client_ask(house, 1, "GET /live/spring/state", NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_true(answer.len > (size_t)SHOW_RUN_SHEET_MAX * PRODUCT_TITLE_MAX * 6);
    client_free(&answer);
}

#define OPEN(test) cmocka_unit_test_setup_teardown(test, setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(tells_of_a_show_that_has_not_begun),
        OPEN(tells_which_cards_were_up_at_a_time),
        OPEN(refuses_times_that_are_none),
        OPEN(takes_the_largest_time_there_is),
        OPEN(says_404_for_a_show_that_is_not_known),
        OPEN(survives_clients_that_go_before_the_answer),
        OPEN(tells_a_run_sheet_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
