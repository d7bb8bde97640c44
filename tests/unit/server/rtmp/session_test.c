#include "server/rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/run.h"
#include "tests/unit/server/rtmp/script.h"

struct fixture {
    struct run run;
    struct script script;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    run_init(&fixture.run);
    script_init(&fixture.script);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    run_finish(&fixture->run);
    script_finish(&fixture->script);
    return 0;
}

/* Feeds what the script has and empties it. */
static int feed(struct fixture *fixture)
{
    int error = run_feed(&fixture->run, script_bytes(&fixture->script));
    builder_clear(&fixture->script.out);
    return error;
}

static void say_connect(struct fixture *fixture)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "app");
    rtmp_amf0_write_text(&body, "live");
    rtmp_amf0_write_object_end(&body);
    script_send(&fixture->script, 3, 0, 0, &body);
}

static void connect_to(struct fixture *fixture)
{
    script_handshake(&fixture->script);
    say_connect(fixture);
    assert_int_equal(feed(fixture), 0);
    run_forget_output(&fixture->run);
}

static void publish_to(struct fixture *fixture)
{
    connect_to(fixture);
    script_call(&fixture->script, 3, 0, "createStream", 2, NULL);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(feed(fixture), 0);
    run_forget_output(&fixture->run);
    builder_clear(&fixture->run.events);
}

static void put(struct fixture *fixture, uint8_t type, uint32_t stamp_ms,
                struct bytes body)
{
    struct script_message message = {
        .csid = 6,
        .stamp = stamp_ms,
        .type = type,
        .stream_id = 1,
    };
    script_message(&fixture->script, &message, body);
}

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void says_nothing_between_s2_and_connect(void **state)
{
    struct fixture *fixture = *state;
    script_handshake(&fixture->script);
    assert_int_equal(feed(fixture), 0);
    assert_int_equal(run_out(&fixture->run).len, 1 + 2 * 1536);
}

static void refuses_with_bad_name_and_the_sentence(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.refusal = "Stream key not recognised. Copy it again.";
    connect_to(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(feed(fixture), 0);
    assert_int_equal(run_count(&fixture->run, "NetStream.Publish.BadName"), 1);
    assert_int_equal(run_count(&fixture->run, fixture->run.refusal), 1);
    assert_int_equal(run_count(&fixture->run, "error"), 1);
    assert_int_equal(run_count(&fixture->run, "Publish.Start"), 0);
}

static void listens_to_nothing_after_a_refusal(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.refusal = "No.";
    connect_to(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    script_call(&fixture->script, 4, 1, "publish", 3, "other");
    builder_text(&fixture->script.out, "what is no chunk at all");
    assert_int_equal(feed(fixture), 0);
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
    connect_to(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(feed(fixture), 0);
    sentence[201] = '\0';
    assert_int_equal(run_count(&fixture->run, sentence + 1), 1);
    assert_int_equal(run_count(&fixture->run, sentence), 0);
}

static void a_running_publisher_can_be_cut_off(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    rtmp_session_refuse(fixture->run.session, "The show has ended.");
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 5));
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(run_count(&fixture->run, "The show has ended."), 1);
}

static void input_waits_until_the_publish_is_answered(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    put(fixture, RTMP_MESSAGE_AUDIO, 5, BYTES(0xaf, 1, 5));
    struct rtmp_session *session = fixture->run.session;
    struct rtmp_event event;
    assert_int_equal(
        rtmp_session_feed(session, script_bytes(&fixture->script), RUN_NOW_MS, NULL),
        0);
    assert_true(rtmp_session_next(session, &event));
    assert_int_equal(event.type, RTMP_EVENT_PUBLISH);
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
    connect_to(fixture);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 0, 0));
    struct rtmp_session *session = fixture->run.session;
    struct rtmp_event event;
    assert_int_equal(
        rtmp_session_feed(session, script_bytes(&fixture->script), RUN_NOW_MS, NULL),
        0);
    assert_true(rtmp_session_next(session, &event));
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
    connect_to(fixture);
    rtmp_session_accept(fixture->run.session, RUN_NOW_MS);
    assert_null(rtmp_session_take_output(fixture->run.session));
}

