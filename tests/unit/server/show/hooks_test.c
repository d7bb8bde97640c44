#include "server/show/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "server/show/admission.h"
#include "server/show/show.h"
#include "tests/kit/street.h"

static void publish(struct street *street, struct encoder *encoder)
{
    encoder_open(encoder, &street->house, house_other_lane(&street->house, "spring"),
                 street->show.key);
}

/* The value of a member of the body, which holds it once. */
static void read_member(const struct receiver_request *request, const char *name,
                        char out[64])
{
    char start[32];
    (void)snprintf(start, sizeof start, "\"%s\":\"", name);
    const char *at = strstr(request->body, start);
    assert_non_null(at);
    (void)snprintf(out, 64, "%.*s", (int)strcspn(at + strlen(start), "\""),
                   at + strlen(start));
}

static void an_accepted_publish_is_asked_about_and_its_end_is_told(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    char asked[64], told[64];
    publish(street, &encoder);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    assert_int_equal(receiver_count(&street->receiver, "on_unpublish"), 0);
    encoder_close(&encoder);
    read_member(receiver_await(&street->receiver, 1, "on_publish"), "session", asked);
    read_member(receiver_await(&street->receiver, 1, "on_unpublish"), "session", told);
    assert_string_equal(asked, told);
    assert_int_equal(receiver_count(&street->receiver, street->show.key + 8), 0);
}

static void a_refusal_has_the_receiver_s_words_and_no_end(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    receiver_answer(&street->receiver, 403, "{\"reason\":\"Not today.\"}");
    publish(street, &encoder);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "Not today.");
    encoder_close(&encoder);
    house_restart(&street->house);
    assert_int_equal(receiver_count(&street->receiver, "on_unpublish"), 0);
}

static void without_an_answer_the_configuration_decides(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    receiver_answer(&street->receiver, 500, "");
    publish(street, &encoder);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
    street->house.conf.hooks_on_error = 1;
    house_restart(&street->house);
    publish(street, &encoder);
    encoder_await_end(&encoder);
    assert_non_null(strstr(encoder_status(&encoder), "could not be asked"));
    encoder_close(&encoder);
}

static void each_who_is_taken_over_has_an_end(void **state)
{
    struct street *street = *state;
    struct encoder first, second;
    publish(street, &first);
    publish(street, &second);
    encoder_await_end(&first);
    (void)receiver_await(&street->receiver, 1, "on_unpublish");
    encoder_close(&second);
    (void)receiver_await(&street->receiver, 2, "on_unpublish");
    encoder_close(&first);
    house_restart(&street->house);
    assert_int_equal(receiver_count(&street->receiver, "on_unpublish"), 2);
}

static void an_end_that_a_crash_left_untold_is_told_at_the_start(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    char asked[64], told[64];
    publish(street, &encoder);
    receiver_answer(&street->receiver, 503, ""); /* for what the crash still says */
    house_crash(&street->house);
    encoder_close(&encoder);
    receiver_answer(&street->receiver, 204, "");
    read_member(receiver_await(&street->receiver, 1, "on_publish"), "session", asked);
    read_member(receiver_await(&street->receiver, 1, "has started again"), "session",
                told);
    assert_string_equal(asked, told);
}

static void a_show_is_told_of_from_live_to_its_end(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    encoder_go_live(&encoder, &street->house, street->show.key, 4000);
    (void)receiver_await(&street->receiver, 1, "on_show_live");
    encoder_close(&encoder);
    (void)receiver_await(&street->receiver, 1, "on_show_end");
    house_restart(&street->house);
    assert_int_equal(receiver_count(&street->receiver, "on_show_live"), 1);
    assert_int_equal(receiver_count(&street->receiver, "on_show_end"), 1);
}

/* On air from a rehearsal on, without a new connection. */
static void rehearse_and_go_live(struct street *street, struct encoder *encoder)
{
    char key[160];
    (void)snprintf(key, sizeof key, "%s?test=1", street->show.key);
    encoder_go_live(encoder, &street->house, key, 4000);
    client_expect(&street->house, 1, "POST /api/shows/spring/live", NULL, 200);
}

static void assert_roles(struct street *street, const char *asked, const char *told)
{
    char role[64];
    read_member(receiver_await(&street->receiver, 1, "on_publish"), "role", role);
    assert_string_equal(role, asked);
    read_member(receiver_await(&street->receiver, 1, "on_unpublish"), "role", role);
    assert_string_equal(role, told);
}

static void who_went_live_from_a_rehearsal_ends_as_the_primary(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    rehearse_and_go_live(street, &encoder);
    encoder_close(&encoder);
    assert_roles(street, "test", "primary");
}

static void who_only_rehearsed_ends_as_a_test(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    char key[160];
    (void)snprintf(key, sizeof key, "%s?test=1", street->show.key);
    encoder_go_live(&encoder, &street->house, key, 4000);
    encoder_close(&encoder);
    assert_roles(street, "test", "test");
}

static void a_crash_tells_the_end_with_the_role_of_the_air_too(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    char role[64];
    rehearse_and_go_live(street, &encoder);
    /* Its answer comes when all that was written before is on the disk. */
    client_expect(&street->house, 0, "PATCH /api/shows/spring", "{\"title\":\"Kept\"}",
                  200);
    receiver_answer(&street->receiver, 503, ""); /* for what the crash still says */
    house_crash(&street->house);
    encoder_close(&encoder);
    receiver_answer(&street->receiver, 204, "");
    read_member(receiver_await(&street->receiver, 1, "has started again"), "role",
                role);
    assert_string_equal(role, "primary");
}

static void tell_finding(struct show_hub *hub, void *ctx)
{
    struct hook_event event;
    (void)ctx;
    hook_event_init(&event, HOOK_FINDING, "spring", 1);
    hook_event_set(event.code, sizeof event.code, "no_audio");
    show_hooks_tell(hub, &event);
}

static void any_other_event_can_be_told(void **state)
{
    struct street *street = *state;
    house_run(&street->house, 0, tell_finding, NULL);
    assert_non_null(strstr(receiver_await(&street->receiver, 1, "on_finding")->body,
                           "\"code\":\"no_audio\""));
}

#define STREET(test) \
    cmocka_unit_test_setup_teardown(test, street_setup, street_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STREET(an_accepted_publish_is_asked_about_and_its_end_is_told),
        STREET(a_refusal_has_the_receiver_s_words_and_no_end),
        STREET(without_an_answer_the_configuration_decides),
        STREET(each_who_is_taken_over_has_an_end),
        STREET(an_end_that_a_crash_left_untold_is_told_at_the_start),
        STREET(who_went_live_from_a_rehearsal_ends_as_the_primary),
        STREET(who_only_rehearsed_ends_as_a_test),
        STREET(a_crash_tells_the_end_with_the_role_of_the_air_too),
        STREET(a_show_is_told_of_from_live_to_its_end),
        STREET(any_other_event_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
