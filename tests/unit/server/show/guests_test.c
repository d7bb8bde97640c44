#include "server/show/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/iso8601.h"
#include "core/monotime.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"
#include "server/show/show.h"
#include "tests/unit/server/show/town.h"

static void goes_live_in_the_show_that_the_shop_names(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    encoder_go_live(&encoder, &town->house, town->home.key, 4000);
    town_await_publisher(town, &town->away);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    town_await_no_publisher(town, &town->home);
    encoder_close(&encoder);
    shop_await_state(&town->house, 2, town->away.id, SHOW_ENDED);
}

static void goes_live_in_another_show_of_the_same_loop(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_send_to(town, town->near.id);
    encoder_go_live(&encoder, &town->house, town->home.key, 4000);
    shop_await_state(&town->house, 2, town->near.id, SHOW_LIVE);
    encoder_close(&encoder);
}

static void its_own_name_sends_it_nowhere(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_send_to(town, town->home.id);
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->home);
    encoder_close(&encoder);
}

static void the_end_is_told_of_the_show_it_fed(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char fed[96];
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    encoder_close(&encoder);
    (void)snprintf(fed, sizeof fed, "\"data\":{\"show\":\"%s\"", town->away.id);
    const char *told = receiver_await(&town->receiver, 1, "on_unpublish")->body;
    assert_non_null(strstr(told, fed));
    (void)snprintf(fed, sizeof fed, "\"key\":\"k1\",\"key_show\":\"%s\"",
                   town->home.id);
    assert_non_null(strstr(told, fed));
    (void)snprintf(fed, sizeof fed, "\"data\":{\"show\":\"%s\"", town->home.id);
    assert_int_equal(receiver_count(&town->receiver, fed), 1);
    assert_non_null(
        strstr(receiver_await(&town->receiver, 1, fed)->body, "on_publish"));
}

static void a_show_that_is_not_there_takes_nobody(void **state)
{
    struct town *town = *state;
    char preview[96];
    town_send_to(town, "nowhere");
    town_assert_refused(town, town->home.key,
                        "The shop sent this stream to a show that does not exist.");
    (void)snprintf(preview, sizeof preview, "%s~abcdefgh", town->away.id);
    town_send_to(town, preview);
    town_assert_refused(town, town->home.key,
                        "The shop sent this stream to a show that does not exist.");
    house_restart(&town->house);
    assert_int_equal(receiver_count(&town->receiver, "on_unpublish"), 0);
}

static void the_other_show_s_policy_decides(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    town_publish(town, &first, town->home.key);
    town_await_publisher(town, &town->away);
    town_publish(town, &second, town->away.key);
    encoder_await_end(&first);
    assert_string_equal(encoder_status(&first), "Another encoder took over this show.");
    encoder_close(&first);
    town_call(town, "PATCH", town->away.id, "", "{\"policy\":\"reject\"}", 200);
    town_assert_refused(town, town->home.key, "(policy: reject).");
    encoder_close(&second);
    (void)receiver_await(&town->receiver, 2, "on_unpublish");
    house_restart(&town->house);
    assert_int_equal(receiver_count(&town->receiver, "on_unpublish"), 2);
}

static void a_show_that_was_ended_is_closed_for_guests_too(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    town_call(town, "POST", town->away.id, "/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    town_assert_refused(town, town->home.key, "The host has ended this show.");
}

static void revoking_its_key_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    town_call(town, "DELETE", town->home.id, "/keys/k1", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "This key was revoked.");
    encoder_close(&encoder);
    town_await_no_publisher(town, &town->away);
}

static void deleting_its_key_s_show_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    town_call(town, "DELETE", town->home.id, "", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "The show of this key was deleted.");
    encoder_close(&encoder);
}

static void a_guest_that_is_sent_away_is_kept_out_for_a_while(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    town_call(town, "POST", town->away.id, "/kick", "{\"reason\":\"wrong camera\"}",
              200);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder),
                        "The host stopped this encoder: wrong camera.");
    encoder_close(&encoder);
    town_assert_refused(town, town->home.key, "wrong camera. Try again in");
}

static void sending_its_key_away_at_home_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder guest, local;
    town_publish(town, &guest, town->home.key);
    town_await_publisher(town, &town->away);
    town_send_to(town, town->home.id);
    town_publish(town, &local, town->home.key);
    town_await_publisher(town, &town->home);
    town_call(town, "POST", town->home.id, "/kick", NULL, 200);
    encoder_await_end(&local);
    encoder_await_end(&guest);
    encoder_close(&local);
    encoder_close(&guest);
}

