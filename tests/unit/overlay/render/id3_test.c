#include "overlay/render/id3.h"

#include "tests/unit/overlay/fixture.h"

enum { HEAD = 20 }; /* headers of tag and frame */

static struct buf *tag_of(struct bytes value)
{
    struct builder out;
    builder_init(&out, 1 << 16);
    render_id3_put(&out, "shop.cue.v1", value);
    struct buf *tag = builder_take(&out);
    assert_non_null(tag);
    builder_finish(&out);
    return tag;
}

/* ID3v2.4.0, section 6.2, read the other way round. */
static size_t syncsafe(const uint8_t *at)
{
    size_t size = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(at[i] & 0x80, 0);
        size = size << 7 | at[i];
    }
    return size;
}

static void assert_tag(struct bytes value)
{
    struct buf *tag = tag_of(value);
    struct bytes bytes = buf_bytes(tag);
    assert_int_equal(bytes.len, HEAD + 13 + value.len);
    assert_memory_equal(bytes.data, "ID3\x04\0\0", 6);
    assert_int_equal(syncsafe(bytes.data + 6), bytes.len - 10);
    assert_memory_equal(bytes.data + 10, "TXXX", 4);
    assert_int_equal(syncsafe(bytes.data + 14), bytes.len - HEAD);
    assert_memory_equal(bytes.data + 18, "\0\0\x03shop.cue.v1\0", 15);
    assert_memory_equal(bytes.data + HEAD + 13, value.data, value.len);
    buf_unref(tag);
}

static void writes_a_tag_with_one_text_frame(void **state)
{
    (void)state;
    struct buf *tag = tag_of(bytes_text("{}"));
    const char expected[] = "ID3\x04\0\0\0\0\0\x19"
                            "TXXX\0\0\0\x0f\0\0"
                            "\x03shop.cue.v1\0{}";
    assert_int_equal(buf_bytes(tag).len, sizeof expected - 1);
    assert_memory_equal(buf_bytes(tag).data, expected, sizeof expected - 1);
    buf_unref(tag);
}

/* Sizes that are right up to 127 bytes and wrong beyond are the usual mistake. */
static void keeps_sizes_syncsafe_whatever_the_length(void **state)
{
    (void)state;
    const size_t lens[] = {1,   100, 114, 115, 127, 128,   150,
                           243, 300, 900, 987, 988, 16383, 20000};
    char *value = alloc_zero(20000);
    memset(value, 'x', 20000);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++)
        assert_tag(bytes_make(value, lens[i]));
    alloc_free(value);
}

static void writes_the_known_sizes(void **state)
{
    (void)state;
    char value[300];
    memset(value, 'x', sizeof value);
    struct buf *tag = tag_of(bytes_make(value, 100));
    assert_memory_equal(buf_bytes(tag).data + 6, "\0\0\0\x7b", 4);
    assert_memory_equal(buf_bytes(tag).data + 14, "\0\0\0\x71", 4);
    buf_unref(tag);
    tag = tag_of(bytes_make(value, 300)); /* 323 = 2 * 128 + 67, 313 = 2 * 128 + 57 */
    assert_memory_equal(buf_bytes(tag).data + 6, "\0\0\x02\x43", 4);
    assert_memory_equal(buf_bytes(tag).data + 14, "\0\0\x02\x39", 4);
    buf_unref(tag);
}

static void counts_bytes_and_not_characters(void **state)
{
    (void)state;
    assert_tag(bytes_text("\xc3\xa9"));         /* e with acute accent: 2 bytes */
    assert_tag(bytes_text("\xe2\x82\xac"));     /* euro sign: 3 bytes */
    assert_tag(bytes_text("\xf0\x9f\x92\x84")); /* lipstick: 4 bytes */
    char value[128];
    for (size_t i = 0; i < sizeof value; i += 4)
        memcpy(value + i, "\xf0\x9f\x92\x84", 4);
    assert_tag(bytes_make(value, sizeof value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_tag_with_one_text_frame),
        cmocka_unit_test(keeps_sizes_syncsafe_whatever_the_length),
        cmocka_unit_test(writes_the_known_sizes),
        cmocka_unit_test(counts_bytes_and_not_characters),
    };
    return cmocka_run_group_tests_name("render/id3", tests, NULL, NULL);
}
