/* One-time keys whose publishers the shop sends to another show. */
#include "server/show/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "server/show/publisher.h"
#include "server/show/publishers.h"
#include "server/show/show.h"
#include "tests/unit/server/show/town.h"

static void a_one_time_key_is_used_up_by_the_other_show_s_run(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    town_make_key(town, "{\"one_time\":true}", key);
    encoder_go_live(&encoder, &town->house, key, 4000);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    town_assert_refused(town, key, "This key is in use by another encoder.");
    encoder_close(&encoder);
    shop_await_state(&town->house, 0, town->away.id, SHOW_ENDED);
    town_assert_refused(town, key, "This key was used already.");
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
    town_make_key(town, "{\"one_time\":true}", key);
    encoder_go_live(&encoder, &town->house, key, 4000);
    shop_await_state(&town->house, 2, town->away.id, SHOW_LIVE);
    house_restart(&town->house);
    encoder_close(&encoder);
    town_call(town, "POST", town->home.id, "/end", NULL, 200);
    house_run(&town->house, 0, open_the_door, town->home.id);
    town_publish(town, &encoder, key);
    town_await_publisher(town, &town->away);
    town_call(town, "POST", town->away.id, "/end", NULL, 200);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    town_assert_refused(town, key, "This key was used already.");
    house_restart(&town->house);
    town_assert_refused(town, key, "This key was used already.");
}

static void a_guest_s_one_time_key_goes_with_the_show_that_it_fed(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &encoder, key);
    town_await_publisher(town, &town->away);
    town_call(town, "DELETE", town->away.id, "", NULL, 204);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    (void)shop_make_show(&town->house, town->away.id);
    town_assert_refused(town, key, "This key was used already.");
}

static void a_one_time_key_is_of_the_run_that_it_fed_last(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &first, key);
    town_await_publisher(town, &town->away);
    encoder_close(&first);
    town_await_no_publisher(town, &town->away);
    town_send_to(town, town->near.id);
    town_publish(town, &second, key);
    town_await_publisher(town, &town->near);
    encoder_close(&second);
    town_await_no_publisher(town, &town->near);
    town_call(town, "POST", town->away.id, "/end", NULL, 200);
    town_publish(town, &second, key);
    town_await_publisher(town, &town->near);
    town_call(town, "POST", town->near.id, "/end", NULL, 200);
    encoder_await_end(&second);
    encoder_close(&second);
    town_assert_refused(town, key, "This key was used already.");
}

static void a_one_time_key_opens_again_when_its_guest_is_gone(void **state)
{
    struct town *town = *state;
    struct encoder first, second;
    char key[128];
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &first, key);
    town_await_publisher(town, &town->away);
    encoder_close(&first);
    town_await_no_publisher(town, &town->away);
    town_publish(town, &second, key);
    assert_int_equal(encoder_state(&second), RTMP_CLIENT_PUBLISHING);
    town_await_publisher(town, &town->away);
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
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &first, key);
    town_await_publisher(town, &town->away);
    house_await(&town->house, 1, is_quiet, town->away.id);
    town_send_to(town, town->near.id);
    town_publish(town, &second, key);
    assert_int_equal(encoder_state(&second), RTMP_CLIENT_PUBLISHING);
    encoder_await_end(&first);
    assert_string_equal(encoder_status(&first),
                        "This key is in use by another encoder.");
    town_await_publisher(town, &town->near);
    town_await_no_publisher(town, &town->away);
    encoder_close(&first);
    encoder_close(&second);
}

static void deleting_the_other_show_uses_up_a_one_time_key(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    char key[128];
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &encoder, key);
    town_await_publisher(town, &town->away);
    town_call(town, "DELETE", town->away.id, "", NULL, 204);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
    town_send_to(town, town->near.id);
    town_assert_refused(town, key, "This key was used already.");
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
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &before, key); /* it is written down */
    town_await_publisher(town, &town->away);
    encoder_close(&before);
    town_await_no_publisher(town, &town->away);
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
    town_make_key(town, "{\"one_time\":true}", key);
    town_publish(town, &first, key);
    encoder_stop(&first);
    receiver_answer(&town->receiver, 200, "{}");
    encoder_publish_again(&first, town->away.key); /* on the same connection */
    town_await_publisher(town, &town->away);
    town_publish(town, &second, key);
    assert_string_equal(encoder_status(&second), "Publishing.");
    encoder_close(&second);
    encoder_close(&first);
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, town_setup, town_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
