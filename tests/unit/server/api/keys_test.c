/* Stream keys through the API, and at the door: who gets in with which, and what those
 * who do not are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/loop/loop.h"
#include "server/show/show.h"
#include "tests/unit/server/api/keyring.h"

static void assert_cut(struct encoder *encoder, const char *words)
{
    encoder_await_end(encoder);
    assert_string_equal(encoder_status(encoder), words);
    encoder_close(encoder);
}

/* ---- making and listing ---- */

static void a_new_show_has_one_key(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    struct answer answer = client_call(house, 1, "GET /api/shows/spring/keys", NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "{\"keys\":[{\"id\":\"k1\",\"label\":\"\","
                                        "\"created_ms\":"));
    assert_non_null(strstr(answer.body,
                           ",\"last_used_ms\":null,\"not_before_ms\":null,"
                           "\"expires_ms\":null,\"one_time\":false,\"used\":false,"
                           "\"cues\":false}]}"));
    client_free(&answer);
}

static void a_key_keeps_what_was_said_of_it_over_a_restart(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    (void)keyring_make(house, &show,
                       "{\"label\":\"Ann's phone\",\"not_before_ms\":4102444800000,"
                       "\"expires_ms\":4102448400000,\"one_time\":true,\"cues\":true}");
    house_restart(house);
    struct answer answer = client_call(house, 1, "GET /api/shows/spring/keys", NULL);
    assert_non_null(strstr(answer.body, "{\"id\":\"k2\",\"label\":\"Ann's phone\""));
    assert_non_null(strstr(answer.body,
                           ",\"not_before_ms\":4102444800000,"
                           "\"expires_ms\":4102448400000,\"one_time\":true,"
                           "\"used\":false,\"cues\":true}"));
    client_free(&answer);
}

static void tells_the_secret_once(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key key = keyring_make(house, &show, NULL);
    static const char *const calls[] = {"GET /api/shows/spring/keys",
                                        "GET /api/shows/spring", "GET /api/shows",
                                        "GET /live/spring/state"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct answer answer = client_call(house, 0, calls[i], NULL);
        assert_int_equal(answer.status, 200);
        assert_null(strstr(answer.body, strchr(key.secret, '_')));
        client_free(&answer);
    }
}

static void a_new_key_comes_with_all_ways_to_use_it(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    struct answer answer = client_ask(house, 0, "POST /api/shows/spring/keys",
                                      "Authorization: Bearer " HOUSE_TOKEN "\r\n"
                                      "X-Forwarded-Proto: https\r\n",
                                      "{\"label\":\"phone\"}");
    assert_int_equal(answer.status, 201);
    assert_string_equal(client_header(&answer, "Cache-Control"), "no-store");
    char link[512], secret[128], url[128];
    (void)snprintf(secret, sizeof secret, "%s", client_field(&answer, "stream_key"));
    (void)snprintf(url, sizeof url, "%s", client_field(&answer, "rtmp_url"));
    assert_non_null(strstr(url, "rtmp://"));
    assert_string_equal(url + strlen(url) - 5, "/live");
    (void)snprintf(link, sizeof link,
                   "%%2Flive%%2F%s&conn[][name]=Spring%%20sale"
                   "&conn[][overwrite]=on",
                   secret);
    const char *larix = client_field(&answer, "larix_url");
    assert_ptr_equal(strstr(larix, "larix://set/v1?conn[][url]=rtmp%3A%2F%2F"), larix);
    assert_non_null(strstr(larix, link));
    assert_non_null(strstr(answer.body, ",\"rtmps_url\":null,"));
    assert_non_null(strstr(answer.body, ",\"qr\":{\"rtmp\":\"\\u003csvg "));
    assert_non_null(strstr(answer.body, ",\"larix\":\"\\u003csvg "));
    client_free(&answer);
}

