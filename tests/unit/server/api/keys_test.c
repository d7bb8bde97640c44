/* Stream keys through the API, and at the door: who gets in with which, and what those
 * who do not are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/loop/loop.h"
#include "server/show/show.h"
#include "tests/kit/shop.h"

struct key {
    char id[16];
    char secret[128];
};

/* By the host's token, as a host without an operations team makes it. */
static struct key make_key(struct house *house, const struct shop_show *show,
                           const char *body)
{
    struct key key;
    char headers[192];
    char request[96];
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n",
                   show->host_token);
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/keys", show->id);
    struct answer answer = client_ask(house, 1, request, headers, body);
    if (answer.status != 201)
        fail_msg("%s%s", answer.head, answer.body);
    (void)snprintf(key.id, sizeof key.id, "%s", client_field(&answer, "id"));
    (void)snprintf(key.secret, sizeof key.secret, "%s",
                   client_field(&answer, "stream_key"));
    client_free(&answer);
    return key;
}

static void delete_key(struct house *house, const struct shop_show *show,
                       const char *id)
{
    char request[96];
    (void)snprintf(request, sizeof request, "DELETE /api/shows/%s/keys/%s", show->id,
                   id);
    client_expect(house, 0, request, NULL, 204);
}

static void assert_call(struct house *house, const char *request, const char *body,
                        int status, const char *words)
{
    struct answer answer = client_call(house, 0, request, body);
    if (answer.status != status || !strstr(answer.body, words))
        fail_msg("wanted %d %s, got %s%s", status, words, answer.head, answer.body);
    client_free(&answer);
}