static void publishes_twice_on_one_connection(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 5));
    struct builder body = script_command("deleteStream", 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    script_send(&fixture->script, 3, 0, 0, &body);
    put(fixture, RTMP_MESSAGE_AUDIO, 20, BYTES(0xaf, 1, 5)); /* dropped */
    script_call(&fixture->script, 3, 0, "createStream", 4, NULL);
    script_call(&fixture->script, 4, 1, "publish", 5, "key2");
    put(fixture, RTMP_MESSAGE_AUDIO, 40, BYTES(0xaf, 1, 5));
    assert_int_equal(feed(fixture), 0);
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
    connect_to(fixture);
    script_call(&fixture->script, 3, 0, "getStreamLength", 9, "key");
    script_call(&fixture->script, 3, 0, "play", 0, "key");
    assert_int_equal(feed(fixture), 0);
    assert_int_equal(run_count(&fixture->run, "NetConnection.Call.Failed"), 1);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 2);
}

static void answers_pings_on_any_chunk_stream(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 1, 2, 3, 4));
    assert_int_equal(feed(fixture), 0);
    assert_true(bytes_equal(run_out(&fixture->run), BYTES(2, 0, 0, 0, 0, 0, 6, 4, 0, 0,
                                                          0, 0, 0, 7, 1, 2, 3, 4)));
}

static void ignores_what_it_does_not_know(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 31, 1));
    put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, bytes_make(NULL, 0));
    put(fixture, RTMP_MESSAGE_PEER_BANDWIDTH, 0, BYTES(0, 1, 0, 0, 2));
    put(fixture, 16, 0, BYTES(1, 2));                           /* shared object */
    put(fixture, 99, 0, BYTES(1, 2));                           /* no such type */
    put(fixture, RTMP_MESSAGE_DATA, 0, BYTES(0xff));            /* no AMF0 */
    put(fixture, RTMP_MESSAGE_DATA, 0, BYTES(2, 0, 1, 'x', 9)); /* broken behind */
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(run_out(&fixture->run).len, 0);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 6);
}

static void control_messages_cut_short_break_the_protocol(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 1));
    assert_int_equal(feed(fixture), -ERR_PROTO);
    assert_int_equal(fixture->run.err.code, ERR_PROTO);
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
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_AUDIO, 7, BYTES(0xaf, 1, 5));
    put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 0, 0));
    assert_int_equal(feed(fixture), -ERR_PROTO);
    assert_string_equal(run_events(&fixture->run), "audio aac 7+0 key 1:00000024\n");
}

static void takes_aggregates_apart(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_AGGREGATE, 1000,
        BYTES(8, 0, 0, 3, 0, 0, 50, 0, 0, 0, 0, 0xaf, 1, 5, 0, 0, 0, 14, /**/
              8, 0, 0, 3, 0, 0, 73, 0, 0, 0, 0, 0xaf, 1, 6, 0, 0, 0, 14));
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "audio aac 1000+0 key 1:00000024\n"
                                                   "audio aac 1023+0 key 1:00000025\n");
}

static void takes_amf3_messages_with_a_format_byte(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture);
    struct builder body;
    builder_init(&body, 256);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, "publish");
    rtmp_amf0_write_number(&body, 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, "k3");
    put(fixture, RTMP_MESSAGE_COMMAND_AMF3, 0, builder_bytes(&body));
    builder_clear(&body);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, "onCuePoint");
    rtmp_amf0_write_null(&body);
    put(fixture, RTMP_MESSAGE_DATA_AMF3, 77, builder_bytes(&body));
    builder_finish(&body);
    assert_int_equal(feed(fixture), 0);
    builder_u8(&fixture->run.events, 0);
    assert_non_null(strstr((const char *)fixture->run.events.data, "key=k3"));
    assert_non_null(
        strstr((const char *)fixture->run.events.data, "data 77 onCuePoint 1"));
}

static void gives_metadata_with_or_without_setdataframe(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_DATA, 0,
        BYTES(2, 0, 10, 'o', 'n', 'M', 'e', 't', 'a', 'D', 'a', 't', 'a', 3, 0, 0, 9));
    put(fixture, RTMP_MESSAGE_DATA, 0,
        BYTES(2, 0, 13, '@', 's', 'e', 't', 'D', 'a', 't', 'a', 'F', 'r', 'a', 'm', 'e',
              2, 0, 10, 'o', 'n', 'M', 'e', 't', 'a', 'D', 'a', 't', 'a', 3, 0, 0, 9));
    put(fixture, RTMP_MESSAGE_DATA, 3,
        BYTES(2, 0, 13, '@', 's', 'e', 't', 'D', 'a', 't', 'a', 'F', 'r', 'a', 'm', 'e',
              2, 0, 3, 'o', 'n', 'X', 5, 1, 1));
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "metadata 0x0 encoder=\n"
                                                   "metadata 0x0 encoder=\n"
                                                   "data 3 onX 3\n");
}

