#include "server/rtmp/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/event_queue.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/script.h"

struct fixture {
    struct rtmp_dialogue dialogue;
    struct rtmp_event_queue events;
    struct builder out;
    struct err err;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    rtmp_dialogue_init(&fixture.dialogue);
    rtmp_event_queue_init(&fixture.events);
    builder_init(&fixture.out, 64 * 1024);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rtmp_dialogue_finish(&fixture->dialogue);
    rtmp_event_queue_finish(&fixture->events);
    builder_finish(&fixture->out);
    return 0;
}

static struct builder connect_body(void)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "app");
    rtmp_amf0_write_text(&body, "live");
    rtmp_amf0_write_object_end(&body);
    return body;
}

static int take_typed(struct fixture *fixture, uint8_t type, struct builder body)
{
    struct rtmp_message message = {
        .type = type,
        .stream_id = 1,
        .data = body.data,
        .len = body.len,
    };
    int error = rtmp_dialogue_take(&fixture->dialogue, &message, &fixture->out,
                                   &fixture->events, &fixture->err);
    builder_finish(&body);
    return error;
}

static int take_body(struct fixture *fixture, struct builder body)
{
    return take_typed(fixture, RTMP_MESSAGE_COMMAND, body);
}

static int say(struct fixture *fixture, const char *name)
{
    if (bytes_equal_text(bytes_text(name), "connect"))
        return take_body(fixture, connect_body());
    struct builder body = script_command(name, 3);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, "key");
    return take_body(fixture, body);
}

/* The ways into each state. */
static void bring_to(struct fixture *fixture, enum rtmp_dialogue_state to)
{
    if (to == RTMP_DIALOGUE_REFUSED)
        rtmp_dialogue_refuse(&fixture->dialogue, "No.", &fixture->out);
    else if (to != RTMP_DIALOGUE_CONNECT)
        assert_int_equal(say(fixture, "connect"), 0);
    if (to == RTMP_DIALOGUE_ASKED || to == RTMP_DIALOGUE_PUBLISHING)
        assert_int_equal(say(fixture, "publish"), 0);
    if (to == RTMP_DIALOGUE_PUBLISHING)
        rtmp_dialogue_accept(&fixture->dialogue, &fixture->out);
    assert_int_equal(fixture->dialogue.state, to);
}

static void every_command_in_every_state(void **state)
{
    (void)state;
    static const struct {
        enum rtmp_dialogue_state from;
        const char *command;
        int error;
        enum rtmp_dialogue_state to;
    } steps[] = {
        {RTMP_DIALOGUE_CONNECT, "connect", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_CONNECT, "publish", -ERR_PROTO, RTMP_DIALOGUE_CONNECT},
        {RTMP_DIALOGUE_CONNECT, "createStream", -ERR_PROTO, RTMP_DIALOGUE_CONNECT},
        {RTMP_DIALOGUE_CONNECT, "deleteStream", -ERR_PROTO, RTMP_DIALOGUE_CONNECT},
        {RTMP_DIALOGUE_CONNECT, "what", -ERR_PROTO, RTMP_DIALOGUE_CONNECT},
        {RTMP_DIALOGUE_IDLE, "connect", -ERR_PROTO, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "releaseStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "FCPublish", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "createStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "_checkbw", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "publish", 0, RTMP_DIALOGUE_ASKED},
        {RTMP_DIALOGUE_IDLE, "FCUnpublish", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "closeStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "deleteStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "_result", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_IDLE, "what", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_PUBLISHING, "connect", -ERR_PROTO, RTMP_DIALOGUE_PUBLISHING},
        {RTMP_DIALOGUE_PUBLISHING, "publish", 0, RTMP_DIALOGUE_PUBLISHING},
        {RTMP_DIALOGUE_PUBLISHING, "createStream", 0, RTMP_DIALOGUE_PUBLISHING},
        {RTMP_DIALOGUE_PUBLISHING, "FCUnpublish", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_PUBLISHING, "closeStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_PUBLISHING, "deleteStream", 0, RTMP_DIALOGUE_IDLE},
        {RTMP_DIALOGUE_PUBLISHING, "what", 0, RTMP_DIALOGUE_PUBLISHING},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct fixture *fixture;
        void *at;
        set_up(&at);
        fixture = at;
        bring_to(fixture, steps[i].from);
        assert_int_equal(say(fixture, steps[i].command), steps[i].error);
        assert_int_equal(fixture->dialogue.state, steps[i].to);
        tear_down(&at);
    }
}

static void every_state_can_be_refused(void **state)
{
    (void)state;
    static const enum rtmp_dialogue_state from[] = {
        RTMP_DIALOGUE_CONNECT,
        RTMP_DIALOGUE_IDLE,
        RTMP_DIALOGUE_ASKED,
        RTMP_DIALOGUE_PUBLISHING,
    };
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        void *at;
        set_up(&at);
        struct fixture *fixture = at;
        bring_to(fixture, from[i]);
        rtmp_dialogue_refuse(&fixture->dialogue, "No.", &fixture->out);
        assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_REFUSED);
        tear_down(&at);
    }
}

