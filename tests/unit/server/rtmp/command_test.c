#include "server/rtmp/command.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/amf0_boolean.h"
#include "tests/unit/server/rtmp/script.h"

static void knows_each_name_and_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum rtmp_command_id id;
    } names[] = {
        {"connect", RTMP_COMMAND_CONNECT},
        {"releaseStream", RTMP_COMMAND_RELEASE_STREAM},
        {"FCPublish", RTMP_COMMAND_FC_PUBLISH},
        {"createStream", RTMP_COMMAND_CREATE_STREAM},
        {"publish", RTMP_COMMAND_PUBLISH},
        {"FCUnpublish", RTMP_COMMAND_FC_UNPUBLISH},
        {"closeStream", RTMP_COMMAND_CLOSE_STREAM},
        {"deleteStream", RTMP_COMMAND_DELETE_STREAM},
        {"_checkbw", RTMP_COMMAND_CHECK_BANDWIDTH},
        {"_result", RTMP_COMMAND_ANSWER},
        {"_error", RTMP_COMMAND_ANSWER},
        {"onStatus", RTMP_COMMAND_ANSWER},
        {"onBWDone", RTMP_COMMAND_ANSWER},
        {"", RTMP_COMMAND_UNKNOWN},
        {"play", RTMP_COMMAND_UNKNOWN},
        {"Connect", RTMP_COMMAND_UNKNOWN},
        {"connec", RTMP_COMMAND_UNKNOWN},
        {"connectt", RTMP_COMMAND_UNKNOWN},
        {"getStreamLength", RTMP_COMMAND_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct builder body = script_command(names[i].name, 7);
        struct rtmp_command command;
        assert_int_equal(rtmp_command_read(builder_bytes(&body), &command), 0);
        assert_int_equal(command.id, names[i].id);
        assert_true(command.transaction == 7);
        assert_int_equal(command.arguments.len, 0);
        builder_finish(&body);
    }
}

static void a_missing_transaction_is_zero(void **state)
{
    (void)state;
    const uint8_t raw[] = {2, 0, 1, 'x'};
    struct rtmp_command command;
    assert_int_equal(rtmp_command_read(bytes_make(raw, sizeof raw), &command), 0);
    assert_true(command.transaction == 0);
}

static void rejects_what_is_no_command(void **state)
{
    (void)state;
    struct rtmp_command command;
    const uint8_t number_first[] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_int_equal(rtmp_command_read(bytes_make(NULL, 0), &command), -ERR_PROTO);
    assert_int_equal(
        rtmp_command_read(bytes_make(number_first, sizeof number_first), &command),
        -ERR_PROTO);
    assert_int_equal(rtmp_command_read(bytes_text("\x02\x01"), &command), -ERR_PROTO);
}

static void reads_what_connect_says(void **state)
{
    (void)state;
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "tcUrl");
    rtmp_amf0_write_text(&body, "rtmp://h/live");
    rtmp_amf0_write_name(&body, "app");
    rtmp_amf0_write_text(&body, "live");
    rtmp_amf0_write_name(&body, "flashVer");
    rtmp_amf0_write_number(&body, 9); /* not a text: as if not there */
    rtmp_amf0_write_object_end(&body);
    struct rtmp_command command;
    struct rtmp_connect connect;
    assert_int_equal(rtmp_command_read(builder_bytes(&body), &command), 0);
    assert_int_equal(rtmp_command_read_connect(&command, &connect), 0);
    assert_true(bytes_equal_text(connect.app, "live"));
    assert_true(bytes_equal_text(connect.tc_url, "rtmp://h/live"));
    assert_int_equal(connect.flash_version.len, 0);
    builder_finish(&body);
}

static void rejects_a_connect_without_object(void **state)
{
    (void)state;
    struct builder body = script_command("connect", 1);
    struct rtmp_command command;
    struct rtmp_connect connect;
    assert_int_equal(rtmp_command_read(builder_bytes(&body), &command), 0);
    assert_int_equal(rtmp_command_read_connect(&command, &connect), -ERR_PROTO);
    builder_finish(&body);
}

static void a_publish_without_name_has_an_empty_one(void **state)
{
    (void)state;
    struct builder body = script_command("publish", 0);
    struct rtmp_command command;
    struct bytes name = bytes_text("x");
    assert_int_equal(rtmp_command_read(builder_bytes(&body), &command), 0);
    assert_int_equal(rtmp_command_read_publish(&command, &name), 0);
    assert_int_equal(name.len, 0);
    rtmp_amf0_write_null(&body);
    amf0_boolean_write(&body, false);
    assert_int_equal(rtmp_command_read(builder_bytes(&body), &command), 0);
    assert_int_equal(rtmp_command_read_publish(&command, &name), 0);
    assert_int_equal(name.len, 0);
    builder_finish(&body);
}

static void amf3_messages_begin_with_a_format_byte(void **state)
{
    (void)state;
    uint8_t with[] = {0, 2, 0, 1, 'x'};
    struct rtmp_message message = {
        .type = RTMP_MESSAGE_COMMAND_AMF3,
        .data = with,
        .len = sizeof with,
    };
    assert_int_equal(rtmp_command_amf0_of(&message).len, 4);
    message.type = RTMP_MESSAGE_DATA_AMF3;
    assert_int_equal(rtmp_command_amf0_of(&message).len, 4);
    message.type = RTMP_MESSAGE_COMMAND;
    assert_int_equal(rtmp_command_amf0_of(&message).len, 5);
    message.type = RTMP_MESSAGE_COMMAND_AMF3; /* some leave it away */
    message.data = with + 1;
    message.len = sizeof with - 1;
    assert_int_equal(rtmp_command_amf0_of(&message).len, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_each_name_and_no_other),
        cmocka_unit_test(a_missing_transaction_is_zero),
        cmocka_unit_test(rejects_what_is_no_command),
        cmocka_unit_test(reads_what_connect_says),
        cmocka_unit_test(rejects_a_connect_without_object),
        cmocka_unit_test(a_publish_without_name_has_an_empty_one),
        cmocka_unit_test(amf3_messages_begin_with_a_format_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
