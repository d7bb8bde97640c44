#include "server/rtmp/chunk_reader.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/be.h"
#include "core/err.h"
#include "server/rtmp/message.h"
#include "server/rtmp/session.h"
#include "tests/unit/server/rtmp/script.h"

/* A reader and the messages it gave, as lines of text. */
struct fixture {
    struct rtmp_limits limits;
    struct rtmp_chunk_reader *reader;
    struct script script;
    struct builder lines;
    struct err err;
};

static void print_line(struct builder *lines, const struct rtmp_message *message)
{
    unsigned sum = 1;
    for (size_t i = 0; i < message->len; i++)
        sum = sum * 31 + message->data[i];
    builder_printf(lines, "%u@%u stream %u: %zu %08x\n", message->type,
                   message->stamp_ms, message->stream_id, message->len, sum);
}

/* Takes messages until the bytes end; chunk size and abort work as in a session. */
static int feed(struct fixture *fixture, struct bytes in)
{
    struct rtmp_message message;
    int result;
    while ((result = rtmp_chunk_reader_feed(fixture->reader, &in, &message,
                                            &fixture->err)) > 0) {
        print_line(&fixture->lines, &message);
        struct be_reader body = be_reader_of(rtmp_message_body(&message));
        int error = 0;
        if (message.type == RTMP_MESSAGE_SET_CHUNK_SIZE)
            error = rtmp_chunk_reader_set_chunk_size(fixture->reader,
                                                     be_read_u32(&body), &fixture->err);
        else if (message.type == RTMP_MESSAGE_ABORT)
            rtmp_chunk_reader_abort(fixture->reader, be_read_u32(&body));
        rtmp_message_finish(&message);
        if (error)
            return error;
    }
    assert_true(result < 0 || in.len == 0);
    return result;
}

static const char *lines_of(struct fixture *fixture)
{
    builder_u8(&fixture->lines, 0);
    assert_false(builder_failed(&fixture->lines));
    return (const char *)builder_bytes(&fixture->lines).data;
}

static void init(struct fixture *fixture)
{
    fixture->limits = rtmp_session_default_limits;
    fixture->reader = rtmp_chunk_reader_create(&fixture->limits);
    builder_init(&fixture->lines, SCRIPT_MAX);
}

static void finish(struct fixture *fixture)
{
    rtmp_chunk_reader_destroy(fixture->reader);
    builder_finish(&fixture->lines);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    init(&fixture);
    script_init(&fixture.script);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    finish(fixture);
    script_finish(&fixture->script);
    return 0;
}

/* The script gives these lines: whole, byte by byte and cut at every boundary. */
static void check(struct fixture *fixture, const char *expected, uint64_t n_restarted)
{
    struct bytes in = script_bytes(&fixture->script);
    for (size_t cut = 0; cut <= in.len; cut++) {
        struct fixture again;
        init(&again);
        assert_int_equal(feed(&again, bytes_first(in, cut)), 0);
        for (struct bytes rest = bytes_from(in, cut); rest.len > 0;) {
            size_t n = cut == 0 ? 1 : rest.len;
            assert_int_equal(feed(&again, bytes_first(rest, n)), 0);
            rest = bytes_from(rest, n);
        }
        assert_string_equal(lines_of(&again), expected);
        assert_int_equal(rtmp_chunk_reader_n_restarted(again.reader), n_restarted);
        finish(&again);
    }
}

static int feed_script(struct fixture *fixture)
{
    return feed(fixture, script_bytes(&fixture->script));
}

static void put(struct fixture *fixture, struct script_message message, size_t n)
{
    struct builder body = script_aac(1, n - 2);
    script_media(&fixture->script, &message, &body);
}

/* A header, and as much payload as given. */
static void put_part(struct fixture *fixture, struct script_message message, size_t len,
                     size_t n_payload)
{
    script_header(&fixture->script, &message, len);
    for (size_t i = 0; i < n_payload; i++)
        builder_u8(&fixture->script.out, 'x');
}

static struct script_message audio(unsigned fmt, uint32_t stamp)
{
    return (struct script_message){
        .fmt = fmt,
        .csid = 4,
        .stamp = stamp,
        .type = RTMP_MESSAGE_AUDIO,
        .stream_id = 1,
        .repeats_extended = true,
    };
}

