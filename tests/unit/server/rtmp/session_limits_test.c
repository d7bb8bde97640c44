#include "server/rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/fixture.h"

static void acknowledges_half_of_a_small_window(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_WINDOW_SIZE, 0,
                BYTES(0, 0, 0x40, 0)); /* 16 KiB */
    for (uint32_t i = 0; i < 100; i++) {
        struct builder body = script_aac(1, 1000);
        fixture_put(fixture, RTMP_MESSAGE_AUDIO, i, builder_bytes(&body));
        builder_finish(&body);
    }
    size_t len = script_bytes(&fixture->script).len;
    assert_int_equal(fixture_feed(fixture), 0);
    /* Each is 16 bytes; one more for what came before the window was told. */
    size_t n = run_out(&fixture->run).len / 16;
    assert_in_range(n, len / 8192, len / 8192 + 1);
}

static void acknowledges_by_default_after_the_announced_window(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    uint64_t before = rtmp_session_get_stats(fixture->run.session).bytes_in;
    script_chunk_size(&fixture->script, 2, 65536);
    struct builder body = script_avc(2, 1, 0, 2500000);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, builder_bytes(&body));
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
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_WINDOW_SIZE, 0, BYTES(0, 0, 0, 1));
    for (uint32_t i = 0; i < 1000; i++)
        fixture_put(fixture, RTMP_MESSAGE_AUDIO, i, BYTES(0xaf, 1, 5));
    size_t len = script_bytes(&fixture->script).len;
    assert_int_equal(fixture_feed(fixture), 0);
    assert_true(run_out(&fixture->run).len <= 16 * (len / 4096 + 1));
}

static void limits_input_before_the_publish(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    uint64_t used = rtmp_session_get_stats(fixture->run.session).bytes_in;
    static const uint8_t zeros[64 * 1024];
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_chunk_size(&fixture->script, 2, 65536);
    script_header(&fixture->script, &message, sizeof zeros);
    used += script_bytes(&fixture->script).len;
    assert_int_equal(fixture_feed(fixture), 0);
    struct bytes rest = bytes_make(zeros, sizeof zeros - (size_t)used);
    assert_int_equal(run_feed(&fixture->run, rest), 0);
    assert_int_equal(run_feed(&fixture->run, bytes_make(zeros, 1)), -ERR_LIMIT);
    assert_int_equal(rtmp_session_limit(fixture->run.session),
                     RTMP_LIMIT_BEFORE_PUBLISH);
}

static void a_flood_of_pings_is_answered_within_bounds(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    for (int i = 0; i < 200000; i++)
        fixture_put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 1, 2, 3, 4));
    assert_int_equal(fixture_feed(fixture), -ERR_LIMIT);
    assert_true(run_out(&fixture->run).len <= 1024 * 1024);
    assert_int_equal(rtmp_session_limit(fixture->run.session), RTMP_LIMIT_ANSWERS);
}

static void check_header(struct fixture *fixture, uint8_t type, size_t len,
                         enum rtmp_limit limit)
{
    fixture_publish(fixture);
    assert_int_equal(rtmp_session_limit(fixture->run.session), RTMP_LIMIT_NONE);
    struct script_message message = {.csid = 6, .type = type};
    script_header(&fixture->script, &message, len);
    assert_int_equal(fixture_feed(fixture), -ERR_LIMIT);
    assert_int_equal(rtmp_session_limit(fixture->run.session), limit);
}

static void a_media_message_that_is_too_long_is_told(void **state)
{
    check_header(*state, RTMP_MESSAGE_VIDEO, 8 * 1024 * 1024 + 1,
                 RTMP_LIMIT_MEDIA_MESSAGE);
}

static void another_message_that_is_too_long_is_told(void **state)
{
    check_header(*state, RTMP_MESSAGE_DATA, 64 * 1024 + 1, RTMP_LIMIT_COMMAND_MESSAGE);
}

static void too_many_chunk_streams_are_told(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    for (uint32_t csid = 64; csid <= 64 + 64; csid++) {
        struct script_message message = {.csid = csid, .type = RTMP_MESSAGE_VIDEO};
        script_header(&fixture->script, &message, 0);
    }
    assert_int_equal(fixture_feed(fixture), -ERR_LIMIT);
    assert_int_equal(rtmp_session_limit(fixture->run.session),
                     RTMP_LIMIT_CHUNK_STREAMS);
}

static void too_much_of_unfinished_messages_is_told(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    static const uint8_t zeros[65536];
    script_chunk_size(&fixture->script, 2, sizeof zeros);
    int error = fixture_feed(fixture);
    for (uint32_t i = 0; i < 3 * 112 && !error; i++) {
        struct script_message message = {.csid = 10 + i / 112,
                                         .type = RTMP_MESSAGE_VIDEO};
        uint8_t next = (uint8_t)(0xc0 | message.csid);
        if (i % 112 == 0)
            script_header(&fixture->script, &message, 8 * 1024 * 1024);
        error = i % 112 == 0 ? fixture_feed(fixture)
                             : run_feed(&fixture->run, bytes_make(&next, 1));
        if (!error)
            error = run_feed(&fixture->run, bytes_make(zeros, sizeof zeros));
    }
    assert_int_equal(error, -ERR_LIMIT);
    assert_int_equal(rtmp_session_limit(fixture->run.session),
                     RTMP_LIMIT_PARTIAL_MESSAGES);
}

