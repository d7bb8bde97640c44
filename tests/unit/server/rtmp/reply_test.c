#include "server/rtmp/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/be.h"
#include "core/builder.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/codec.h"
#include "server/rtmp/message.h"

/* The message at the start of a reply, which must be one chunk. */
struct said {
    uint8_t csid;
    uint8_t type;
    uint32_t stream_id;
    struct bytes body;
};

static struct said next(struct be_reader *in)
{
    struct said said = {.csid = be_read_u8(in)};
    assert_int_equal(be_read_u24(in), 0); /* stamp */
    uint32_t len = be_read_u24(in);
    said.type = be_read_u8(in);
    said.stream_id = __builtin_bswap32(be_read_u32(in));
    said.body = be_read_bytes(in, len);
    assert_false(in->failed);
    return said;
}

static void check_control(struct be_reader *in, uint8_t type, struct bytes body)
{
    struct said said = next(in);
    assert_int_equal(said.csid, 2);
    assert_int_equal(said.type, type);
    assert_int_equal(said.stream_id, 0);
    assert_true(bytes_equal(said.body, body));
}

/* Name and transaction of a command; what follows stays in the reader. */
static struct rtmp_amf0_reader check_command(struct be_reader *in, uint32_t stream_id,
                                             const char *name, double transaction)
{
    struct said said = next(in);
    assert_int_equal(said.type, RTMP_MESSAGE_COMMAND);
    assert_int_equal(said.stream_id, stream_id);
    struct rtmp_amf0_reader amf0 = rtmp_amf0_reader_of(said.body);
    struct rtmp_amf0_value value;
    assert_int_equal(rtmp_amf0_read(&amf0, &value), 1);
    assert_true(bytes_equal_text(value.text, name));
    assert_int_equal(rtmp_amf0_read(&amf0, &value), 1);
    assert_true(value.number == transaction);
    return amf0;
}

static struct rtmp_amf0_value take(struct rtmp_amf0_reader *amf0,
                                   enum rtmp_amf0_kind kind)
{
    struct rtmp_amf0_value value;
    assert_int_equal(rtmp_amf0_read(amf0, &value), 1);
    assert_int_equal(value.kind, kind);
    return value;
}

static void check_text(struct rtmp_amf0_value object, const char *name,
                       const char *expected)
{
    struct rtmp_amf0_value value;
    assert_true(rtmp_amf0_find(object.content, name, &value));
    assert_true(bytes_equal_text(value.text, expected));
}

static struct builder begin(void)
{
    struct builder out;
    builder_init(&out, 4096);
    return out;
}

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void connect_is_answered_after_window_bandwidth_and_chunk_size(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_connected(&out, 1);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    check_control(&in, RTMP_MESSAGE_WINDOW_SIZE, BYTES(0, 0x26, 0x25, 0xa0));
    check_control(&in, RTMP_MESSAGE_PEER_BANDWIDTH, BYTES(0, 0x26, 0x25, 0xa0, 2));
    check_control(&in, RTMP_MESSAGE_SET_CHUNK_SIZE, BYTES(0, 1, 0, 0));
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_result", 1);
    struct rtmp_amf0_value number, object = take(&amf0, RTMP_AMF0_OBJECT);
    check_text(object, "fmsVer", "FMS/3,0,1,123");
    assert_true(rtmp_amf0_find(object.content, "capabilities", &number));
    assert_true(number.number == 31);
    object = take(&amf0, RTMP_AMF0_OBJECT);
    check_text(object, "level", "status");
    check_text(object, "code", "NetConnection.Connect.Success");
    assert_true(rtmp_amf0_find(object.content, "objectEncoding", &number));
    assert_true(number.number == 0);
    assert_int_equal(in.rest.len, 0);
    builder_finish(&out);
}

static struct rtmp_amf0_value find(struct rtmp_amf0_value object, const char *name)
{
    struct rtmp_amf0_value value;
    assert_true(rtmp_amf0_find(object.content, name, &value));
    return value;
}

/* The list and the maps name the same codecs, all of which can be forwarded. */
static void connect_is_told_what_works(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_connected(&out, 1);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    for (int i = 0; i < 3; i++)
        (void)next(&in);
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_result", 1);
    struct rtmp_amf0_value object = take(&amf0, RTMP_AMF0_OBJECT);
    struct rtmp_amf0_value list = find(object, "fourCcList");
    assert_int_equal(list.kind, RTMP_AMF0_ARRAY);
    struct rtmp_amf0_value maps[] = {find(object, "audioFourCcInfoMap"),
                                     find(object, "videoFourCcInfoMap")};
    struct rtmp_amf0_reader names = rtmp_amf0_reader_of(list.content);
    for (size_t i = 0; i < rtmp_codec_table_n; i++) {
        const struct rtmp_codec_entry *entry = &rtmp_codec_table[i];
        if (!entry->forwarded)
            continue;
        assert_true(bytes_equal_text(take(&names, RTMP_AMF0_TEXT).text, entry->fourcc));
        assert_true(find(maps[entry->is_video], entry->fourcc).number == 4);
    }
    assert_int_equal(names.in.rest.len, 0);
    assert_true(find(object, "capsEx").number == RTMP_CODEC_CAPS);
    builder_finish(&out);
}

