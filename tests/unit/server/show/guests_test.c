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
#include "server/show/publishers.h"
#include "server/show/show.h"
#include "tests/kit/house.h"
#include "tests/kit/receiver.h"
#include "tests/kit/shop.h"

enum { LANES = 3 };

/* The shop sends whoever has a key of home to the show away, which lives on another loop;
 * near lives on home's. */
struct town {
    struct house house;
    struct receiver receiver;
    struct shop_show home, away, near;
    char answer[160];
};

static struct shop_show make_show_on(struct town *town, unsigned lane, const char *name)
{
    char id[SHOW_ID_MAX + 1];
    unsigned n = 0;
    do
        (void)snprintf(id, sizeof id, "%s-%u", name, n++);
    while (house_lane_of(&town->house, id) != lane);
    return shop_make_show(&town->house, id);
}

static void send_to(struct town *town, const char *show)
{
    (void)snprintf(town->answer, sizeof town->answer, "{\"stream\":\"%s\"}", show);
    receiver_answer(&town->receiver, 200, town->answer);
}

static int setup(void **state)
{
    static struct town town;
    receiver_open(&town.receiver);
    house_open(&town.house, LANES);
    town.house.conf.hooks_url = town.receiver.url;
    town.house.conf.hooks_timeout_ms = 5000;
    house_restart(&town.house);
    town.home = make_show_on(&town, 0, "home");
    town.away = make_show_on(&town, 1, "away");
    town.near = make_show_on(&town, 0, "near");
    send_to(&town, town.away.id);
    *state = &town;
    return 0;
}

static int teardown(void **state)
{
    struct town *town = *state;
    house_close(&town->house);
    receiver_close(&town->receiver);
    return 0;
}

static void publish(struct town *town, struct encoder *encoder, const char *key)
{
    encoder_open(encoder, &town->house, LANES - 1, key);
}

static void assert_refused(struct town *town, const char *key, const char *words)
{
    struct encoder encoder;
    publish(town, &encoder, key);
    encoder_await_end(&encoder);
    if (!strstr(encoder_status(&encoder), words))
        assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

static void call(struct town *town, const char *method, const char *show,
                 const char *what, const char *body, int status)
{
    char request[128];
    (void)snprintf(request, sizeof request, "%s /api/shows/%s%s", method, show, what);
    client_expect(&town->house, 0, request, body, status);
}

static void make_key(struct town *town, const char *body, char key[128])
{
    char request[128];
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/keys", town->home.id);
    struct answer answer = client_call(&town->house, 0, request, body);
    assert_int_equal(answer.status, 201);
    const char *value = client_field(&answer, "stream_key");
    assert_non_null(value);
    (void)snprintf(key, 128, "%s", value);
    client_free(&answer);
}

static bool has_publisher(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    return show && show->publisher;
}

static bool has_no_publisher(struct show_hub *hub, void *ctx)
{
    return !has_publisher(hub, ctx);
}

static void await_publisher(struct town *town, struct shop_show *show)
{
    house_await(&town->house, house_lane_of(&town->house, show->id), has_publisher,
                show->id);
}

static void await_no_publisher(struct town *town, struct shop_show *show)
{
    house_await(&town->house, house_lane_of(&town->house, show->id), has_no_publisher,
                show->id);
}

static void goes_live_in_the_show_that_the_shop_names(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    encoder_go_live(&encoder, &town->house, town->home.key, 4000);
    await_publisher(town, &town->away);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    await_no_publisher(town, &town->home);
    encoder_close(&encoder);
    shop_await_state(&town->house, 2, town->away.id, SHOW_ENDED);
}

static void goes_live_in_another_show_of_the_same_loop(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    send_to(town, town->near.id);
    encoder_go_live(&encoder, &town->house, town->home.key, 4000);
    shop_await_state(&town->house, 2, town->near.id, SHOW_LIVE);
    encoder_close(&encoder);
}

static void its_own_name_sends_it_nowhere(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    send_to(town, town->home.id);
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->home);
    encoder_close(&encoder);
}

static void the_end_is_told_of_the_show_it_fed(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char fed[96];
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
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
    send_to(town, "nowhere");
    assert_refused(town, town->home.key,
                   "The shop sent this stream to a show that does not exist.");
    (void)snprintf(preview, sizeof preview, "%s~abcdefgh", town->away.id);
    send_to(town, preview);
    assert_refused(town, town->home.key,
                   "The shop sent this stream to a show that does not exist.");
    house_restart(&town->house);
    assert_int_equal(receiver_count(&town->receiver, "on_unpublish"), 0);
}