static void media_that_carries_nothing_gives_no_event(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_AUDIO, 0, bytes_make(NULL, 0));
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0));
    put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0));
    put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x94, 'a', 'v', '0', '1', 0));
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 0);
}

static void unknown_codecs_are_given_out_and_never_cut(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x90, 'z', 'z', 'z', 'z', 1, 2, 3));
    put(fixture, RTMP_MESSAGE_AUDIO, 1, BYTES(0x2f, 0xff));
    assert_int_equal(feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run),
                        "video-config other 0+0 key 3:00007861\n"
                        "audio other 1+0 key 1:0000011e\n");
}

static void acknowledges_half_of_a_small_window(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_WINDOW_SIZE, 0, BYTES(0, 0, 0x40, 0)); /* 16 KiB */
    for (uint32_t i = 0; i < 100; i++) {
        struct builder body = script_aac(1, 1000);
        put(fixture, RTMP_MESSAGE_AUDIO, i, builder_bytes(&body));
        builder_finish(&body);
    }
    size_t len = script_bytes(&fixture->script).len;
    assert_int_equal(feed(fixture), 0);
    /* Each is 16 bytes; one more for what came before the window was told. */
    size_t n = run_out(&fixture->run).len / 16;
    assert_in_range(n, len / 8192, len / 8192 + 1);
}

static void acknowledges_by_default_after_the_announced_window(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    uint64_t before = rtmp_session_get_stats(fixture->run.session).bytes_in;
    script_chunk_size(&fixture->script, 2, 65536);
    struct builder body = script_avc(2, 1, 0, 2500000);
    put(fixture, RTMP_MESSAGE_VIDEO, 0, builder_bytes(&body));
    builder_finish(&body);
    /* Up to the very byte. */
    struct bytes in = script_bytes(&fixture->script);
    size_t due = (size_t)(2500000 - before);
    assert_int_equal(run_feed(&fixture->run, bytes_first(in, due - 1)), 0);
    assert_int_equal(run_out(&fixture->run).len, 0);
    assert_int_equal(run_feed(&fixture->run, bytes_first(bytes_from(in, due - 1), 1)),
                     0);
    assert_true(bytes_equal(run_out(&fixture->run), BYTES(2, 0, 0, 0, 0, 0, 4, 3, 0, 0,
                                                          0, 0, 0, 0x26, 0x25, 0xa0)));
}

static void a_tiny_window_does_not_make_it_answer_each_byte(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    put(fixture, RTMP_MESSAGE_WINDOW_SIZE, 0, BYTES(0, 0, 0, 1));
    for (uint32_t i = 0; i < 1000; i++)
        put(fixture, RTMP_MESSAGE_AUDIO, i, BYTES(0xaf, 1, 5));
    size_t len = script_bytes(&fixture->script).len;
    assert_int_equal(feed(fixture), 0);
    assert_true(run_out(&fixture->run).len <= 16 * (len / 4096 + 1));
}

static void limits_input_before_the_publish(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture);
    uint64_t used = rtmp_session_get_stats(fixture->run.session).bytes_in;
    static const uint8_t zeros[64 * 1024];
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_chunk_size(&fixture->script, 2, 65536);
    script_header(&fixture->script, &message, sizeof zeros);
    used += script_bytes(&fixture->script).len;
    assert_int_equal(feed(fixture), 0);
    struct bytes rest = bytes_make(zeros, sizeof zeros - (size_t)used);
    assert_int_equal(run_feed(&fixture->run, rest), 0);
    assert_int_equal(run_feed(&fixture->run, bytes_make(zeros, 1)), -ERR_LIMIT);
}

static void a_flood_of_pings_is_answered_within_bounds(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    for (int i = 0; i < 200000; i++)
        put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 1, 2, 3, 4));
    assert_int_equal(feed(fixture), -ERR_LIMIT);
    assert_true(run_out(&fixture->run).len <= 1024 * 1024);
}

/* Deadlines: not a millisecond too early, and the words say which. */
static void check_deadline(struct fixture *fixture, int64_t after_ms, const char *words)
{
    int64_t at_ms = fixture->run.now_ms + after_ms;
    assert_true(rtmp_session_deadline_ms(fixture->run.session) == at_ms);
    assert_int_equal(run_tick(&fixture->run, at_ms - 1), 0);
    assert_int_equal(run_tick(&fixture->run, at_ms), -ERR_LIMIT);
    assert_string_equal(fixture->run.err.text, words);
}

static void the_handshake_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.now_ms += 4000;
    assert_int_equal(run_feed(&fixture->run, BYTES(3, 1, 2)), 0);
    check_deadline(fixture, 1000, "handshake not finished in time");
}