static void refuses_what_no_key_can_be(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *body, *words;
    } wrong[] = {
        {"{\"name\":\"x\"}", "name: there is no such field"},
        {"{\"label\":7}", "label: must be a text"},
        {"{\"label\":\"0123456789012345678901234567890123456789x\"}", "label: at most"},
        {"{\"one_time\":\"yes\"}", "one_time: must be true or false"},
        {"{\"cues\":1}", "cues: must be true or false"},
        {"{\"expires_ms\":1700000000000}", "expires_ms: lies in the past"},
        {"{\"expires_ms\":1.5}", "expires_ms: must be a whole number"},
        {"{\"expires_ms\":-1}", "expires_ms: must be a whole number"},
        {"{\"not_before_ms\":4102444800000,\"expires_ms\":4102444800000}",
         "expires_ms: lies before not_before_ms"},
        {"{\"expires_ms\":253402300800000}", "expires_ms: at most"},
    };
    (void)shop_make_show(house, "spring");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        keyring_assert_call(house, "POST /api/shows/spring/keys", wrong[i].body, 422,
                            wrong[i].words);
    keyring_assert_call(house, "POST /api/shows/none/keys", NULL, 404, "no such show");
    keyring_assert_call(house, "GET /api/shows/none/keys", NULL, 404, "no such show");
    keyring_assert_call(house, "DELETE /api/shows/none/keys/k1", NULL, 404,
                        "no such show");
    keyring_assert_call(house, "DELETE /api/shows/spring/keys/k2", NULL, 404,
                        "no such key");
    keyring_assert_call(house, "DELETE /api/shows/spring/keys/1", NULL, 404,
                        "no such key");
}

static void a_show_has_eight_keys_at_most(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    for (int i = 0; i < 7; i++)
        (void)keyring_make(house, &show, NULL);
    keyring_assert_call(house, "POST /api/shows/spring/keys", NULL, 429,
                        "delete one first");
    keyring_delete(house, &show, "k3");
    assert_string_equal(keyring_make(house, &show, NULL).id, "k9");
}

/* ---- at the door ---- */

static void every_key_of_a_show_opens(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key second = keyring_make(house, &show, NULL);
    struct encoder encoder;
    keyring_open(&encoder, house, 0, second.secret);
    encoder_close(&encoder);
    keyring_open(&encoder, house, 1, show.key);
    encoder_close(&encoder);
}

static bool was_used(struct show_hub *hub, void *ctx)
{
    struct show_record *record =
        show_directory_find_show(hub->directory, bytes_text("spring"));
    return record->row.keys[*(size_t *)ctx].last_used_ms != 0;
}

static void knows_when_a_key_was_used(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key second = keyring_make(house, &show, NULL);
    struct encoder encoder;
    size_t index = 1;
    keyring_open(&encoder, house, 0, second.secret);
    house_await(house, 0, was_used, &index);
    encoder_close(&encoder);
    struct answer answer = client_call(house, 0, "GET /api/shows/spring/keys", NULL);
    assert_non_null(strstr(answer.body, "\"id\":\"k2\""));
    assert_null(strstr(strstr(answer.body, "\"id\":\"k2\""), "\"last_used_ms\":null"));
    client_free(&answer);
}

static void a_deleted_key_cuts_its_encoder_and_tells_its_holders(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key second = keyring_make(house, &show, NULL);
    struct encoder encoder;
    keyring_open(&encoder, house, 0, second.secret);
    keyring_delete(house, &show, "k1"); /* another's */
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    keyring_delete(house, &show, second.id);
    assert_cut(&encoder, "This key was revoked.");
    keyring_assert_refused(house, 0, second.secret, "This key was revoked.");
    keyring_assert_refused(house, 1, second.secret, "This key was revoked.");
    second.secret[strlen(second.secret) - 1] ^= 1;
    keyring_assert_refused(
        house, 1, second.secret,
        "Stream key not recognised. Check that all of it was copied, or make "
        "a new one.");
}

static void a_key_opens_in_its_time_only(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key early =
        keyring_make(house, &show, "{\"not_before_ms\":4102444800000}");
    keyring_assert_refused(house, 0, early.secret,
                           "This key is valid from 2100-01-01 00:00 UTC.");
    struct keyring_key late =
        keyring_make(house, &show, "{\"expires_ms\":4102444800000}");
    struct encoder encoder;
    keyring_open(&encoder, house, 0, late.secret);
    encoder_close(&encoder);
}

static void read_wall(struct show_hub *hub, void *ctx)
{
    *(int64_t *)ctx = loop_wall_ms(hub->loop);
}