static void the_other_show_s_policy_decides(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    publish(town, &first, town->home.key);
    await_publisher(town, &town->away);
    publish(town, &second, town->away.key);
    encoder_await_end(&first);
    assert_string_equal(encoder_status(&first), "Another encoder took over this show.");
    encoder_close(&first);
    call(town, "PATCH", town->away.id, "", "{\"policy\":\"reject\"}", 200);
    assert_refused(town, town->home.key, "(policy: reject).");
    encoder_close(&second);
    (void)receiver_await(&town->receiver, 2, "on_unpublish");
    house_restart(&town->house);
    assert_int_equal(receiver_count(&town->receiver, "on_unpublish"), 2);
}

static void a_show_that_was_ended_is_closed_for_guests_too(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
    call(town, "POST", town->away.id, "/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    assert_refused(town, town->home.key, "The host has ended this show.");
}

static void revoking_its_key_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
    call(town, "DELETE", town->home.id, "/keys/k1", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "This key was revoked.");
    encoder_close(&encoder);
    await_no_publisher(town, &town->away);
}

static void deleting_its_key_s_show_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
    call(town, "DELETE", town->home.id, "", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "The show of this key was deleted.");
    encoder_close(&encoder);
}

static void a_guest_that_is_sent_away_is_kept_out_for_a_while(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
    call(town, "POST", town->away.id, "/kick", "{\"reason\":\"wrong camera\"}", 200);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder),
                        "The host stopped this encoder: wrong camera.");
    encoder_close(&encoder);
    assert_refused(town, town->home.key, "wrong camera. Try again in");
}

static void sending_its_key_away_at_home_reaches_it(void **state)
{
    struct town *town = *state;
    struct encoder guest, local;
    publish(town, &guest, town->home.key);
    await_publisher(town, &town->away);
    send_to(town, town->home.id);
    publish(town, &local, town->home.key);
    await_publisher(town, &town->home);
    call(town, "POST", town->home.id, "/kick", NULL, 200);
    encoder_await_end(&local);
    encoder_await_end(&guest);
    encoder_close(&local);
    encoder_close(&guest);
}

static void a_one_time_key_is_used_up_by_the_other_show_s_run(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    encoder_go_live(&encoder, &town->house, key, 4000);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    assert_refused(town, key, "This key is in use by another encoder.");
    encoder_close(&encoder);
    shop_await_state(&town->house, 0, town->away.id, SHOW_ENDED);
    assert_refused(town, key, "This key was used already.");
}

static void open_the_door(struct show_hub *hub, void *ctx)
{
    show_hub_show(hub, bytes_text(ctx))->closed_until_ms = 0;
}

/* The run of the show that it feeds goes on, whatever its home does. */
static void
a_guest_s_one_time_key_is_of_the_other_show_s_run_behind_a_restart(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    town->house.conf.show_linger_ms = 45000;
    house_restart(&town->house);
    make_key(town, "{\"one_time\":true}", key);
    encoder_go_live(&encoder, &town->house, key, 4000);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    house_restart(&town->house);
    encoder_close(&encoder);
    call(town, "POST", town->home.id, "/end", NULL, 200);
    house_run(&town->house, 0, open_the_door, town->home.id);
    publish(town, &encoder, key);
    await_publisher(town, &town->away);
    call(town, "POST", town->away.id, "/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    assert_refused(town, key, "This key was used already.");
    house_restart(&town->house);
    assert_refused(town, key, "This key was used already.");
}

static void a_guest_s_one_time_key_goes_with_the_show_that_it_fed(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &encoder, key);
    await_publisher(town, &town->away);
    call(town, "DELETE", town->away.id, "", NULL, 204);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    (void)shop_make_show(&town->house, town->away.id);
    assert_refused(town, key, "This key was used already.");
}

static void a_one_time_key_is_of_the_run_that_it_fed_last(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &first, key);
    await_publisher(town, &town->away);
    encoder_close(&first);
    await_no_publisher(town, &town->away);
    send_to(town, town->near.id);
    publish(town, &second, key);
    await_publisher(town, &town->near);
    encoder_close(&second);
    await_no_publisher(town, &town->near);
    call(town, "POST", town->away.id, "/end", NULL, 200);
    publish(town, &second, key);
    await_publisher(town, &town->near);
    call(town, "POST", town->near.id, "/end", NULL, 200);
    encoder_await_end(&second);
    encoder_close(&second);
    assert_refused(town, key, "This key was used already.");
}

