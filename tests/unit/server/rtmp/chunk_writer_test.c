#include "server/rtmp/chunk_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "server/rtmp/message.h"

static void check(struct builder *out, const uint8_t *expected, size_t len)
{
    assert_false(builder_failed(out));
    assert_int_equal(builder_bytes(out).len, len);
    assert_memory_equal(builder_bytes(out).data, expected, len);
    builder_finish(out);
}

static void writes_a_full_header(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    struct rtmp_chunk_header header = {
        .csid = 5,
        .type = RTMP_MESSAGE_COMMAND,
        .stream_id = 0x01020304,
        .stamp_ms = 0x0a0b0c,
    };
    rtmp_chunk_writer_put(&out, 128, &header, bytes_text("ab"));
    static const uint8_t expected[] = {5,  0x0a, 0x0b, 0x0c, 0, 0,   2,
                                       20, 4,    3,    2,    1, 'a', 'b'};
    check(&out, expected, sizeof expected);
}

static void cuts_at_the_chunk_size(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    struct rtmp_chunk_header header = {.csid = 3, .type = 8};
    rtmp_chunk_writer_put(&out, 2, &header, bytes_text("abcde"));
    static const uint8_t expected[] = {3, 0, 0,   0,   0,    0,   5,   8,    0,  0,
                                       0, 0, 'a', 'b', 0xc3, 'c', 'd', 0xc3, 'e'};
    check(&out, expected, sizeof expected);
}

static void a_payload_of_one_chunk_has_no_second_header(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    struct rtmp_chunk_header header = {.csid = 3, .type = 8};
    rtmp_chunk_writer_put(&out, 5, &header, bytes_text("abcde"));
    assert_int_equal(builder_bytes(&out).len, 12 + 5);
    builder_finish(&out);
}

static void repeats_extended_stamps(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    struct rtmp_chunk_header header = {.csid = 3, .type = 8, .stamp_ms = 0xffffff};
    rtmp_chunk_writer_put(&out, 1, &header, bytes_text("ab"));
    static const uint8_t expected[] = {3,   0xff, 0xff, 0xff, 0,    0,    2,    8,
                                       0,   0,    0,    0,    0,    0xff, 0xff, 0xff,
                                       'a', 0xc3, 0,    0xff, 0xff, 0xff, 'b'};
    check(&out, expected, sizeof expected);
}

static void writes_control_messages(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    rtmp_chunk_writer_control(&out, RTMP_MESSAGE_WINDOW_SIZE, 2500000);
    static const uint8_t expected[] = {2, 0, 0, 0, 0, 0,    4,    5,
                                       0, 0, 0, 0, 0, 0x26, 0x25, 0xa0};
    check(&out, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_full_header),
        cmocka_unit_test(cuts_at_the_chunk_size),
        cmocka_unit_test(a_payload_of_one_chunk_has_no_second_header),
        cmocka_unit_test(repeats_extended_stamps),
        cmocka_unit_test(writes_control_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
