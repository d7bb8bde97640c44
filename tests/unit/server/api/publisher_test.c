/* A publisher's figures and findings over the API, on any loop, from encoders that do
 * things wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/monotime.h"
#include "tests/kit/shop.h"

enum { SEND_STEP_MS = 30 };

/* At the encoder's pace until the call's answer has the words; the test's loop is the
 * encoder's clock. */
static struct answer publish_until(struct house *house, struct encoder *encoder,
                                   const char *request, const char *words)
{
    int64_t begin_ms = monotime_ms();
    for (;;) {
        int64_t age_ms = monotime_ms() - begin_ms;
        encoder_send_until(encoder, (uint32_t)age_ms + SEND_STEP_MS);
        for (unsigned lane = 0; lane < house->n_lanes; lane++) {
            struct answer answer = client_call(house, lane, request, NULL);
            if (answer.status == 200 && strstr(answer.body, words))
                return answer;
            if (age_ms > HOUSE_PATIENCE_MS)
                fail_msg("no %s in %s", words, answer.body);
            client_free(&answer);
        }
    }
}

static void is_not_there_off_air_or_for_others(void **state)
{
    struct house *house = *state;
    shop_make_show(house, "quiet");
    struct answer answer =
        client_call(house, 0, "GET /api/shows/quiet/publisher", NULL);
    assert_int_equal(answer.status, 404);
    assert_non_null(strstr(answer.body, "Nobody publishes"));
    client_free(&answer);
    answer = client_call(house, 0, "GET /api/shows/nobody/publisher", NULL);
    assert_int_equal(answer.status, 404);
    assert_non_null(strstr(answer.body, "no such show"));
    client_free(&answer);
    answer = client_ask(house, 0, "GET /api/shows/quiet/publisher", NULL, NULL);
    assert_int_equal(answer.status, 401);
    client_free(&answer);
    answer = client_call(house, 0, "GET /api/shows/quiet", NULL);
    assert_non_null(strstr(answer.body, "\"findings\":[]"));
    client_free(&answer);
}

static void tells_who_publishes_and_how(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "figures");
    encoder_open(&encoder, house, 0, show.key);
    encoder_send_headers(&encoder);
    struct answer answer = publish_until(
        house, &encoder, "GET /api/shows/figures/publisher", "\"keyframe_ms\":1001");
    assert_string_equal(client_field(&answer, "key_id"), "k1");
    assert_string_equal(client_field(&answer, "role"), "primary");
    assert_string_equal(client_field(&answer, "address"), "local");
    assert_non_null(strstr(answer.body, "\"key_show\":null,\"max_kbps\":null,"
                                        "\"expires_ms\":null"));
    assert_string_equal(client_field(&answer, "width"), "64");
    assert_string_equal(client_field(&answer, "height"), "36");
    assert_string_equal(client_field(&answer, "b_frames"), "2");
    assert_string_equal(client_field(&answer, "reconnects"), "0");
    assert_string_equal(client_field(&answer, "sample_rate"), "44100");
    assert_string_equal(client_field(&answer, "jumps"), "0");
    assert_null(strstr(answer.body, show.key));
    client_free(&answer);
    encoder_close(&encoder);
}

/* Before it counts is when the host can still do something. */
static void tells_the_same_of_a_rehearsal(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    char key[160];
    struct shop_show show = shop_make_show(house, "rehearsed");
    (void)snprintf(key, sizeof key, "%s?test=1", show.key);
    encoder_open(&encoder, house, 0, key);
    encoder.no_audio = true;
    encoder_send_headers(&encoder);
    struct answer answer = publish_until(house, &encoder, "GET /api/shows/rehearsed",
                                         "\"code\":\"sound_missing\"");
    assert_non_null(strstr(answer.body, "\"publisher\":null"));
    client_free(&answer);
    answer = client_call(house, 1, "GET /api/shows/rehearsed/publisher", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(client_field(&answer, "role"), "test");
    client_free(&answer);
    encoder_close(&encoder);
}

static void lets_the_host_look(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    char headers[256];
    struct shop_show show = shop_make_show(house, "hosted");
    encoder_open(&encoder, house, 0, show.key);
    encoder_send_headers(&encoder);
    struct answer answer = publish_until(
        house, &encoder, "GET /api/shows/hosted/publisher", "\"session\":");
    client_free(&answer);
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n",
                   show.host_token);
    answer = client_ask(house, 1, "GET /api/shows/hosted/publisher", headers, NULL);
    assert_int_equal(answer.status, 200);
    client_free(&answer);
    encoder_close(&encoder);
}

static void tells_sound_that_does_not_come(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "mute");
    encoder_open(&encoder, house, 0, show.key);
    encoder.no_audio = true;
    encoder_send_headers(&encoder);
    struct answer answer = publish_until(house, &encoder, "GET /api/shows/mute",
                                         "\"code\":\"sound_missing\"");
    assert_non_null(strstr(answer.body, "Check the microphone"));
    client_free(&answer);
    encoder_close(&encoder);
}

/* Nothing goes live then, which must not look good. */
static void calls_stamps_that_stand_still_a_problem(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "still");
    encoder_open(&encoder, house, 0, show.key);
    encoder.stamps_stand = true;
    encoder_send_headers(&encoder);
    struct answer answer =
        publish_until(house, &encoder, "GET /api/shows/still",
                      "\"health\":{\"level\":\"problem\",\"text\":\"The timestamps");
    assert_non_null(strstr(answer.body, "\"code\":\"clock_still\""));
    client_free(&answer);
    encoder_close(&encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_not_there_off_air_or_for_others),
        cmocka_unit_test(tells_who_publishes_and_how),
        cmocka_unit_test(tells_the_same_of_a_rehearsal),
        cmocka_unit_test(lets_the_host_look),
        cmocka_unit_test(tells_sound_that_does_not_come),
        cmocka_unit_test(calls_stamps_that_stand_still_a_problem),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