static void joins_chunks_of_all_header_types(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, audio(0, 100), 300);
    put(fixture, audio(1, 20), 10);
    put(fixture, audio(2, 30), 10);
    put(fixture, audio(3, 0), 10); /* repeats 30 */
    check(fixture,
          "8@100 stream 1: 300 304724c9\n8@120 stream 1: 10 fe645e77\n"
          "8@150 stream 1: 10 fe645e77\n8@180 stream 1: 10 fe645e77\n",
          0);
}

static void takes_short_headers_as_the_first_of_a_chunk_stream(void **state)
{
    struct fixture *fixture = *state;
    struct script_message message = audio(1, 7);
    message.csid = 33;
    put(fixture, message, 5);
    message.csid = 34;
    message.fmt = 2; /* no length: an empty message of type 0 */
    put_part(fixture, message, 0, 0);
    message.csid = 35;
    message.fmt = 3;
    put_part(fixture, message, 0, 0);
    check(fixture,
          "8@7 stream 0: 5 0b57622f\n0@7 stream 0: 0 00000001\n"
          "0@0 stream 0: 0 00000001\n",
          0);
}

static void a_new_message_without_fields_after_a_full_header_has_its_time(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, audio(0, 5000), 5);
    put(fixture, audio(3, 0), 5);
    check(fixture, "8@5000 stream 1: 5 0b57622f\n8@5000 stream 1: 5 0b57622f\n", 0);
}

static void interleaves_chunk_streams_with_long_ids(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t csids[] = {3, 63, 64, 319, 320, 65599};
    for (size_t i = 0; i < 6; i++) {
        struct script_message message = audio(0, (uint32_t)i);
        message.csid = csids[i];
        put_part(fixture, message, 200, 128);
    }
    for (size_t i = 0; i < 6; i++) {
        struct script_message message = audio(3, 0);
        message.csid = csids[i];
        put_part(fixture, message, 200, 72);
    }
    check(fixture,
          "8@0 stream 1: 200 5ac63301\n8@1 stream 1: 200 5ac63301\n"
          "8@2 stream 1: 200 5ac63301\n8@3 stream 1: 200 5ac63301\n"
          "8@4 stream 1: 200 5ac63301\n8@5 stream 1: 200 5ac63301\n",
          0);
}

static void reads_extended_stamps_repeated_or_not(void **state)
{
    struct fixture *fixture = *state;
    struct script_message message = audio(0, 0x01020304);
    put(fixture, message, 300);
    message.repeats_extended = false;
    put(fixture, message, 300);
    check(fixture,
          "8@16909060 stream 1: 300 304724c9\n8@16909060 stream 1: 300 304724c9\n", 0);
}

/* One byte of payload behind a header that might have repeated the stamp: nothing of the
 * next header may be lost to the comparison. */
static void finds_short_payloads_behind_a_missing_repeat(void **state)
{
    struct fixture *fixture = *state;
    struct script_message message = audio(0, 0x04000001);
    message.repeats_extended = false;
    put_part(fixture, message, 129, 128);
    message.fmt = 3;
    script_header(&fixture->script, &message, 129);
    /* The payload's one byte and the next header begin like the stamp 04 00 00 01. */
    builder_u8(&fixture->script.out, 0x04);
    message.fmt = 0;
    message.csid = 64;
    message.stamp = 0x000102;
    put(fixture, message, 3);
    check(fixture, "8@67108865 stream 1: 129 e49b5023\n8@258 stream 1: 3 0003056e\n",
          0);
}

static void takes_the_messages_time_as_a_repeat_too(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, audio(0, 1000), 5);
    struct script_message message = audio(1, 0x01000000);
    put_part(fixture, message, 130, 128);
    builder_u8(&fixture->script.out, 0xc4);
    builder_u32(&fixture->script.out, 0x01000000 + 1000);
    builder_text(&fixture->script.out, "xx");
    check(fixture, "8@1000 stream 1: 5 0b57622f\n8@16778216 stream 1: 130 aecec2c1\n",
          0);
}

static void extended_deltas_with_the_sign_bit_go_back(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, audio(0, 5000), 5);
    put(fixture, audio(1, (uint32_t)-40), 5);
    check(fixture, "8@5000 stream 1: 5 0b57622f\n8@4960 stream 1: 5 0b57622f\n", 0);
}

static void stamps_wrap_at_32_bits(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, audio(0, 0xfffffff0), 5);
    put(fixture, audio(1, 33), 5);
    check(fixture, "8@4294967280 stream 1: 5 0b57622f\n8@17 stream 1: 5 0b57622f\n", 0);
}

