#include "core/builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"

static void writes_numbers_big_endian(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
                                     0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
                                     0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12};
    struct builder b;
    builder_init(&b, 100);
    builder_u8(&b, 0x01);
    builder_u16(&b, 0x0203);
    builder_u24(&b, 0x040506);
    builder_u32(&b, 0x0708090a);
    builder_u64(&b, 0x0b0c0d0e0f101112);
    assert_true(bytes_equal(builder_bytes(&b), bytes_make(wanted, sizeof wanted)));
    builder_finish(&b);
}

static void writes_a_double_as_amf0_wants_it(void **state)
{
    (void)state;
    static const uint8_t one[] = {0x3f, 0xf0, 0, 0, 0, 0, 0, 0};
    struct builder b;
    builder_init(&b, 8);
    builder_f64(&b, 1.0);
    assert_true(bytes_equal(builder_bytes(&b), bytes_make(one, sizeof one)));
    builder_finish(&b);
}

static void takes_exactly_its_maximum(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 5);
    builder_text(&b, "hello");
    assert_false(builder_failed(&b));
    assert_int_equal(builder_bytes(&b).len, 5);
    builder_finish(&b);
}

static void marks_what_passes_the_maximum_and_writes_nothing_of_it(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 5);
    builder_text(&b, "hel");
    builder_text(&b, "lo!");
    assert_true(builder_failed(&b));
    assert_true(bytes_equal_text(builder_bytes(&b), "hel"));
    builder_finish(&b);
}

static void writes_nothing_more_after_a_mark(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 4);
    builder_text(&b, "too long");
    builder_text(&b, "ok");
    assert_int_equal(builder_bytes(&b).len, 0);
    assert_null(builder_take(&b));
    builder_finish(&b);
}

static void refuses_a_length_that_overflows(void **state)
{
    (void)state;
    uint8_t one = 1;
    struct builder b;
    builder_init(&b, 100);
    builder_u8(&b, 1);
    builder_put(&b, bytes_make(&one, SIZE_MAX));
    assert_true(builder_failed(&b));
    builder_finish(&b);
}

static void prints_as_printf_does(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 100);
    builder_printf(&b, "#EXTINF:%d.%03d,", 2, 2);
    builder_printf(&b, "%s", "");
    assert_true(bytes_equal_text(builder_bytes(&b), "#EXTINF:2.002,"));
    builder_finish(&b);
}

static void prints_what_is_longer_than_the_room_at_hand(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 2000);
    builder_text(&b, "ab");
    builder_printf(&b, "%01000d", 7);
    assert_int_equal(builder_bytes(&b).len, 1002);
    assert_int_equal(builder_bytes(&b).data[1], 'b');
    assert_int_equal(builder_bytes(&b).data[2], '0');
    assert_int_equal(builder_bytes(&b).data[1001], '7');
    builder_finish(&b);
}

static void writes_decimals(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 100);
    builder_decimal(&b, 0);
    builder_text(&b, " ");
    builder_decimal(&b, 1234567890);
    builder_text(&b, " ");
    builder_decimal(&b, UINT64_MAX);
    assert_true(
        bytes_equal_text(builder_bytes(&b), "0 1234567890 18446744073709551615"));
    builder_finish(&b);
}

static void what_was_expected_does_not_move_the_content(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 5000);
    builder_expect(&b, 4000);
    builder_text(&b, "a");
    const uint8_t *before = builder_bytes(&b).data;
    for (int i = 0; i < 3999; i++)
        builder_text(&b, "b");
    assert_ptr_equal(builder_bytes(&b).data, before);
    builder_finish(&b);
}

static void expecting_more_than_the_maximum_is_no_fault(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 3);
    builder_expect(&b, 4000);
    builder_text(&b, "abc");
    assert_false(builder_failed(&b));
    builder_finish(&b);
}

static void print_past_the_maximum_leaves_no_half_line(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 8);
    builder_text(&b, "ab");
    builder_printf(&b, "%s", "1234567");
    assert_true(builder_failed(&b));
    assert_true(bytes_equal_text(builder_bytes(&b), "ab"));
    builder_finish(&b);
}