static void the_use_of_its_key_is_noted_at_home(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    town_publish(town, &encoder, town->home.key);
    town_await_publisher(town, &town->away);
    char request[128];
    (void)snprintf(request, sizeof request, "GET /api/shows/%s/keys", town->home.id);
    struct answer answer = client_call(&town->house, 0, request, NULL);
    const char *used = client_field(&answer, "last_used_ms");
    for (int i = 0; i < 200 && (!used || strcmp(used, "null") == 0); i++) {
        client_free(&answer);
        answer = client_call(&town->house, 0, request, NULL);
        used = client_field(&answer, "last_used_ms");
    }
    assert_non_null(used);
    assert_string_not_equal(used, "null");
    client_free(&answer);
    encoder_close(&encoder);
}

static void expires_in(struct town *town, int64_t ms)
{
    char time[ISO8601_MAX], terms[64];
    (void)snprintf(terms, sizeof terms, ",\"expires\":\"%s\"",
                   iso8601_print(monotime_wall_ms() + ms, time));
    town_send_on_terms(town, town->away.id, terms);
}

static bool has_figures(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    return shelf && shelf->view && shelf->view->figures;
}

/* ctx: a show's id. The publisher's key is the one that may send cues. */
static bool may_send_cues(struct show_hub *hub, void *ctx)
{
    const struct show *show = show_hub_show(hub, bytes_text(ctx));
    const struct store_key *key =
        show_keys_find(show, show_publisher_passport(show->publisher));
    return key && key->cues;
}

static void its_key_keeps_its_rights(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    town_make_key(town, "{\"cues\":true}", key);
    town_publish(town, &encoder, key);
    town_await_publisher(town, &town->away);
    house_await(&town->house, 1, may_send_cues, town->away.id);
    encoder_close(&encoder);
}

static void its_terms_are_among_its_figures(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char request[128], figures[192];
    town_send_on_terms(town, town->away.id,
                       ",\"max_kbps\":4000,\"expires\":4102444800");
    town_publish(town, &encoder, town->home.key);
    house_await(&town->house, 0, has_figures, town->away.id);
    (void)snprintf(request, sizeof request, "GET /api/shows/%s/publisher",
                   town->away.id);
    (void)snprintf(figures, sizeof figures,
                   "\"key_show\":\"%s\",\"max_kbps\":4000,\"expires_ms\":4102444800000",
                   town->home.id);
    struct answer answer = client_call(&town->house, 0, request, NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, figures));
    client_free(&answer);
    encoder_close(&encoder);
}

static void nobody_gets_in_after_the_time_the_shop_gave(void **state)
{
    struct town *town = *state;
    expires_in(town, -1000);
    town_assert_refused(town, town->home.key, "This key expired at 2");
}

static void a_publish_ends_at_the_time_the_shop_gave(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    expires_in(town, 2000);
    town_publish(town, &encoder, town->home.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_await_end(&encoder);
    assert_non_null(strstr(encoder_status(&encoder), "This key expired at 2"));
    encoder_close(&encoder);
    assert_non_null(
        strstr(receiver_await(&town->receiver, 1, "on_unpublish")->body, "expired"));
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, town_setup, town_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TOWN(goes_live_in_the_show_that_the_shop_names),
        TOWN(goes_live_in_another_show_of_the_same_loop),
        TOWN(its_own_name_sends_it_nowhere),
        TOWN(the_end_is_told_of_the_show_it_fed),
        TOWN(a_show_that_is_not_there_takes_nobody),
        TOWN(the_other_show_s_policy_decides),
        TOWN(a_show_that_was_ended_is_closed_for_guests_too),
        TOWN(revoking_its_key_reaches_it),
        TOWN(deleting_its_key_s_show_reaches_it),
        TOWN(a_guest_that_is_sent_away_is_kept_out_for_a_while),
        TOWN(sending_its_key_away_at_home_reaches_it),
        TOWN(the_use_of_its_key_is_noted_at_home),
        TOWN(its_key_keeps_its_rights),
        TOWN(its_terms_are_among_its_figures),
        TOWN(nobody_gets_in_after_the_time_the_shop_gave),
        TOWN(a_publish_ends_at_the_time_the_shop_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