/* What a command makes the server say, as the bytes that were added. */
static struct bytes answer_to(struct fixture *fixture, struct builder body)
{
    builder_clear(&fixture->out);
    assert_int_equal(take_body(fixture, body), 0);
    return builder_bytes(&fixture->out);
}

static void transaction_zero_wants_no_result(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_IDLE);
    static const char *const names[] = {"releaseStream", "createStream", "_checkbw",
                                        "FCUnpublish",   "deleteStream", "what"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(answer_to(fixture, script_command(names[i], 0)).len, 0);
        assert_true(answer_to(fixture, script_command(names[i], 2)).len > 0);
    }
}

static void a_second_publish_is_a_bad_name_and_the_first_goes_on(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
    struct rtmp_event event;
    assert_true(rtmp_event_queue_shift(&fixture->events, &event));
    rtmp_session_event_finish(&event);
    struct bytes answer = answer_to(fixture, script_command("publish", 0));
    assert_true(answer.len > 0);
    assert_false(rtmp_event_queue_shift(&fixture->events, &event));
}

static struct builder delete_stream(double stream_id)
{
    struct builder body = script_command("deleteStream", 4);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, stream_id);
    return body;
}

static void close_stream(struct fixture *fixture, uint32_t stream_id)
{
    struct builder body = script_command("closeStream", 0);
    struct rtmp_message message = {.type = RTMP_MESSAGE_COMMAND,
                                   .stream_id = stream_id,
                                   .data = body.data,
                                   .len = body.len};
    assert_int_equal(rtmp_dialogue_take(&fixture->dialogue, &message, &fixture->out,
                                        &fixture->events, &fixture->err),
                     0);
    builder_finish(&body);
}

static void only_the_stream_that_publishes_can_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    static const double others[] = {2, 99, 4294967295.0};
    bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(take_body(fixture, delete_stream(others[i])), 0);
    close_stream(fixture, 2);
    assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_PUBLISHING);
    close_stream(fixture, 1);
    assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_IDLE);
}

/* Whatever they say where the number should be. */
static void encoders_that_name_no_stream_mean_the_one_that_publishes(void **state)
{
    (void)state;
    static const double names[] = {0, 1, -1, 1e300};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *at;
        set_up(&at);
        struct fixture *fixture = at;
        bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
        assert_int_equal(take_body(fixture, delete_stream(names[i])), 0);
        assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_IDLE);
        tear_down(&at);
    }
}

static void stopping_says_so_once(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
    assert_true(answer_to(fixture, script_command("FCUnpublish", 0)).len > 0);
    assert_int_equal(answer_to(fixture, script_command("closeStream", 0)).len, 0);
    assert_int_equal(answer_to(fixture, script_command("deleteStream", 0)).len, 0);
    struct rtmp_event event;
    assert_true(rtmp_event_queue_shift(&fixture->events, &event));
    assert_int_equal(event.type, RTMP_EVENT_PUBLISH);
    rtmp_session_event_finish(&event);
    assert_true(rtmp_event_queue_shift(&fixture->events, &event));
    assert_int_equal(event.type, RTMP_EVENT_UNPUBLISH);
    assert_false(rtmp_event_queue_shift(&fixture->events, &event));
}