static void assert_refused(struct house *house, unsigned lane, const char *key,
                           const char *words)
{
    struct encoder encoder;
    encoder_open(&encoder, house, lane, key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

static void open_on_air(struct encoder *encoder, struct house *house, unsigned lane,
                        const char *key)
{
    encoder_open(encoder, house, lane, key);
    if (encoder_state(encoder) != RTMP_CLIENT_PUBLISHING)
        fail_msg("%s", encoder_status(encoder));
}

static void assert_cut(struct encoder *encoder, const char *words)
{
    encoder_await_end(encoder);
    assert_string_equal(encoder_status(encoder), words);
    encoder_close(encoder);
}

/* As if all publishers had been silent for so long, and the minute after an end was over. */
static void forget_what_was(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->closed_until_ms = 0;
    for (size_t i = 0; i < STORE_KEYS_MAX; i++)
        show->key_use.entries[i].cold_until_ms = 0;
}

static void a_minute_later(struct house *house, const char *show)
{
    char id[SHOW_ID_MAX + 1];
    (void)snprintf(id, sizeof id, "%s", show);
    house_run(house, house_lane_of(house, id), forget_what_was, id);
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
    (void)make_key(house, &show,
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
    struct key key = make_key(house, &show, NULL);
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
        assert_call(house, "POST /api/shows/spring/keys", wrong[i].body, 422,
                    wrong[i].words);
    assert_call(house, "POST /api/shows/none/keys", NULL, 404, "no such show");
    assert_call(house, "GET /api/shows/none/keys", NULL, 404, "no such show");
    assert_call(house, "DELETE /api/shows/none/keys/k1", NULL, 404, "no such show");
    assert_call(house, "DELETE /api/shows/spring/keys/k2", NULL, 404, "no such key");
    assert_call(house, "DELETE /api/shows/spring/keys/1", NULL, 404, "no such key");
}

static void a_show_has_eight_keys_at_most(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    for (int i = 0; i < 7; i++)
        (void)make_key(house, &show, NULL);
    assert_call(house, "POST /api/shows/spring/keys", NULL, 429, "delete one first");
    delete_key(house, &show, "k3");
    assert_string_equal(make_key(house, &show, NULL).id, "k9");
}

/* ---- at the door ---- */

static void every_key_of_a_show_opens(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key second = make_key(house, &show, NULL);
    struct encoder encoder;
    open_on_air(&encoder, house, 0, second.secret);
    encoder_close(&encoder);
    open_on_air(&encoder, house, 1, show.key);
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
    struct key second = make_key(house, &show, NULL);
    struct encoder encoder;
    size_t index = 1;
    open_on_air(&encoder, house, 0, second.secret);
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
    struct key second = make_key(house, &show, NULL);
    struct encoder encoder;
    open_on_air(&encoder, house, 0, second.secret);
    delete_key(house, &show, "k1"); /* another's */
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    delete_key(house, &show, second.id);
    assert_cut(&encoder, "This key was revoked.");
    assert_refused(house, 0, second.secret, "This key was revoked.");
    assert_refused(house, 1, second.secret, "This key was revoked.");
    second.secret[strlen(second.secret) - 1] ^= 1;
    assert_refused(
        house, 1, second.secret,
        "Stream key not recognised. Check that all of it was copied, or make "
        "a new one.");
}

static void a_key_opens_in_its_time_only(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key early = make_key(house, &show, "{\"not_before_ms\":4102444800000}");
    assert_refused(house, 0, early.secret,
                   "This key is valid from 2100-01-01 00:00 UTC.");
    struct key late = make_key(house, &show, "{\"expires_ms\":4102444800000}");
    struct encoder encoder;
    open_on_air(&encoder, house, 0, late.secret);
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
    struct key key = make_key(house, &show, body);
    open_on_air(&encoder, house, 0, key.secret);
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

static void a_one_time_key_opens_for_one_encoder_and_one_run(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    open_on_air(&encoder, house, 0, key.secret);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    assert_refused(house, 0, key.secret, "This key is in use by another encoder.");
    assert_refused(house, 1, key.secret, "This key is in use by another encoder.");
    client_expect(house, 1, "POST /api/shows/spring/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    a_minute_later(house, "spring");
    assert_refused(house, 0, key.secret, "This key was used already.");
    open_on_air(&encoder, house, 0, show.key);
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
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    open_on_air(&encoder, house, 0, key.secret);
    lose(house, &encoder); /* before anything was on air */
    open_on_air(&encoder, house, 1, key.secret);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    lose(house, &encoder);
    open_on_air(&encoder, house, 1, key.secret);
    encoder_close(&encoder);
}

/* Killed right after the accept: the mark is on the disk, and shows here do not linger. */
static void a_crash_does_not_make_a_one_time_key_new(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    open_on_air(&encoder, house, 0, key.secret);
    house_crash(house);
    encoder_close(&encoder);
    assert_refused(house, 0, key.secret, "This key was used already.");
}

static void go_live(struct encoder *encoder, struct house *house, const char *key)
{
    open_on_air(encoder, house, 0, key);
    encoder_send_headers(encoder);
    encoder_send_until(encoder, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
}

static void assert_opens(struct house *house, const char *key)
{
    struct encoder encoder;
    open_on_air(&encoder, house, 1, key);
    lose(house, &encoder);
}

static void end(struct house *house)
{
    client_expect(house, 1, "POST /api/shows/spring/end", NULL, 200);
    a_minute_later(house, "spring");
}

static void a_one_time_key_opens_behind_a_restart_until_its_run_ends(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, key.secret);
    for (int i = 0; i < 2; i++) {
        house_restart(house);
        assert_opens(house, key.secret);
    }
    encoder_close(&encoder);
    end(house);
    assert_refused(house, 0, key.secret, "This key was used already.");
    house_restart(house);
    assert_refused(house, 0, key.secret, "This key was used already.");
}

static void after_a_crash_only_keys_of_the_run_that_lingers_open(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key before = make_key(house, &show, "{\"one_time\":true}");
    struct key now = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, before.secret);
    end(house);
    encoder_close(&encoder);
    go_live(&encoder, house, now.secret);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    assert_refused(house, 0, before.secret, "This key was used already.");
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
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    go_live(&encoder, house, key.secret);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    house_run(house, house_lane_of(house, id), pass_linger, id);
    shop_await_state(house, 1, id, SHOW_ENDED);
    assert_refused(house, 0, key.secret, "This key was used already.");
    house_restart(house);
    assert_refused(house, 0, key.secret, "This key was used already.");
}

/* Killed between the commit and the first media: the run has begun, and goes on. */
static void a_one_time_key_that_was_never_live_opens_behind_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    open_on_air(&encoder, house, 0, key.secret);
    house_crash(house);
    encoder_close(&encoder);
    assert_opens(house, key.secret);
    end(house);
    assert_refused(house, 0, key.secret, "This key was used already.");
}

static void a_one_time_key_that_rehearsed_opens_behind_a_restart(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    char test[160];
    (void)snprintf(test, sizeof test, "%s?test=1", key.secret);
    open_on_air(&encoder, house, 0, test);
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
        struct key key = make_key(house, &show, "{\"one_time\":true}");
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
        delete_key(house, &show, key.id);
    }
}

/* ---- away with an encoder ---- */

static void a_kicked_encoder_is_told_why_and_kept_out_for_a_while(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key second = make_key(house, &show, NULL);
    struct encoder encoder;
    encoder_go_live(&encoder, house, second.secret, 4000);
    shop_await_state(house, 1, "spring", SHOW_LIVE);
    assert_call(house, "POST /api/shows/spring/kick", "{\"reason\":\"wrong camera\"}",
                200, "\"publisher\":null");
    assert_cut(&encoder, "The host stopped this encoder: wrong camera.");
    encoder_open(&encoder, house, 1, second.secret);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_ptr_equal(
        strstr(encoder_status(&encoder),
               "The host stopped this encoder: wrong camera. Try again in "),
        encoder_status(&encoder));
    encoder_close(&encoder);
    open_on_air(&encoder, house, 0, show.key);
    encoder_close(&encoder);
    a_minute_later(house, "spring");
    open_on_air(&encoder, house, 0, second.secret);
    encoder_close(&encoder);
}

static void an_encoder_that_rehearses_is_kicked_too(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    char key[160];
    (void)snprintf(key, sizeof key, "%s?test=1", show.key);
    open_on_air(&encoder, house, 0, key);
    assert_call(house, "POST /api/shows/spring/kick", NULL, 200, "\"id\":\"spring\"");
    assert_cut(&encoder, "The host stopped this encoder.");
    encoder_open(&encoder, house, 0, show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    encoder_close(&encoder);
}

static void a_one_time_key_may_rehearse_and_go_on_air(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct key key = make_key(house, &show, "{\"one_time\":true}");
    struct encoder encoder;
    char test[160];
    (void)snprintf(test, sizeof test, "%s?test=1", key.secret);
    open_on_air(&encoder, house, 0, test);
    assert_refused(house, 1, key.secret, "This key is in use by another encoder.");
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    assert_call(house, "POST /api/shows/spring/live", NULL, 200, "\"id\":\"spring\"");
    encoder_send_until(&encoder, 9000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    encoder_close(&encoder);
}

static void a_kick_needs_somebody_and_words_that_encoders_show(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    static const char long_reason[] =
        "{\"reason\":\"0123456789012345678901234567890123456789012345678901234567890123"
        "4567890123456789012345678901234567890\"}";
    assert_call(house, "POST /api/shows/spring/kick", NULL, 409,
                "Nobody is publishing");
    assert_call(house, "POST /api/shows/none/kick", NULL, 404, "no such show");
    assert_call(house, "POST /api/shows/spring/kick", "{\"reason\":\"caf\xc3\xa9\"}",
                422, "reason: only ASCII");
    assert_call(house, "POST /api/shows/spring/kick", long_reason, 422,
                "reason: at most 100");
}

#define WITH_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)
#define LINGERING(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

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
        WITH_HOUSE(a_one_time_key_opens_for_one_encoder_and_one_run),
        LINGERING(a_phone_comes_back_with_its_one_time_key_while_the_show_lingers),
        WITH_HOUSE(a_crash_does_not_make_a_one_time_key_new),
        LINGERING(a_one_time_key_opens_behind_a_restart_until_its_run_ends),
        LINGERING(after_a_crash_only_keys_of_the_run_that_lingers_open),
        LINGERING(a_linger_that_is_over_after_a_crash_uses_its_keys_up),
        LINGERING(a_one_time_key_that_was_never_live_opens_behind_a_crash),
        LINGERING(a_one_time_key_that_rehearsed_opens_behind_a_restart),
        WITH_HOUSE(of_two_with_a_one_time_key_one_gets_in),
        WITH_HOUSE(a_kicked_encoder_is_told_why_and_kept_out_for_a_while),
        WITH_HOUSE(an_encoder_that_rehearses_is_kicked_too),
        WITH_HOUSE(a_one_time_key_may_rehearse_and_go_on_air),
        WITH_HOUSE(a_kick_needs_somebody_and_words_that_encoders_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