/* Tried until its time is over: who came before is on air and stays. */
static void a_key_that_expires_lets_nobody_in_any_more(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    int64_t wall_ms;
    char body[64];
    char status[64];
    house_run(house, 0, read_wall, &wall_ms);
    (void)snprintf(body, sizeof body, "{\"expires_ms\":%lld}",
                   (long long)wall_ms + 1500);
    struct keyring_key key = keyring_make(house, &show, body);
    keyring_open(&encoder, house, 0, key.secret);
    for (int64_t now_ms = 0; now_ms < wall_ms + 1500;)
        house_run(house, 0, read_wall, &now_ms);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    struct encoder late;
    encoder_open(&late, house, 1, key.secret);
    assert_int_equal(encoder_state(&late), RTMP_CLIENT_REFUSED);
    (void)snprintf(status, sizeof status, "%.20s", encoder_status(&late));
    assert_string_equal(status, "This key expired at ");
    encoder_close(&late);
    encoder_close(&encoder);
}

/* ---- away with an encoder ---- */

static void a_kicked_encoder_is_told_why_and_kept_out_for_a_while(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct keyring_key second = keyring_make(house, &show, NULL);
    struct encoder encoder;
    encoder_go_live(&encoder, house, second.secret, 4000);
    shop_await_state(house, 1, "spring", SHOW_LIVE);
    keyring_assert_call(house, "POST /api/shows/spring/kick",
                        "{\"reason\":\"wrong camera\"}", 200, "\"publisher\":null");
    assert_cut(&encoder, "The host stopped this encoder: wrong camera.");
    encoder_open(&encoder, house, 1, second.secret);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_ptr_equal(
        strstr(encoder_status(&encoder),
               "The host stopped this encoder: wrong camera. Try again in "),
        encoder_status(&encoder));
    encoder_close(&encoder);
    keyring_open(&encoder, house, 0, show.key);
    encoder_close(&encoder);
    keyring_a_minute_later(house, "spring");
    keyring_open(&encoder, house, 0, second.secret);
    encoder_close(&encoder);
}

static void an_encoder_that_rehearses_is_kicked_too(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    char key[160];
    (void)snprintf(key, sizeof key, "%s?test=1", show.key);
    keyring_open(&encoder, house, 0, key);
    keyring_assert_call(house, "POST /api/shows/spring/kick", NULL, 200,
                        "\"id\":\"spring\"");
    assert_cut(&encoder, "The host stopped this encoder.");
    encoder_open(&encoder, house, 0, show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    encoder_close(&encoder);
}

static void a_kick_needs_somebody_and_words_that_encoders_show(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    static const char long_reason[] =
        "{\"reason\":\"0123456789012345678901234567890123456789012345678901234567890123"
        "4567890123456789012345678901234567890\"}";
    keyring_assert_call(house, "POST /api/shows/spring/kick", NULL, 409,
                        "Nobody is publishing");
    keyring_assert_call(house, "POST /api/shows/none/kick", NULL, 404, "no such show");
    keyring_assert_call(house, "POST /api/shows/spring/kick",
                        "{\"reason\":\"caf\xc3\xa9\"}", 422, "reason: only ASCII");
    keyring_assert_call(house, "POST /api/shows/spring/kick", long_reason, 422,
                        "reason: at most 100");
}

#define WITH_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_new_show_has_one_key),
        WITH_HOUSE(a_key_keeps_what_was_said_of_it_over_a_restart),
        WITH_HOUSE(tells_the_secret_once),
        WITH_HOUSE(a_new_key_comes_with_all_ways_to_use_it),
        WITH_HOUSE(refuses_what_no_key_can_be),
        WITH_HOUSE(a_show_has_eight_keys_at_most),
        WITH_HOUSE(every_key_of_a_show_opens),
        WITH_HOUSE(knows_when_a_key_was_used),
        WITH_HOUSE(a_deleted_key_cuts_its_encoder_and_tells_its_holders),
        WITH_HOUSE(a_key_opens_in_its_time_only),
        WITH_HOUSE(a_key_that_expires_lets_nobody_in_any_more),
        WITH_HOUSE(a_kicked_encoder_is_told_why_and_kept_out_for_a_while),
        WITH_HOUSE(an_encoder_that_rehearses_is_kicked_too),
        WITH_HOUSE(a_kick_needs_somebody_and_words_that_encoders_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