static void grows_over_many_writes(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 100000);
    for (uint32_t i = 0; i < 25000; i++)
        builder_u32(&b, i);
    assert_false(builder_failed(&b));
    struct bytes made = builder_bytes(&b);
    assert_int_equal(made.len, 100000);
    assert_int_equal(made.data[99999], 24999 & 0xff);
    assert_int_equal(made.data[99998], 24999 >> 8);
    builder_finish(&b);
}

static void patches_a_size_known_afterwards(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {7, 0, 0, 0, 9, 8};
    struct builder b;
    builder_init(&b, 100);
    builder_u8(&b, 7);
    builder_u32(&b, 0);
    builder_u8(&b, 8);
    builder_patch_u32(&b, 1, 9);
    assert_true(bytes_equal(builder_bytes(&b), bytes_make(wanted, sizeof wanted)));
    builder_finish(&b);
}

static void patch_after_a_mark_does_nothing(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 2);
    builder_u32(&b, 0);
    builder_patch_u32(&b, 0, 9); /* would break the promise if it looked */
    assert_true(builder_failed(&b));
    builder_finish(&b);
}

static void take_moves_out_with_padding_and_empties(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 100);
    builder_text(&b, "abc");
    struct buf *buf = builder_take(&b);
    assert_true(bytes_equal_text(buf_bytes(buf), "abc"));
    for (size_t i = 0; i < BUF_PADDING; i++)
        assert_int_equal(buf_bytes(buf).data[3 + i], 0);
    assert_int_equal(builder_bytes(&b).len, 0);
    builder_text(&b, "next");
    assert_true(bytes_equal_text(builder_bytes(&b), "next"));
    assert_true(bytes_equal_text(buf_bytes(buf), "abc"));
    buf_unref(buf);
    builder_finish(&b);
}

static void take_of_nothing_is_an_empty_buf(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 0);
    struct buf *buf = builder_take(&b);
    assert_non_null(buf);
    assert_int_equal(buf_bytes(buf).len, 0);
    buf_unref(buf);
    builder_finish(&b);
}

static void padding_is_clean_after_a_longer_content_was_cleared(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 300);
    for (int i = 0; i < 200; i++)
        builder_u8(&b, 0xff);
    builder_clear(&b);
    builder_u8(&b, 1);
    struct buf *buf = builder_take(&b);
    for (size_t i = 0; i < BUF_PADDING; i++)
        assert_int_equal(buf_bytes(buf).data[1 + i], 0);
    buf_unref(buf);
    builder_finish(&b);
}

static void clear_takes_the_mark_away(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 2);
    builder_text(&b, "long");
    builder_clear(&b);
    builder_text(&b, "ok");
    assert_false(builder_failed(&b));
    assert_true(bytes_equal_text(builder_bytes(&b), "ok"));
    builder_finish(&b);
}

static void finish_may_be_repeated(void **state)
{
    (void)state;
    struct builder b;
    builder_init(&b, 10);
    builder_u8(&b, 1);
    builder_finish(&b);
    builder_finish(&b);
    builder_u8(&b, 1);
    assert_true(builder_failed(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_numbers_big_endian),
        cmocka_unit_test(writes_a_double_as_amf0_wants_it),
        cmocka_unit_test(takes_exactly_its_maximum),
        cmocka_unit_test(marks_what_passes_the_maximum_and_writes_nothing_of_it),
        cmocka_unit_test(writes_nothing_more_after_a_mark),
        cmocka_unit_test(refuses_a_length_that_overflows),
        cmocka_unit_test(prints_as_printf_does),
        cmocka_unit_test(prints_what_is_longer_than_the_room_at_hand),
        cmocka_unit_test(writes_decimals),
        cmocka_unit_test(what_was_expected_does_not_move_the_content),
        cmocka_unit_test(expecting_more_than_the_maximum_is_no_fault),
        cmocka_unit_test(print_past_the_maximum_leaves_no_half_line),
        cmocka_unit_test(grows_over_many_writes),
        cmocka_unit_test(patches_a_size_known_afterwards),
        cmocka_unit_test(patch_after_a_mark_does_nothing),
        cmocka_unit_test(take_moves_out_with_padding_and_empties),
        cmocka_unit_test(take_of_nothing_is_an_empty_buf),
        cmocka_unit_test(padding_is_clean_after_a_longer_content_was_cleared),
        cmocka_unit_test(clear_takes_the_mark_away),
        cmocka_unit_test(finish_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
