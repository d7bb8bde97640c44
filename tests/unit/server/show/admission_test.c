#include "server/show/admission.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "server/loop/loop.h"
#include "server/show/publisher_inside.h"
#include "server/show/publishers.h"
#include "server/show/show.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

/* Somebody outside who is asked about each publish and answers when the test wants. */
struct gatekeeper {
    struct counter n_asked;
    char session[ADMISSION_SESSION_LEN + 1];
    char address[ADMISSION_ADDRESS_MAX];
    char key_id[ADMISSION_KEY_ID_MAX];
    bool allows;
    const char *words;
};

static void ask(void *ctx, struct show_hub *hub, const struct show_admission *admission)
{
    struct gatekeeper *keeper = ctx;
    (void)hub;
    memcpy(keeper->session, admission->passport.session, sizeof keeper->session);
    memcpy(keeper->address, admission->passport.address, sizeof keeper->address);
    memcpy(keeper->key_id, admission->passport.key_id, sizeof keeper->key_id);
    counter_add(&keeper->n_asked, 1);
}

static void set_gate(struct show_hub *hub, void *ctx)
{
    hub->house->gate = (struct show_gate){.ask = ask, .ctx = ctx};
}

static bool was_asked(struct show_hub *hub, void *ctx)
{
    (void)hub;
    return counter_get(&((struct gatekeeper *)ctx)->n_asked) > 0;
}

static void answer(struct show_hub *hub, void *ctx)
{
    struct gatekeeper *keeper = ctx;
    show_publishers_answer(hub, keeper->session, keeper->allows, keeper->words);
}

static bool has_no_publishers(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    return hub->n_publishers == 0;
}

/* An encoder of the show "spring" that has arrived on the other lane and waits. */
static void begin_asking(struct house *house, struct gatekeeper *keeper,
                         struct encoder *encoder)
{
    struct shop_show show = shop_make_show(house, "spring");
    unsigned home = house_lane_of(house, "spring");
    *keeper = (struct gatekeeper){.allows = true, .words = "not here"};
    house_run(house, home, set_gate, keeper);
    encoder_begin(encoder, house, house_other_lane(house, "spring"), show.key,
                  RTMP_CLIENT_ASKING);
    house_await(house, home, was_asked, keeper);
}

static void asks_before_it_accepts(void **state)
{
    struct house *house = *state;
    struct gatekeeper keeper;
    struct encoder encoder;
    begin_asking(house, &keeper, &encoder);
    assert_int_equal(strlen(keeper.session), ADMISSION_SESSION_LEN);
    assert_string_equal(keeper.key_id, "k1");
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_ASKING);
    house_run(house, house_lane_of(house, "spring"), answer, &keeper);
    encoder_await_state(&encoder, RTMP_CLIENT_PUBLISHING);
    assert_int_equal(counter_get(&keeper.n_asked), 1);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, 2);
    encoder_close(&encoder);
}

static void refuses_with_the_words_of_whoever_was_asked(void **state)
{
    struct house *house = *state;
    struct gatekeeper keeper;
    struct encoder encoder;
    begin_asking(house, &keeper, &encoder);
    keeper.allows = false;
    house_run(house, house_lane_of(house, "spring"), answer, &keeper);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "not here");
    encoder_close(&encoder);
}

static void forgets_who_has_gone_before_the_answer(void **state)
{
    struct house *house = *state;
    unsigned home;
    struct gatekeeper keeper;
    struct encoder encoder;
    begin_asking(house, &keeper, &encoder);
    home = house_lane_of(house, "spring");
    encoder_close(&encoder);
    house_run(house, home, answer, &keeper);
    house_await(house, home, has_no_publishers, NULL);
    house_run(house, home, answer, &keeper);
}

static void asks_nobody_about_a_wrong_key(void **state)
{
    struct house *house = *state;
    struct gatekeeper keeper = {0};
    struct encoder encoder;
    (void)shop_make_show(house, "spring");
    house_run(house, 0, set_gate, &keeper);
    encoder_open(&encoder, house, 0, "spring_aaaabbbbccccddddeeeeffff2");
    encoder_await_end(&encoder);
    assert_int_equal(counter_get(&keeper.n_asked), 0);
    encoder_close(&encoder);
}

static void refuses_a_deleted_show_though_the_answer_is_yes(void **state)
{
    struct house *house = *state;
    struct gatekeeper keeper;
    struct encoder encoder;
    begin_asking(house, &keeper, &encoder);
    struct answer gone = client_call(house, 0, "DELETE /api/shows/spring", NULL);
    assert_int_equal(gone.status, 204);
    client_free(&gone);
    house_run(house, house_lane_of(house, "spring"), answer, &keeper);
    encoder_await_end(&encoder);
    assert_int_equal(strncmp(encoder_status(&encoder), "Stream key not", 14), 0);
    encoder_close(&encoder);
}

/* It has sent something just now. */
static void be_well(struct show_hub *hub, void *ctx)
{
    const struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->publisher->last_media_ms = loop_now_ms(hub->loop) + HOUSE_PATIENCE_MS;
}

/* Nobody outside hears of a publish that is refused anyway. */
static void asks_nobody_about_a_second_that_the_show_rejects(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct gatekeeper keeper = {0};
    struct encoder first, second;
    struct shop_show show = shop_make_show(house, id);
    unsigned home = house_lane_of(house, id);
    client_expect(house, 1, "PATCH /api/shows/spring", "{\"policy\":\"reject\"}", 200);
    encoder_open_from(&first, house, 0, show.key, "192.0.2.1");
    assert_int_equal(encoder_state(&first), RTMP_CLIENT_PUBLISHING);
    house_run(house, home, be_well, id);
    house_run(house, home, set_gate, &keeper);
    encoder_open_from(&second, house, 0, show.key, "198.51.100.7");
    encoder_await_end(&second);
    assert_string_equal(encoder_status(&second),
                        "Another encoder is already live on this show (policy: "
                        "reject).");
    assert_int_equal(counter_get(&keeper.n_asked), 0);
    encoder_close(&second);
    encoder_close(&first);
}

static void reads_a_parameter_as_yes_or_no(void **state)
{
    (void)state;
    assert_true(show_admission_wants("backup=1", "backup"));
    assert_true(show_admission_wants("a=b&backup", "backup"));
    assert_true(show_admission_wants("backup=YES&x=1", "backup"));
    assert_false(show_admission_wants("backup=0", "backup"));
    assert_false(show_admission_wants("backup=False", "backup"));
    assert_false(show_admission_wants("backups=1", "backup"));
    assert_false(show_admission_wants("", "backup"));
    assert_false(show_admission_wants(NULL, "backup"));
}

#define IN_A_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(asks_before_it_accepts),
        IN_A_HOUSE(refuses_with_the_words_of_whoever_was_asked),
        IN_A_HOUSE(forgets_who_has_gone_before_the_answer),
        IN_A_HOUSE(asks_nobody_about_a_wrong_key),
        IN_A_HOUSE(asks_nobody_about_a_second_that_the_show_rejects),
        IN_A_HOUSE(refuses_a_deleted_show_though_the_answer_is_yes),
        cmocka_unit_test(reads_a_parameter_as_yes_or_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