static void a_broken_protocol_is_no_limit(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 0, 0));
    assert_int_equal(fixture_feed(fixture), -ERR_PROTO);
    assert_int_equal(rtmp_session_limit(fixture->run.session), RTMP_LIMIT_NONE);
}

/* Deadlines: not a millisecond too early, and the words say which. */
static void check_deadline(struct fixture *fixture, int64_t after_ms, const char *words,
                           enum rtmp_limit limit)
{
    int64_t at_ms = fixture->run.now_ms + after_ms;
    assert_true(rtmp_session_deadline_ms(fixture->run.session) == at_ms);
    assert_int_equal(run_tick(&fixture->run, at_ms - 1), 0);
    assert_int_equal(run_tick(&fixture->run, at_ms), -ERR_LIMIT);
    assert_string_equal(fixture->run.err.text, words);
    assert_int_equal(rtmp_session_limit(fixture->run.session), limit);
}

static void the_handshake_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture->run.now_ms += 4000;
    assert_int_equal(run_feed(&fixture->run, BYTES(3, 1, 2)), 0);
    check_deadline(fixture, 1000, "handshake not finished in time",
                   RTMP_LIMIT_HANDSHAKE);
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
    fixture_connect(fixture);
    check_deadline(fixture, 10000, "no publish in time", RTMP_LIMIT_PUBLISH);
}

static void the_first_media_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    for (int i = 0; i < 3; i++) {
        fixture->run.now_ms += 6000;
        fixture_put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 0, 0, 0, 0));
        assert_int_equal(fixture_feed(fixture), 0);
    }
    check_deadline(fixture, 2000, "no media after the publish", RTMP_LIMIT_FIRST_MEDIA);
}

static void a_silent_publisher_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture->run.now_ms += 5000;
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(fixture_feed(fixture), 0);
    check_deadline(fixture, 10000, "no byte for too long", RTMP_LIMIT_IDLE);
}

static void five_seconds_of_silence_are_taken(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(run_tick(&fixture->run, RUN_NOW_MS + 5000), 0);
}

static void bytes_that_come_late_still_count(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture->run.now_ms += 15000; /* our own process was held up */
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0, 0x12, 0x10));
    assert_int_equal(fixture_feed(fixture), 0);
}

static void the_deadline_of_the_publish_begins_anew_after_unpublish(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture->run.now_ms += 7000;
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 1));
    script_call(&fixture->script, 3, 1, "closeStream", 0, NULL);
    assert_int_equal(fixture_feed(fixture), 0);
    check_deadline(fixture, 10000, "no publish in time", RTMP_LIMIT_PUBLISH);
}

static void the_owners_answer_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    fixture->run.now_ms += 3000;
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    struct rtmp_session *session = fixture->run.session;
    struct rtmp_event event = fixture_first_event(fixture, RTMP_EVENT_PUBLISH);
    rtmp_session_event_finish(&event);
    check_deadline(fixture, 10000, "publish not answered in time", RTMP_LIMIT_VERDICT);
    assert_int_equal(run_count(&fixture->run, "NetStream.Publish.BadName"), 1);
    rtmp_session_accept(session, RUN_NOW_MS + 13000); /* too late: nothing */
    assert_null(rtmp_session_take_output(session));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(acknowledges_half_of_a_small_window),
        WITH_FIXTURE(acknowledges_by_default_after_the_announced_window),
        WITH_FIXTURE(a_tiny_window_does_not_make_it_answer_each_byte),
        WITH_FIXTURE(limits_input_before_the_publish),
        WITH_FIXTURE(a_flood_of_pings_is_answered_within_bounds),
        WITH_FIXTURE(a_media_message_that_is_too_long_is_told),
        WITH_FIXTURE(another_message_that_is_too_long_is_told),
        WITH_FIXTURE(too_many_chunk_streams_are_told),
        WITH_FIXTURE(too_much_of_unfinished_messages_is_told),
        WITH_FIXTURE(a_broken_protocol_is_no_limit),
        WITH_FIXTURE(the_handshake_has_a_deadline),
        WITH_FIXTURE(bytes_that_trickle_do_not_move_the_handshakes_deadline),
        WITH_FIXTURE(the_publish_has_a_deadline),
        WITH_FIXTURE(the_first_media_has_a_deadline),
        WITH_FIXTURE(a_silent_publisher_is_given_up),
        WITH_FIXTURE(five_seconds_of_silence_are_taken),
        WITH_FIXTURE(bytes_that_come_late_still_count),
        WITH_FIXTURE(the_deadline_of_the_publish_begins_anew_after_unpublish),
        WITH_FIXTURE(the_owners_answer_has_a_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