static void a_rejected_connect_is_an_error_of_the_connection(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_rejected(&out, 1, "Go away.");
    struct be_reader in = be_reader_of(builder_bytes(&out));
    /* The client does not know yet how long our chunks are. */
    assert_int_equal(next(&in).type, RTMP_MESSAGE_SET_CHUNK_SIZE);
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_error", 1);
    (void)take(&amf0, RTMP_AMF0_NULL);
    struct rtmp_amf0_value info = take(&amf0, RTMP_AMF0_OBJECT);
    check_text(info, "level", "error");
    check_text(info, "code", "NetConnection.Connect.Rejected");
    check_text(info, "description", "Go away.");
    builder_finish(&out);
}

static void a_result_holds_null_and_undefined(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_result(&out, 3);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_result", 3);
    assert_true(bytes_equal(amf0.in.rest, BYTES(5, 6)));
    builder_finish(&out);
}

static void a_created_stream_is_the_first(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_stream_created(&out, 4);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_result", 4);
    (void)take(&amf0, RTMP_AMF0_NULL);
    assert_true(take(&amf0, RTMP_AMF0_NUMBER).number == 1);
    builder_finish(&out);
}

static void an_unknown_call_gets_an_error(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_call_failed(&out, 9);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "_error", 9);
    (void)take(&amf0, RTMP_AMF0_NULL);
    struct rtmp_amf0_value info = take(&amf0, RTMP_AMF0_OBJECT);
    check_text(info, "level", "error");
    check_text(info, "code", "NetConnection.Call.Failed");
    builder_finish(&out);
}

static void on_fc_publish_is_on_message_stream_0(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_fc(&out, "onFCPublish", "NetStream.Publish.Start");
    struct be_reader in = be_reader_of(builder_bytes(&out));
    struct rtmp_amf0_reader amf0 = check_command(&in, 0, "onFCPublish", 0);
    (void)take(&amf0, RTMP_AMF0_NULL);
    check_text(take(&amf0, RTMP_AMF0_OBJECT), "code", "NetStream.Publish.Start");
    builder_finish(&out);
}

static void a_status_is_on_the_publishing_stream(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_status(&out, 1, "status", "NetStream.Publish.Start", "Publishing.");
    assert_true(builder_bytes(&out).len < 128); /* never half read by an encoder */
    struct be_reader in = be_reader_of(builder_bytes(&out));
    struct rtmp_amf0_reader amf0 = check_command(&in, 1, "onStatus", 0);
    (void)take(&amf0, RTMP_AMF0_NULL);
    struct rtmp_amf0_value info = take(&amf0, RTMP_AMF0_OBJECT);
    check_text(info, "level", "status");
    check_text(info, "code", "NetStream.Publish.Start");
    check_text(info, "description", "Publishing.");
    builder_finish(&out);
}

static void acknowledgements_and_pongs_are_control_messages(void **state)
{
    (void)state;
    struct builder out = begin();
    rtmp_reply_acknowledgement(&out, 0x01020304);
    rtmp_reply_pong(&out, 0xa0b0c0d0);
    struct be_reader in = be_reader_of(builder_bytes(&out));
    check_control(&in, RTMP_MESSAGE_ACKNOWLEDGEMENT, BYTES(1, 2, 3, 4));
    check_control(&in, RTMP_MESSAGE_USER_CONTROL, BYTES(0, 7, 0xa0, 0xb0, 0xc0, 0xd0));
    builder_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_is_answered_after_window_bandwidth_and_chunk_size),
        cmocka_unit_test(connect_is_told_what_works),
        cmocka_unit_test(a_rejected_connect_is_an_error_of_the_connection),
        cmocka_unit_test(a_result_holds_null_and_undefined),
        cmocka_unit_test(a_created_stream_is_the_first),
        cmocka_unit_test(an_unknown_call_gets_an_error),
        cmocka_unit_test(on_fc_publish_is_on_message_stream_0),
        cmocka_unit_test(a_status_is_on_the_publishing_stream),
        cmocka_unit_test(acknowledgements_and_pongs_are_control_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