static void a_full_header_within_a_message_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 1), 300, 128);
    put(fixture, audio(0, 2), 300);
    check(fixture, "8@2 stream 1: 300 304724c9\n", 1);
}

static void another_length_within_a_message_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 10), 300, 128);
    put(fixture, audio(1, 5), 10);
    check(fixture, "8@15 stream 1: 10 fe645e77\n", 1);
}

static void another_type_within_a_message_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 10), 300, 128);
    struct script_message message = audio(1, 5);
    message.type = RTMP_MESSAGE_VIDEO;
    put(fixture, message, 300);
    check(fixture, "9@15 stream 1: 300 304724c9\n", 1);
}

static void the_same_fields_within_a_message_continue_it(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 10), 200, 128);
    put_part(fixture, audio(1, 5), 200, 72);
    check(fixture, "8@10 stream 1: 200 5ac63301\n", 0);
}

static void abort_drops_a_message(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 10), 300, 128);
    struct script_message abort_message = {.csid = 2, .type = RTMP_MESSAGE_ABORT};
    script_header(&fixture->script, &abort_message, 4);
    builder_u32(&fixture->script.out, 4);
    put(fixture, audio(1, 5), 10);
    check(fixture, "2@0 stream 0: 4 000e1785\n8@15 stream 1: 10 fe645e77\n", 0);
}

static void abort_of_an_unknown_chunk_stream_is_nothing(void **state)
{
    struct fixture *fixture = *state;
    rtmp_chunk_reader_abort(fixture->reader, 77);
    put(fixture, audio(0, 1), 5);
    assert_int_equal(feed_script(fixture), 0);
    assert_string_equal(lines_of(fixture), "8@1 stream 1: 5 0b57622f\n");
}

static void chunk_size_changes_with_the_next_chunk(void **state)
{
    struct fixture *fixture = *state;
    put_part(fixture, audio(0, 1), 1000, 128);
    script_chunk_size(&fixture->script, 5, 1);
    put_part(fixture, audio(3, 0), 1000, 1);
    script_chunk_size(&fixture->script, 5, 70000);
    put_part(fixture, audio(3, 0), 1000, 871);
    check(fixture,
          "1@0 stream 0: 4 000e1782\n1@0 stream 0: 4 000e1dc1\n"
          "8@1 stream 1: 1000 8030ff01\n",
          0);
}

static void rejects_chunk_size_zero(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        rtmp_chunk_reader_set_chunk_size(fixture->reader, 0, &fixture->err),
        -ERR_PROTO);
    assert_int_equal(
        rtmp_chunk_reader_set_chunk_size(fixture->reader, 0x80000000, &fixture->err),
        -ERR_PROTO);
}

static void takes_any_other_chunk_size(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t sizes[] = {1, 128, 0xffffff, 0x7fffffff};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            rtmp_chunk_reader_set_chunk_size(fixture->reader, sizes[i], NULL), 0);
    put_part(fixture, audio(0, 1), 100000, 100000);
    assert_int_equal(feed_script(fixture), 0);
    assert_true(builder_bytes(&fixture->lines).len > 0);
}

static void limits_chunk_streams(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 64; i++) {
        struct script_message message = audio(0, 1);
        message.csid = 100 + i;
        put_part(fixture, message, 1, 1);
    }
    assert_int_equal(feed_script(fixture), 0);
    const uint8_t one_more[] = {0x03};
    const uint8_t rest[11] = {0};
    assert_int_equal(feed(fixture, bytes_make(one_more, 1)), 0);
    assert_int_equal(feed(fixture, bytes_make(rest, sizeof rest)), -ERR_LIMIT);
}

static int feed_header(struct fixture *fixture, uint8_t type, size_t len)
{
    struct script_message message = audio(0, 1);
    message.type = type;
    script_header(&fixture->script, &message, len);
    return feed_script(fixture);
}

static void limits_media_messages_at_their_header(void **state)
{
    assert_int_equal(feed_header(*state, RTMP_MESSAGE_VIDEO, 8 * 1024 * 1024 + 1),
                     -ERR_LIMIT);
}

static void takes_media_messages_up_to_the_limit(void **state)
{
    assert_int_equal(feed_header(*state, RTMP_MESSAGE_VIDEO, 8 * 1024 * 1024), 0);
}