static void a_one_time_key_opens_again_when_its_guest_is_gone(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &first, key);
    await_publisher(town, &town->away);
    encoder_close(&first);
    await_no_publisher(town, &town->away);
    publish(town, &second, key);
    assert_int_equal(encoder_state(&second), RTMP_CLIENT_PUBLISHING);
    await_publisher(town, &town->away);
    encoder_close(&second);
}

static bool is_quiet(struct show_hub *hub, void *ctx)
{
    return show_publisher_is_quiet(show_hub_show(hub, bytes_text(ctx))->publisher);
}

/* One that is silent loses its key to the next, and shall not go on beside that one. */
static void a_one_time_key_feeds_one_show_at_a_time(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &first, key);
    await_publisher(town, &town->away);
    house_await(&town->house, 1, is_quiet, town->away.id);
    send_to(town, town->near.id);
    publish(town, &second, key);
    assert_int_equal(encoder_state(&second), RTMP_CLIENT_PUBLISHING);
    encoder_await_end(&first);
    assert_string_equal(encoder_status(&first),
                        "This key is in use by another encoder.");
    await_publisher(town, &town->near);
    await_no_publisher(town, &town->away);
    encoder_close(&first);
    encoder_close(&second);
}

static void deleting_the_other_show_uses_up_a_one_time_key(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &encoder, key);
    await_publisher(town, &town->away);
    call(town, "DELETE", town->away.id, "", NULL, 204);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    send_to(town, town->near.id);
    assert_refused(town, key, "This key was used already.");
}

/* Two encoders that wait for the shop's answer, which the test gives. */
struct door {
    struct town *town;
    struct encoder encoders[2];
    char sessions[2][ADMISSION_SESSION_LEN + 1];
};

static bool both_wait(struct show_hub *hub, void *ctx)
{
    struct door *door = ctx;
    unsigned n = 0;
    list_for_each (node, &hub->publishers) {
        const struct show_publisher *publisher = show_publisher_of(node);
        if (show_publisher_waits(publisher) && n < 2)
            (void)snprintf(door->sessions[n++], sizeof door->sessions[0], "%s",
                           show_publisher_passport(publisher)->session);
    }
    return n == 2;
}

/* The shop itself says nothing as long as its lock is held. */
static void wait_at_the_door(struct town *town, struct door *door, const char *key)
{
    *door = (struct door){.town = town};
    (void)pthread_mutex_lock(&town->receiver.lock);
    for (unsigned i = 0; i < 2; i++)
        encoder_begin(&door->encoders[i], &town->house, 0, key, RTMP_CLIENT_ASKING);
    house_await(&town->house, 0, both_wait, door);
}

/* What the shop says itself comes too late. */
static void answer_at_the_door(struct door *door,
                               void (*fn)(struct show_hub *hub, void *ctx))
{
    house_run(&door->town->house, 0, fn, door);
    (void)pthread_mutex_unlock(&door->town->receiver.lock);
}

static void leave_the_door(struct door *door)
{
    for (unsigned i = 0; i < 2; i++)
        encoder_close(&door->encoders[i]);
}

static void send_on(struct show_hub *hub, const char *session, const char *show)
{
    struct hook_terms terms = {0};
    (void)snprintf(terms.stream, sizeof terms.stream, "%s", show);
    assert_true(show_publishers_bind(hub, session, &terms));
    assert_true(show_publishers_answer(hub, session, true, ""));
}

/* The first one leaves this loop at the end of the turn, the second one comes before
 * that. */
static void let_both_in(struct show_hub *hub, void *ctx)
{
    const struct door *door = ctx;
    send_on(hub, door->sessions[0], door->town->away.id);
    send_on(hub, door->sessions[1], door->town->near.id);
}

