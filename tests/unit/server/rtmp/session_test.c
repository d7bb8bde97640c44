#include "server/rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/fixture.h"

static void says_nothing_between_s2_and_connect(void **state)
{
    struct fixture *fixture = *state;
    script_handshake(&fixture->script);
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(run_out(&fixture->run).len, 1 + 2 * 1536);
}

static void refuses_with_bad_name_and_the_sentence(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.refusal = "Stream key not recognised. Copy it again.";
    fixture_connect(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(run_count(&fixture->run, "NetStream.Publish.BadName"), 1);
    assert_int_equal(run_count(&fixture->run, fixture->run.refusal), 1);
    assert_int_equal(run_count(&fixture->run, "error"), 1);
    assert_int_equal(run_count(&fixture->run, "Publish.Start"), 0);
}

static void listens_to_nothing_after_a_refusal(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.refusal = "No.";
    fixture_connect(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    script_call(&fixture->script, 4, 1, "publish", 3, "other");
    builder_text(&fixture->script.out, "what is no chunk at all");
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(run_count(&fixture->run, "BadName"), 1);
    assert_true(rtmp_session_deadline_ms(fixture->run.session) == INT64_MAX);
    rtmp_session_refuse(fixture->run.session, "Again.");
    assert_null(rtmp_session_take_output(fixture->run.session));
}

static void a_refusal_is_short_and_printable(void **state)
{
    struct fixture *fixture = *state;
    char sentence[400];
    memset(sentence, 'a', sizeof sentence - 1);
    sentence[sizeof sentence - 1] = '\0';
    sentence[0] = '\n';
    fixture->run.refusal = sentence;
    fixture_connect(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(fixture_feed(fixture), 0);
    sentence[201] = '\0';
    assert_int_equal(run_count(&fixture->run, sentence + 1), 1);
    assert_int_equal(run_count(&fixture->run, sentence), 0);
}

static void a_running_publisher_can_be_cut_off(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    rtmp_session_refuse(fixture->run.session, "The show has ended.");
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 5));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(run_count(&fixture->run, "The show has ended."), 1);
}

static void input_waits_until_the_publish_is_answered(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 5, BYTES(0xaf, 1, 5));
    struct rtmp_session *session = fixture->run.session;
    struct rtmp_event event = fixture_first_event(fixture, RTMP_EVENT_PUBLISH);
    rtmp_session_event_finish(&event);
    assert_false(rtmp_session_next(session, &event));
    assert_true(rtmp_session_deadline_ms(session) == RUN_NOW_MS + 10000);
    rtmp_session_accept(session, RUN_NOW_MS);
    assert_true(rtmp_session_next(session, &event));
    assert_int_equal(event.type, RTMP_EVENT_AUDIO);
    assert_int_equal(event.media.stamp_ms, 5);
    rtmp_session_event_finish(&event);
}

static void a_fault_in_what_waited_shows_at_the_next_feed(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    fixture_put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 0, 0));
    struct rtmp_session *session = fixture->run.session;
    struct rtmp_event event = fixture_first_event(fixture, RTMP_EVENT_PUBLISH);
    rtmp_session_event_finish(&event);
    rtmp_session_accept(session, RUN_NOW_MS);
    assert_true(rtmp_session_deadline_ms(session) <= RUN_NOW_MS);
    assert_int_equal(rtmp_session_feed(session, bytes_make(NULL, 0), RUN_NOW_MS, NULL),
                     -ERR_PROTO);
}

static void accept_without_a_publish_is_nothing(void **state)
{
    struct fixture *fixture = *state;
    rtmp_session_accept(fixture->run.session, RUN_NOW_MS);
    fixture_connect(fixture);
    rtmp_session_accept(fixture->run.session, RUN_NOW_MS);
    assert_null(rtmp_session_take_output(fixture->run.session));
}

static void publishes_twice_on_one_connection(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 5));
    struct builder body = script_command("deleteStream", 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    script_send(&fixture->script, 3, 0, 0, &body);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 20, BYTES(0xaf, 1, 5)); /* dropped */
    script_call(&fixture->script, 3, 0, "createStream", 4, NULL);
    script_call(&fixture->script, 4, 1, "publish", 5, "key2");
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 40, BYTES(0xaf, 1, 5));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run),
                        "audio aac 0+0 key 1:00000024\nunpublish\n"
                        "publish app=live key=key2 query= encoder=\n"
                        "audio aac 40+0 key 1:00000024\n");
    assert_int_equal(run_count(&fixture->run, "NetStream.Publish.Start"), 1);
    assert_int_equal(run_count(&fixture->run, "NetStream.Unpublish.Success"), 2);
}

static void unknown_calls_get_an_error(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    script_call(&fixture->script, 3, 0, "getStreamLength", 9, "key");
    script_call(&fixture->script, 3, 0, "play", 0, "key");
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(run_count(&fixture->run, "NetConnection.Call.Failed"), 1);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 2);
}

static void an_error_stays(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_feed(&fixture->run, BYTES('G')), -ERR_PROTO);
    struct err err = {0};
    script_handshake(&fixture->script);
    assert_int_equal(rtmp_session_feed(fixture->run.session,
                                       script_bytes(&fixture->script), RUN_NOW_MS,
                                       &err),
                     -ERR_PROTO);
    assert_true(err.text[0] != '\0');
    assert_true(rtmp_session_deadline_ms(fixture->run.session) <= RUN_NOW_MS);
}