static void unpublish_with_a_name_that_is_no_text_is_taken(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
    struct builder body = script_command("FCUnpublish", 6);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    assert_int_equal(take_body(fixture, body), 0);
    assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_IDLE);
}

static int connect_with(struct fixture *fixture, const char *name, struct bytes value)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, name);
    builder_u8(&body, 2);
    builder_u16(&body, (uint16_t)value.len);
    builder_put(&body, value);
    rtmp_amf0_write_object_end(&body);
    return take_body(fixture, body);
}

/* An object that only its class can read, where the name belongs. */
static struct builder unreadable(void)
{
    struct builder body;
    builder_init(&body, 64);
    static const uint8_t amf3[] = {0, 0x11, 0x0a, 7, 3, 'X', 1};
    builder_put(&body, bytes_make(amf3, sizeof amf3));
    return body;
}

static void what_amf3_says_and_nobody_can_read_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_PUBLISHING);
    assert_int_equal(take_typed(fixture, RTMP_MESSAGE_COMMAND_AMF3, unreadable()), 0);
    assert_int_equal(fixture->dialogue.state, RTMP_DIALOGUE_PUBLISHING);
    assert_int_equal(take_typed(fixture, RTMP_MESSAGE_COMMAND, unreadable()),
                     -ERR_PROTO);
}

static void limits_the_texts_of_connect(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t text[RTMP_APP_MAX + 1];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'a';
    struct bytes too_long = bytes_make(text, sizeof text);
    assert_int_equal(connect_with(fixture, "app", too_long), -ERR_LIMIT);
    assert_int_equal(connect_with(fixture, "tcUrl", too_long), -ERR_LIMIT);
    assert_int_equal(connect_with(fixture, "app", bytes_make("a\0b", 3)), -ERR_PROTO);
    assert_int_equal(connect_with(fixture, "app", bytes_first(too_long, RTMP_APP_MAX)),
                     0);
}

static int publish_with(struct fixture *fixture, struct bytes name)
{
    struct builder body = script_command("publish", 0);
    rtmp_amf0_write_null(&body);
    builder_u8(&body, 2);
    builder_u16(&body, (uint16_t)name.len);
    builder_put(&body, name);
    return take_body(fixture, body);
}

static void limits_the_stream_name(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_IDLE);
    static uint8_t text[RTMP_KEY_MAX + 1];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'k';
    struct bytes too_long = bytes_make(text, sizeof text);
    assert_int_equal(publish_with(fixture, too_long), -ERR_LIMIT);
    assert_int_equal(publish_with(fixture, bytes_make("k\0", 2)), -ERR_PROTO);
    assert_int_equal(publish_with(fixture, bytes_first(too_long, RTMP_KEY_MAX)), 0);
}

static void errors_do_not_name_the_key(void **state)
{
    struct fixture *fixture = *state;
    bring_to(fixture, RTMP_DIALOGUE_IDLE);
    assert_int_equal(publish_with(fixture, bytes_make("secret\0", 7)), -ERR_PROTO);
    struct bytes words = bytes_text(fixture->err.text);
    for (size_t i = 0; i < words.len; i++)
        assert_false(bytes_has_prefix(bytes_from(words, i), "secret"));
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state),
        cmocka_unit_test(every_state_can_be_refused),
        WITH_FIXTURE(transaction_zero_wants_no_result),
        WITH_FIXTURE(a_second_publish_is_a_bad_name_and_the_first_goes_on),
        WITH_FIXTURE(only_the_stream_that_publishes_can_be_stopped),
        cmocka_unit_test(encoders_that_name_no_stream_mean_the_one_that_publishes),
        WITH_FIXTURE(stopping_says_so_once),
        WITH_FIXTURE(unpublish_with_a_name_that_is_no_text_is_taken),
        WITH_FIXTURE(what_amf3_says_and_nobody_can_read_is_passed_over),
        WITH_FIXTURE(limits_the_texts_of_connect),
        WITH_FIXTURE(limits_the_stream_name),
        WITH_FIXTURE(errors_do_not_name_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
