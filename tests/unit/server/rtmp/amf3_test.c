#include "server/rtmp/amf3.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/rtmp/amf0.h"

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct rtmp_amf0_value read_it(struct bytes bytes, enum rtmp_amf0_kind kind)
{
    struct be_reader in = be_reader_of(bytes);
    struct rtmp_amf0_value value;
    unsigned n_values = 0;
    assert_int_equal(rtmp_amf3_read(&in, &n_values, RTMP_AMF0_DEPTH_MAX, &value), 0);
    assert_int_equal(value.kind, kind);
    assert_int_equal(in.rest.len, 0);
    return value;
}

static void reads_plain_values(void **state)
{
    (void)state;
    (void)read_it(BYTES(0), RTMP_AMF0_NULL);
    (void)read_it(BYTES(1), RTMP_AMF0_NULL);
    assert_false(read_it(BYTES(2), RTMP_AMF0_BOOLEAN).boolean);
    assert_true(read_it(BYTES(3), RTMP_AMF0_BOOLEAN).boolean);
    assert_true(
        read_it(BYTES(5, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), RTMP_AMF0_NUMBER).number == 1);
    assert_true(
        read_it(BYTES(8, 1, 0x40, 0, 0, 0, 0, 0, 0, 0), RTMP_AMF0_DATE).number == 2);
    assert_true(bytes_equal_text(
        read_it(BYTES(6, 7, 'k', 'e', 'y'), RTMP_AMF0_TEXT).text, "key"));
}

static void reads_integers_of_29_bits_with_their_sign(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[5];
        size_t len;
        double number;
    } integers[] = {
        {{4, 0}, 2, 0},
        {{4, 0x7f}, 2, 127},
        {{4, 0x81, 0x00}, 3, 128},
        {{4, 0xff, 0x7f}, 3, 16383},
        {{4, 0x81, 0x80, 0x00}, 4, 16384},
        {{4, 0x80, 0xc0, 0x80, 0x00}, 5, 2097152},
        {{4, 0xbf, 0xff, 0xff, 0xff}, 5, 268435455},
        {{4, 0xc0, 0x80, 0x80, 0x00}, 5, -268435456},
        {{4, 0xff, 0xff, 0xff, 0xff}, 5, -1},
    };
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
        assert_true(
            read_it(bytes_make(integers[i].bytes, integers[i].len), RTMP_AMF0_NUMBER)
                .number == integers[i].number);
}

static void references_are_null(void **state)
{
    (void)state;
    (void)read_it(BYTES(6, 0), RTMP_AMF0_NULL);
    (void)read_it(BYTES(8, 2), RTMP_AMF0_NULL);
}

static void check_error(struct bytes bytes, int error)
{
    struct be_reader in = be_reader_of(bytes);
    struct rtmp_amf0_value value;
    unsigned n_values = 0;
    assert_int_equal(rtmp_amf3_read(&in, &n_values, RTMP_AMF0_DEPTH_MAX, &value),
                     error);
}

static void tells_what_it_does_not_read(void **state)
{
    (void)state;
    check_error(bytes_make(NULL, 0), -ERR_PROTO);
    check_error(BYTES(4), -ERR_PROTO);
    check_error(BYTES(4, 0x80), -ERR_PROTO);
    check_error(BYTES(5, 0, 0), -ERR_PROTO);
    check_error(BYTES(6, 9, 'k'), -ERR_PROTO);
    check_error(BYTES(6, 0xff, 0xff, 0xff, 0xff), -ERR_LIMIT);
    check_error(BYTES(9, 3, 1), -ERR_PROTO);
    check_error(BYTES(0x0a, 7, 1), -ERR_UNSUPPORTED);
    check_error(BYTES(0x0a, 1), -ERR_PROTO); /* traits that were not told */
    check_error(BYTES(0x0c, 0x0b, 1), -ERR_PROTO);
    check_error(BYTES(0x0f, 0xff, 0xff, 0xff, 0xff, 0), -ERR_PROTO);
    check_error(BYTES(0x7f), -ERR_PROTO);
}

static void steps_over_what_is_made_of_others(void **state)
{
    (void)state;
    (void)read_it(BYTES(9, 5, 3, 'k', 4, 1, 1, 2, 6, 3, 'v'), RTMP_AMF0_NULL);
    (void)read_it(BYTES(9, 0), RTMP_AMF0_NULL);
    /* Two of a class with one member, the second of whose traits are a reference. */
    (void)read_it(BYTES(9, 5, 1, 0x0a, 0x13, 3, 'C', 3, 'm', 4, 7, 0x0a, 1, 3),
                  RTMP_AMF0_NULL);
    /* Without a class, and with names of its own. */
    (void)read_it(BYTES(0x0a, 0x0b, 1, 3, 'a', 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 1),
                  RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x0a, 2), RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x0c, 5, 1, 2), RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x0d, 3, 0, 0, 0, 0, 9), RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x0f, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0), RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x10, 5, 0, 1, 1, 3), RTMP_AMF0_NULL);
    (void)read_it(BYTES(0x11, 3, 0, 6, 3, 'k', 2), RTMP_AMF0_NULL);
}

static void depth_and_number_of_values_are_limited(void **state)
{
    (void)state;
    uint8_t nested[3 * (RTMP_AMF0_DEPTH_MAX + 1)];
    for (size_t i = 0; i < sizeof nested; i += 3) {
        nested[i] = 9;
        nested[i + 1] = 3;
        nested[i + 2] = 1;
    }
    check_error(bytes_make(nested, sizeof nested), -ERR_LIMIT);
    uint8_t many[4 + RTMP_AMF0_VALUES_MAX + 1] = {9, 0x88, 0x03, 1}; /* 513 of them */
    for (size_t i = 4; i < sizeof many; i++)
        many[i] = 2;
    check_error(bytes_make(many, sizeof many), -ERR_LIMIT);
}

static void stands_between_values_of_amf0(void **state)
{
    (void)state;
    struct rtmp_amf0_reader in =
        rtmp_amf0_reader_of(BYTES(2, 0, 1, 'a', 0x11, 6, 3, 'b', 0x11, 4, 9, 5));
    struct rtmp_amf0_value value;
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_true(bytes_equal_text(value.text, "b"));
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_true(value.number == 9);
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_int_equal(rtmp_amf0_read(&in, &value), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_values),
        cmocka_unit_test(reads_integers_of_29_bits_with_their_sign),
        cmocka_unit_test(references_are_null),
        cmocka_unit_test(tells_what_it_does_not_read),
        cmocka_unit_test(steps_over_what_is_made_of_others),
        cmocka_unit_test(depth_and_number_of_values_are_limited),
        cmocka_unit_test(stands_between_values_of_amf0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