static void events_before_an_error_can_be_taken(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 7, BYTES(0xaf, 1, 5));
    fixture_put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 0, 0));
    assert_int_equal(fixture_feed(fixture), -ERR_PROTO);
    assert_string_equal(run_events(&fixture->run), "audio aac 7+0 key 1:00000024\n");
}

static void answers_a_rejected_connect_and_ends(void **state)
{
    struct fixture *fixture = *state;
    rtmp_session_refuse_connect(fixture->run.session,
                                "Too many wrong keys; wait a minute.");
    script_handshake(&fixture->script);
    fixture_say_connect(fixture);
    assert_int_equal(fixture_feed(fixture), -ERR_CLOSED);
    assert_string_equal(fixture->run.err.text, "Too many wrong keys; wait a minute.");
    assert_int_equal(run_count(&fixture->run, "_error"), 1);
    assert_int_equal(run_count(&fixture->run, "NetConnection.Connect.Rejected"), 1);
    assert_int_equal(run_count(&fixture->run, "Too many wrong keys; wait a minute."),
                     1);
    assert_int_equal(run_count(&fixture->run, "_result"), 0);
}

static void a_connect_that_has_come_is_refused_as_a_publish(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    rtmp_session_refuse_connect(fixture->run.session, "Enough.");
    assert_int_equal(run_tick(&fixture->run, RUN_NOW_MS), 0);
    assert_int_equal(run_count(&fixture->run, "NetStream.Publish.BadName"), 1);
}

static void connect_with_caps(struct fixture *fixture, double caps)
{
    script_handshake(&fixture->script);
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "app");
    rtmp_amf0_write_text(&body, "live");
    rtmp_amf0_write_name(&body, "capsEx");
    rtmp_amf0_write_number(&body, caps);
    rtmp_amf0_write_object_end(&body);
    script_send(&fixture->script, 3, 0, 0, &body);
    assert_int_equal(fixture_feed(fixture), 0);
    run_forget_output(&fixture->run);
}

static void asks_clients_that_can_to_reconnect(void **state)
{
    struct fixture *fixture = *state;
    struct rtmp_session *session = fixture->run.session;
    assert_false(rtmp_session_ask_reconnect(session, "Maintenance."));
    connect_with_caps(fixture, RTMP_CAPS_RECONNECT | RTMP_CAPS_MULTITRACK);
    assert_true(rtmp_session_ask_reconnect(session, "Maintenance."));
    assert_int_equal(run_tick(&fixture->run, RUN_NOW_MS), 0);
    assert_int_equal(run_count(&fixture->run, "NetConnection.Connect.ReconnectRequest"),
                     1);
    assert_int_equal(run_count(&fixture->run, "Maintenance."), 1);
    rtmp_session_refuse(session, "Gone.");
    assert_false(rtmp_session_ask_reconnect(session, "Maintenance."));
}

static void never_asks_others_to_reconnect(void **state)
{
    struct fixture *fixture = *state;
    connect_with_caps(fixture, RTMP_CAPS_MULTITRACK);
    assert_false(rtmp_session_ask_reconnect(fixture->run.session, "Maintenance."));
    assert_null(rtmp_session_take_output(fixture->run.session));
}

static void capabilities_that_are_no_mask_are_none(void **state)
{
    struct fixture *fixture = *state;
    connect_with_caps(fixture, 0.0 / 0.0);
    assert_false(rtmp_session_ask_reconnect(fixture->run.session, "Maintenance."));
}

static void the_publish_tells_what_the_client_can(void **state)
{
    struct fixture *fixture = *state;
    connect_with_caps(fixture, RTMP_CAPS_RECONNECT | RTMP_CAPS_MODEX);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    struct rtmp_event event;
    assert_int_equal(rtmp_session_feed(fixture->run.session,
                                       script_bytes(&fixture->script), RUN_NOW_MS,
                                       NULL),
                     0);
    assert_true(rtmp_session_next(fixture->run.session, &event));
    assert_int_equal(event.publish.caps, RTMP_CAPS_RECONNECT | RTMP_CAPS_MODEX);
    rtmp_session_event_finish(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(says_nothing_between_s2_and_connect),
        WITH_FIXTURE(refuses_with_bad_name_and_the_sentence),
        WITH_FIXTURE(listens_to_nothing_after_a_refusal),
        WITH_FIXTURE(a_refusal_is_short_and_printable),
        WITH_FIXTURE(a_running_publisher_can_be_cut_off),
        WITH_FIXTURE(input_waits_until_the_publish_is_answered),
        WITH_FIXTURE(a_fault_in_what_waited_shows_at_the_next_feed),
        WITH_FIXTURE(accept_without_a_publish_is_nothing),
        WITH_FIXTURE(publishes_twice_on_one_connection),
        WITH_FIXTURE(unknown_calls_get_an_error),
        WITH_FIXTURE(an_error_stays),
        WITH_FIXTURE(events_before_an_error_can_be_taken),
        WITH_FIXTURE(answers_a_rejected_connect_and_ends),
        WITH_FIXTURE(a_connect_that_has_come_is_refused_as_a_publish),
        WITH_FIXTURE(asks_clients_that_can_to_reconnect),
        WITH_FIXTURE(never_asks_others_to_reconnect),
        WITH_FIXTURE(capabilities_that_are_no_mask_are_none),
        WITH_FIXTURE(the_publish_tells_what_the_client_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