static void a_one_time_key_is_in_use_while_its_guest_is_on_the_way(void **state)
{
    struct town *town = *state;
    struct door door;
    struct encoder before;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &before, key); /* it is written down */
    await_publisher(town, &town->away);
    encoder_close(&before);
    await_no_publisher(town, &town->away);
    wait_at_the_door(town, &door, key);
    answer_at_the_door(&door, let_both_in);
    encoder_await_answer(&door.encoders[1]);
    assert_string_equal(encoder_status(&door.encoders[1]),
                        "This key is in use by another encoder.");
    encoder_await_answer(&door.encoders[0]);
    assert_int_equal(encoder_state(&door.encoders[0]), RTMP_CLIENT_PUBLISHING);
    leave_the_door(&door);
}

static void let_one_in_and_send_its_key_away(struct show_hub *hub, void *ctx)
{
    const struct door *door = ctx;
    const struct show *home = show_hub_show(hub, bytes_text(door->town->home.id));
    send_on(hub, door->sessions[0], door->town->away.id);
    show_guests_cut_key(hub, home->record->row.keys[0].hash, NULL, "Stopped.");
}

static void sending_its_key_away_reaches_it_on_the_way(void **state)
{
    struct town *town = *state;
    struct door door;
    wait_at_the_door(town, &door, town->home.key);
    answer_at_the_door(&door, let_one_in_and_send_its_key_away);
    encoder_await_answer(&door.encoders[0]);
    assert_string_equal(encoder_status(&door.encoders[0]), "Stopped.");
    leave_the_door(&door);
}

static void a_one_time_key_opens_again_when_its_guest_is_another_one(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    make_key(town, "{\"one_time\":true}", key);
    publish(town, &first, key);
    encoder_stop(&first);
    receiver_answer(&town->receiver, 200, "{}");
    encoder_publish_again(&first, town->away.key); /* on the same connection */
    await_publisher(town, &town->away);
    publish(town, &second, key);
    assert_string_equal(encoder_status(&second), "Publishing.");
    encoder_close(&second);
    encoder_close(&first);
}

static void the_use_of_its_key_is_noted_at_home(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    publish(town, &encoder, town->home.key);
    await_publisher(town, &town->away);
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
    char time[ISO8601_MAX];
    (void)snprintf(town->answer, sizeof town->answer,
                   "{\"stream\":\"%s\",\"expires\":\"%s\"}", town->away.id,
                   iso8601_print(monotime_wall_ms() + ms, time));
    receiver_answer(&town->receiver, 200, town->answer);
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
    make_key(town, "{\"cues\":true}", key);
    publish(town, &encoder, key);
    await_publisher(town, &town->away);
    house_await(&town->house, 1, may_send_cues, town->away.id);
    encoder_close(&encoder);
}

static void its_terms_are_among_its_figures(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char request[128], figures[192];
    (void)snprintf(town->answer, sizeof town->answer,
                   "{\"stream\":\"%s\",\"max_kbps\":4000,\"expires\":4102444800}",
                   town->away.id);
    receiver_answer(&town->receiver, 200, town->answer);
    publish(town, &encoder, town->home.key);
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
    assert_refused(town, town->home.key, "This key expired at 2");
}

static void a_publish_ends_at_the_time_the_shop_gave(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    expires_in(town, 2000);
    publish(town, &encoder, town->home.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_await_end(&encoder);
    assert_non_null(strstr(encoder_status(&encoder), "This key expired at 2"));
    encoder_close(&encoder);
    assert_non_null(
        strstr(receiver_await(&town->receiver, 1, "on_unpublish")->body, "expired"));
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

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
        TOWN(a_one_time_key_is_used_up_by_the_other_show_s_run),
        TOWN(a_guest_s_one_time_key_is_of_the_other_show_s_run_behind_a_restart),
        TOWN(a_guest_s_one_time_key_goes_with_the_show_that_it_fed),
        TOWN(a_one_time_key_is_of_the_run_that_it_fed_last),
        TOWN(a_one_time_key_opens_again_when_its_guest_is_gone),
        TOWN(a_one_time_key_opens_again_when_its_guest_is_another_one),
        TOWN(a_one_time_key_feeds_one_show_at_a_time),
        TOWN(deleting_the_other_show_uses_up_a_one_time_key),
        TOWN(a_one_time_key_is_in_use_while_its_guest_is_on_the_way),
        TOWN(sending_its_key_away_reaches_it_on_the_way),
        TOWN(the_use_of_its_key_is_noted_at_home),
        TOWN(its_key_keeps_its_rights),
        TOWN(its_terms_are_among_its_figures),
        TOWN(nobody_gets_in_after_the_time_the_shop_gave),
        TOWN(a_publish_ends_at_the_time_the_shop_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