static void bytes_that_trickle_do_not_move_the_handshakes_deadline(void **state)
{
    struct fixture *fixture = *state;
    int error = run_feed(&fixture->run, BYTES(3));
    for (int i = 0; i < 5 && !error; i++) {
        fixture->run.now_ms += 1000;
        error = run_feed(&fixture->run, BYTES(0));
    }
    assert_int_equal(error, -ERR_LIMIT);
    assert_int_equal(fixture->run.now_ms, RUN_NOW_MS + 5000);
}

static void the_publish_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture);
    check_deadline(fixture, 10000, "no publish in time");
}

static void the_first_media_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    for (int i = 0; i < 3; i++) {
        fixture->run.now_ms += 6000;
        put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 0, 0, 0, 0));
        assert_int_equal(feed(fixture), 0);
    }
    check_deadline(fixture, 2000, "no media after the publish");
}

static void a_silent_publisher_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    fixture->run.now_ms += 5000;
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(feed(fixture), 0);
    check_deadline(fixture, 10000, "no byte for too long");
}

static void bytes_that_come_late_still_count(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    fixture->run.now_ms += 15000; /* our own process was held up */
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(feed(fixture), 0);
}

static void the_deadline_of_the_publish_begins_anew_after_unpublish(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    fixture->run.now_ms += 7000;
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 1));
    script_call(&fixture->script, 3, 1, "closeStream", 0, NULL);
    assert_int_equal(feed(fixture), 0);
    check_deadline(fixture, 10000, "no publish in time");
}

static void counts_what_it_takes(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    struct rtmp_session_stats before = rtmp_session_get_stats(fixture->run.session);
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_header(&fixture->script, &message, 100);
    builder_u8(&fixture->script.out, 0x17);
    put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 1));
    size_t len = script_bytes(&fixture->script).len;
    (void)feed(fixture);
    struct rtmp_session_stats after = rtmp_session_get_stats(fixture->run.session);
    assert_int_equal(after.bytes_in - before.bytes_in, len);
    assert_int_equal(after.n_messages - before.n_messages,
                     0); /* all of it is payload */
    assert_int_equal(after.n_restarted, 0);
}

static void counts_messages_that_were_dropped_half_way(void **state)
{
    struct fixture *fixture = *state;
    publish_to(fixture);
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_header(&fixture->script, &message, 300);
    for (int i = 0; i < 128; i++)
        builder_u8(&fixture->script.out, 0x17);
    put(fixture, RTMP_MESSAGE_AUDIO, 4, BYTES(0xaf, 1, 5));
    assert_int_equal(feed(fixture), 0);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_restarted, 1);
    assert_string_equal(run_events(&fixture->run), "audio aac 4+0 key 1:00000024\n");
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
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
        WITH_FIXTURE(answers_pings_on_any_chunk_stream),
        WITH_FIXTURE(ignores_what_it_does_not_know),
        WITH_FIXTURE(control_messages_cut_short_break_the_protocol),
        WITH_FIXTURE(an_error_stays),
        WITH_FIXTURE(events_before_an_error_can_be_taken),
        WITH_FIXTURE(takes_aggregates_apart),
        WITH_FIXTURE(takes_amf3_messages_with_a_format_byte),
        WITH_FIXTURE(gives_metadata_with_or_without_setdataframe),
        WITH_FIXTURE(media_that_carries_nothing_gives_no_event),
        WITH_FIXTURE(unknown_codecs_are_given_out_and_never_cut),
        WITH_FIXTURE(acknowledges_half_of_a_small_window),
        WITH_FIXTURE(acknowledges_by_default_after_the_announced_window),
        WITH_FIXTURE(a_tiny_window_does_not_make_it_answer_each_byte),
        WITH_FIXTURE(limits_input_before_the_publish),
        WITH_FIXTURE(a_flood_of_pings_is_answered_within_bounds),
        WITH_FIXTURE(the_handshake_has_a_deadline),
        WITH_FIXTURE(bytes_that_trickle_do_not_move_the_handshakes_deadline),
        WITH_FIXTURE(the_publish_has_a_deadline),
        WITH_FIXTURE(the_first_media_has_a_deadline),
        WITH_FIXTURE(a_silent_publisher_is_given_up),
        WITH_FIXTURE(bytes_that_come_late_still_count),
        WITH_FIXTURE(the_deadline_of_the_publish_begins_anew_after_unpublish),
        WITH_FIXTURE(counts_what_it_takes),
        WITH_FIXTURE(counts_messages_that_were_dropped_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
