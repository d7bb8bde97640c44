#include "overlay/render/emsg.h"

#include "tests/unit/overlay/golden.h"

static struct buf *box_of(int64_t time, uint32_t id, const char *text)
{
    struct builder out;
    builder_init(&out, 4096);
    render_emsg_put(&out, time, id, bytes_text(text));
    struct buf *box = builder_take(&out);
    assert_non_null(box);
    builder_finish(&out);
    return box;
}

/* A box of exactly this layout was read alike by mux.js, codem-isoboxer, mp4box.js, hls.js,
 * Shaka Player and video.js. */
static void writes_the_layout_that_players_read(void **state)
{
    (void)state;
    const char *text = "{\"v\":1,\"k\":\"hide\",\"s\":\"broadcast-7Qm2_x\",\"q\":4355,"
                       "\"r\":4242,\"w\":"
                       "1795334501000,\"c\":\"card-with-name16\"}";
    struct buf *box = box_of(9000000, 0x1103, text);
    struct bytes bytes = buf_bytes(box);
    assert_int_equal(strlen(text), 100);
    assert_int_equal(bytes.len, 206);
    const char head[] = "\0\0\0\xce"
                        "emsg\x01\0\0\0"
                        "\0\x01\x5f\x90"
                        "\0\0\0\0\0\x89\x54\x40"
                        "\xff\xff\xff\xff"
                        "\0\0\x11\x03"
                        "https://aomedia.org/emsg/ID3\0"
                        "shop.cue.v1\0"
                        "ID3\x04\0\0\0\0\0\x7b"
                        "TXXX\0\0\0\x71\0\0\x03"
                        "shop.cue.v1";
    assert_int_equal(sizeof head, 106);
    assert_memory_equal(bytes.data, head, sizeof head);
    assert_memory_equal(bytes.data + sizeof head, text, 100);
    assert_golden_hex("emsg_example.hex", bytes);
    buf_unref(box);
}

static void writes_times_beyond_32_bits(void **state)
{
    (void)state;
    struct buf *box = box_of(30LL * 86400 * 90000, UINT32_MAX, "x");
    assert_memory_equal(buf_bytes(box).data + 16, "\0\0\0\x36\x50\x92\x50\0", 8);
    assert_memory_equal(buf_bytes(box).data + 28, "\xff\xff\xff\xff", 4);
    buf_unref(box);
}

static void stands_behind_what_was_written_before(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 4096);
    render_emsg_put(&out, 0, 1, bytes_text("{}"));
    render_emsg_put(&out, 0, 1, bytes_text("{}"));
    struct bytes both = builder_bytes(&out);
    assert_int_equal(both.len, 2 * 108);
    assert_memory_equal(both.data, both.data + 108, 108);
    assert_memory_equal(both.data, "\0\0\0\x6c", 4);
    builder_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_layout_that_players_read),
        cmocka_unit_test(writes_times_beyond_32_bits),
        cmocka_unit_test(stands_behind_what_was_written_before),
    };
    return cmocka_run_group_tests_name("render/emsg", tests, NULL, NULL);
}
