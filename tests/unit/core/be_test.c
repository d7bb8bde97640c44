#include "core/be.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct be_reader reader_of(const void *data, size_t len)
{
    return be_reader_of(bytes_make(data, len));
}

static void reads_numbers_of_every_width(void **state)
{
    (void)state;
    const uint8_t in[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
                          0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12};
    struct be_reader r = reader_of(in, sizeof in);
    assert_int_equal(be_read_u8(&r), 0x01);
    assert_int_equal(be_read_u16(&r), 0x0203);
    assert_int_equal(be_read_u24(&r), 0x040506);
    assert_int_equal(be_read_u32(&r), 0x0708090a);
    assert_true(be_read_u64(&r) == 0x0b0c0d0e0f101112);
    assert_int_equal(r.rest.len, 0);
    assert_false(r.failed);
}

static void reads_the_largest_numbers(void **state)
{
    (void)state;
    const uint8_t in[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct be_reader r = reader_of(in, sizeof in);
    assert_true(be_read_u64(&r) == UINT64_MAX);
    r = reader_of(in, sizeof in);
    assert_true(be_read_u32(&r) == UINT32_MAX);
}

static void reads_signed_24_bits(void **state)
{
    (void)state;
    const uint8_t in[] = {0xff, 0xff, 0xdf, 0x80, 0x00, 0x00, 0x7f, 0xff, 0xff};
    struct be_reader r = reader_of(in, sizeof in);
    assert_int_equal(be_read_i24(&r), -33);
    assert_int_equal(be_read_i24(&r), -8388608);
    assert_int_equal(be_read_i24(&r), 8388607);
}

static void reads_a_double(void **state)
{
    (void)state;
    const uint8_t in[] = {0x40, 0x3d, 0xf8, 0x51, 0xeb, 0x85, 0x1e, 0xb8};
    struct be_reader r = reader_of(in, sizeof in);
    double value = be_read_f64(&r);
    assert_true(value > 29.969999 && value < 29.970001);
}

static void gives_zero_and_a_mark_past_the_end(void **state)
{
    (void)state;
    const uint8_t in[] = {0x11, 0x22, 0x33};
    struct be_reader r = reader_of(in, sizeof in);
    assert_int_equal(be_read_u32(&r), 0);
    assert_true(r.failed);
}

static void stays_failed_even_if_a_later_read_would_fit(void **state)
{
    (void)state;
    const uint8_t in[] = {0x11, 0x22, 0x33};
    struct be_reader r = reader_of(in, sizeof in);
    (void)be_read_u32(&r);
    assert_int_equal(be_read_u8(&r), 0);
    assert_true(r.failed);
}

static void hands_out_bytes_without_copying(void **state)
{
    (void)state;
    const uint8_t in[] = {1, 2, 3, 4};
    struct be_reader r = reader_of(in, sizeof in);
    struct bytes head = be_read_bytes(&r, 3);
    assert_ptr_equal(head.data, in);
    assert_int_equal(head.len, 3);
    assert_int_equal(be_read_u8(&r), 4);
}

static void hands_out_nothing_when_too_short(void **state)
{
    (void)state;
    const uint8_t in[] = {1, 2, 3, 4};
    struct be_reader r = reader_of(in, sizeof in);
    struct bytes head = be_read_bytes(&r, SIZE_MAX);
    assert_int_equal(head.len, 0);
    assert_true(r.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers_of_every_width),
        cmocka_unit_test(reads_the_largest_numbers),
        cmocka_unit_test(reads_signed_24_bits),
        cmocka_unit_test(reads_a_double),
        cmocka_unit_test(gives_zero_and_a_mark_past_the_end),
        cmocka_unit_test(stays_failed_even_if_a_later_read_would_fit),
        cmocka_unit_test(hands_out_bytes_without_copying),
        cmocka_unit_test(hands_out_nothing_when_too_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
