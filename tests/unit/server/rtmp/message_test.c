#include "server/rtmp/message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"

static void put_part(struct builder *out, uint8_t type, uint32_t stamp_ms,
                     const char *body)
{
    struct bytes content = bytes_text(body);
    builder_u8(out, type);
    builder_u24(out, (uint32_t)content.len);
    builder_u24(out, stamp_ms & 0xffffff);
    builder_u8(out, (uint8_t)(stamp_ms >> 24));
    builder_u24(out, 0);
    builder_put(out, content);
}

static void put_back_pointer(struct builder *out, size_t len)
{
    builder_u32(out, (uint32_t)(11 + len));
}

static struct rtmp_message aggregate_of(struct builder *out, uint32_t stamp_ms)
{
    struct bytes body = builder_bytes(out);
    uint8_t *data = alloc_zero(body.len + BUF_PADDING);
    for (size_t i = 0; i < body.len; i++)
        data[i] = body.data[i];
    builder_finish(out);
    return (struct rtmp_message){
        .type = RTMP_MESSAGE_AGGREGATE,
        .stamp_ms = stamp_ms,
        .data = data,
        .len = body.len,
    };
}

static void check_part(struct rtmp_message_parts *parts, uint8_t type,
                       uint32_t stamp_ms, const char *body)
{
    struct rtmp_message part;
    assert_int_equal(rtmp_message_next_part(parts, &part), 1);
    assert_int_equal(part.type, type);
    assert_int_equal(part.stamp_ms, stamp_ms);
    assert_true(bytes_equal_text(rtmp_message_body(&part), body));
    rtmp_message_finish(&part);
}

static void takes_an_aggregate_apart(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    put_part(&out, 9, 0x01000010, "video");
    put_back_pointer(&out, 5);
    put_part(&out, 8, 0x0100000c, "");
    put_back_pointer(&out, 0);
    put_part(&out, 8, 0x01000020, "audio");
    put_back_pointer(&out, 5);
    struct rtmp_message message = aggregate_of(&out, 7000);
    struct rtmp_message_parts parts = rtmp_message_parts_of(&message);
    check_part(&parts, 9, 7000, "video");
    check_part(&parts, 8, 6996, "");
    check_part(&parts, 8, 7016, "audio");
    struct rtmp_message none;
    assert_int_equal(rtmp_message_next_part(&parts, &none), 0);
    rtmp_message_finish(&message);
}

static void the_last_back_pointer_may_be_missing(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    put_part(&out, 8, 5, "a");
    struct rtmp_message message = aggregate_of(&out, 100);
    struct rtmp_message_parts parts = rtmp_message_parts_of(&message);
    check_part(&parts, 8, 100, "a");
    struct rtmp_message none;
    assert_int_equal(rtmp_message_next_part(&parts, &none), 0);
    rtmp_message_finish(&message);
}

static void rejects_a_part_that_is_cut(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    put_part(&out, 8, 5, "abc");
    out.len--;
    struct rtmp_message message = aggregate_of(&out, 100);
    struct rtmp_message_parts parts = rtmp_message_parts_of(&message);
    struct rtmp_message none;
    assert_int_equal(rtmp_message_next_part(&parts, &none), -ERR_PROTO);
    rtmp_message_finish(&message);
}

static void parts_are_limited(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 64 * 1024);
    for (int i = 0; i <= RTMP_MESSAGE_PARTS_MAX; i++) {
        put_part(&out, 8, 0, "a");
        put_back_pointer(&out, 1);
    }
    struct rtmp_message message = aggregate_of(&out, 0);
    struct rtmp_message_parts parts = rtmp_message_parts_of(&message);
    struct rtmp_message part;
    for (int i = 0; i < RTMP_MESSAGE_PARTS_MAX; i++) {
        assert_int_equal(rtmp_message_next_part(&parts, &part), 1);
        rtmp_message_finish(&part);
    }
    assert_int_equal(rtmp_message_next_part(&parts, &part), -ERR_LIMIT);
    rtmp_message_finish(&message);
}

static void gives_its_payload_away_without_a_copy(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 64);
    builder_text(&out, "headpayload");
    struct rtmp_message message = aggregate_of(&out, 0);
    const uint8_t *data = message.data;
    struct buf *buf = rtmp_message_take_from(&message, 4);
    assert_ptr_equal(buf_bytes(buf).data, data + 4);
    assert_true(bytes_equal_text(buf_bytes(buf), "payload"));
    assert_int_equal(message.len, 0);
    rtmp_message_finish(&message);
    buf_unref(buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_aggregate_apart),
        cmocka_unit_test(the_last_back_pointer_may_be_missing),
        cmocka_unit_test(rejects_a_part_that_is_cut),
        cmocka_unit_test(parts_are_limited),
        cmocka_unit_test(gives_its_payload_away_without_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