/* A header has 24 bits for it: what may be set as the limit can be had. */
static void takes_the_longest_message_that_a_header_can_tell(void **state)
{
    static const uint8_t chunk[65536];
    struct fixture *fixture = *state;
    struct rtmp_message message;
    struct bytes more;
    fixture->limits.media_message_max = 16 * 1024 * 1024;
    assert_int_equal(rtmp_chunk_reader_set_chunk_size(fixture->reader, 0xffffff, NULL),
                     0);
    assert_int_equal(feed_header(fixture, RTMP_MESSAGE_VIDEO, 0xffffff), 0);
    for (size_t rest = 0xffffff; rest > 0; rest -= more.len) {
        more = bytes_make(chunk, rest < sizeof chunk ? rest : sizeof chunk);
        struct bytes in = more;
        int result = rtmp_chunk_reader_feed(fixture->reader, &in, &message, NULL);
        assert_int_equal(result, rest == more.len);
    }
    assert_int_equal(message.len, 0xffffff);
    rtmp_message_finish(&message);
}

static void limits_commands_at_their_header(void **state)
{
    assert_int_equal(feed_header(*state, RTMP_MESSAGE_COMMAND, 64 * 1024 + 1),
                     -ERR_LIMIT);
}

static void limits_what_is_unfinished_in_total(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.partial_total_max = 1000;
    for (uint32_t i = 0; i < 7; i++) {
        struct script_message message = audio(0, 1);
        message.csid = 10 + i;
        put_part(fixture, message, 500, 128);
    }
    assert_int_equal(feed_script(fixture), 0);
    builder_clear(&fixture->script.out);
    put_part(fixture, audio(0, 1), 500, 128);
    assert_int_equal(feed_script(fixture), -ERR_LIMIT);
}

static void gives_back_what_whole_messages_held(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.partial_total_max = 1000;
    for (uint32_t i = 0; i < 50; i++)
        put(fixture, audio(0, i), 600);
    assert_int_equal(feed_script(fixture), 0);
}

/* 64 chunk streams that announce 8 MiB each and send a chunk of it. */
static void memory_grows_with_what_arrives(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 64; i++) {
        struct script_message message = audio(0, 1);
        message.csid = 100 + i;
        message.type = RTMP_MESSAGE_VIDEO;
        put_part(fixture, message, 8 * 1024 * 1024, 128);
    }
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_int_equal(feed_script(fixture), 0);
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_true(after - before < 1024 * 1024);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(joins_chunks_of_all_header_types),
        WITH_FIXTURE(takes_short_headers_as_the_first_of_a_chunk_stream),
        WITH_FIXTURE(a_new_message_without_fields_after_a_full_header_has_its_time),
        WITH_FIXTURE(interleaves_chunk_streams_with_long_ids),
        WITH_FIXTURE(reads_extended_stamps_repeated_or_not),
        WITH_FIXTURE(finds_short_payloads_behind_a_missing_repeat),
        WITH_FIXTURE(takes_the_messages_time_as_a_repeat_too),
        WITH_FIXTURE(extended_deltas_with_the_sign_bit_go_back),
        WITH_FIXTURE(stamps_wrap_at_32_bits),
        WITH_FIXTURE(a_full_header_within_a_message_begins_anew),
        WITH_FIXTURE(another_length_within_a_message_begins_anew),
        WITH_FIXTURE(another_type_within_a_message_begins_anew),
        WITH_FIXTURE(the_same_fields_within_a_message_continue_it),
        WITH_FIXTURE(abort_drops_a_message),
        WITH_FIXTURE(abort_of_an_unknown_chunk_stream_is_nothing),
        WITH_FIXTURE(chunk_size_changes_with_the_next_chunk),
        WITH_FIXTURE(rejects_chunk_size_zero),
        WITH_FIXTURE(takes_any_other_chunk_size),
        WITH_FIXTURE(limits_chunk_streams),
        WITH_FIXTURE(limits_media_messages_at_their_header),
        WITH_FIXTURE(takes_media_messages_up_to_the_limit),
        WITH_FIXTURE(takes_the_longest_message_that_a_header_can_tell),
        WITH_FIXTURE(limits_commands_at_their_header),
        WITH_FIXTURE(limits_what_is_unfinished_in_total),
        WITH_FIXTURE(gives_back_what_whole_messages_held),
        WITH_FIXTURE(memory_grows_with_what_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
