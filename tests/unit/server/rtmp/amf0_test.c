#include "server/rtmp/amf0.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/builder.h"
#include "core/err.h"
#include "tests/unit/server/rtmp/amf0_boolean.h"

enum { BODY_MAX = 256 * 1024 };

static int read_one(struct bytes in, struct rtmp_amf0_value *ret_value)
{
    struct rtmp_amf0_reader reader = rtmp_amf0_reader_of(in);
    return rtmp_amf0_read(&reader, ret_value);
}

static int read_raw(const uint8_t *raw, size_t len)
{
    struct rtmp_amf0_value value;
    return read_one(bytes_make(raw, len), &value);
}

#define READ_RAW(...) \
    read_raw((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void reads_what_it_writes(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, BODY_MAX);
    rtmp_amf0_write_number(&out, -1.5);
    amf0_boolean_write(&out, true);
    rtmp_amf0_write_text(&out, "live");
    rtmp_amf0_write_null(&out);
    rtmp_amf0_write_undefined(&out);
    rtmp_amf0_write_object_begin(&out);
    rtmp_amf0_write_name(&out, "code");
    rtmp_amf0_write_text(&out, "x");
    rtmp_amf0_write_object_end(&out);

    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(builder_bytes(&out));
    struct rtmp_amf0_value value;
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_NUMBER);
    assert_true(value.number == -1.5);
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_BOOLEAN);
    assert_true(value.boolean);
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_true(bytes_equal_text(value.text, "live"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rtmp_amf0_read(&in, &value), 1);
        assert_int_equal(value.kind, RTMP_AMF0_NULL);
    }
    assert_int_equal(rtmp_amf0_read(&in, &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_OBJECT);
    struct rtmp_amf0_value found;
    assert_true(rtmp_amf0_find(value.content, "code", &found));
    assert_true(bytes_equal_text(found.text, "x"));
    assert_false(rtmp_amf0_find(value.content, "cod", &found));
    assert_int_equal(rtmp_amf0_read(&in, &value), 0);
    builder_finish(&out);
}

static void reads_an_array_without_its_end(void **state)
{
    (void)state;
    const uint8_t raw[] = {8, 0, 0, 0, 9, 0, 1, 'w', 0, 0x40, 0x94, 0, 0, 0, 0, 0, 0};
    struct rtmp_amf0_value value, found;
    assert_int_equal(read_one(bytes_make(raw, sizeof raw), &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_OBJECT);
    assert_true(rtmp_amf0_find(value.content, "w", &found));
    assert_true(found.number == 1280);
}

static void reads_strict_arrays_inside_objects(void **state)
{
    (void)state;
    const uint8_t raw[] = {3, 0, 1,   'l', 10, 0,   0, 0, 2, 5, 2,
                           0, 1, 'x', 0,   1,  'z', 1, 1, 0, 0, 9};
    struct rtmp_amf0_value value, found;
    assert_int_equal(read_one(bytes_make(raw, sizeof raw), &value), 1);
    assert_true(rtmp_amf0_find(value.content, "l", &found));
    assert_int_equal(found.kind, RTMP_AMF0_ARRAY);
    assert_int_equal(found.content.len, 5);
    assert_true(rtmp_amf0_find(value.content, "z", &found));
    assert_true(found.boolean);
}

static void reads_the_rarer_types(void **state)
{
    (void)state;
    struct rtmp_amf0_value value;
    const uint8_t date[] = {11, 0x40, 0x94, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_int_equal(read_one(bytes_make(date, sizeof date), &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_DATE);
    const uint8_t long_text[] = {12, 0, 0, 0, 2, 'a', 'b'};
    assert_int_equal(read_one(bytes_make(long_text, sizeof long_text), &value), 1);
    assert_true(bytes_equal_text(value.text, "ab"));
    const uint8_t typed[] = {16, 0, 1, 'C', 0, 1, 'k', 5, 0, 0, 9};
    assert_int_equal(read_one(bytes_make(typed, sizeof typed), &value), 1);
    assert_int_equal(value.kind, RTMP_AMF0_OBJECT);
    assert_int_equal(value.content.len, 4);
    assert_int_equal(READ_RAW(7, 0, 1), 1);
    assert_int_equal(READ_RAW(13), 1);
}

static void rejects_values_cut_short(void **state)
{
    (void)state;
    assert_int_equal(READ_RAW(0, 1, 2, 3), -ERR_PROTO);
    assert_int_equal(READ_RAW(1), -ERR_PROTO);
    assert_int_equal(READ_RAW(2, 0, 5, 'a'), -ERR_PROTO);
    assert_int_equal(READ_RAW(2, 0), -ERR_PROTO);
    assert_int_equal(READ_RAW(3, 0, 1), -ERR_PROTO);
    assert_int_equal(READ_RAW(3, 0, 1, 'a'), -ERR_PROTO);
    assert_int_equal(READ_RAW(8, 0, 0), -ERR_PROTO);
    assert_int_equal(READ_RAW(10, 0, 0, 0, 2, 5), -ERR_PROTO);
    assert_int_equal(READ_RAW(11, 0, 0, 0, 0, 0, 0, 0, 0, 0), -ERR_PROTO);
}

static void rejects_unknown_markers_of_amf0_and_amf3(void **state)
{
    (void)state;
    assert_int_equal(READ_RAW(4, 0, 0), -ERR_PROTO);
    assert_int_equal(READ_RAW(9), -ERR_PROTO);
    assert_int_equal(READ_RAW(14), -ERR_PROTO);
    assert_int_equal(READ_RAW(0xff), -ERR_PROTO);
    assert_int_equal(READ_RAW(17, 0x0a, 7, 1), -ERR_UNSUPPORTED);
    assert_int_equal(READ_RAW(17, 0x12), -ERR_PROTO);
}

static int read_nested(unsigned depth)
{
    struct builder out;
    builder_init(&out, BODY_MAX);
    for (unsigned i = 0; i < depth; i++) {
        rtmp_amf0_write_object_begin(&out);
        rtmp_amf0_write_name(&out, "n");
    }
    rtmp_amf0_write_null(&out);
    for (unsigned i = 0; i < depth; i++)
        rtmp_amf0_write_object_end(&out);
    struct rtmp_amf0_value value;
    int n = read_one(builder_bytes(&out), &value);
    builder_finish(&out);
    return n;
}

static void limits_the_depth(void **state)
{
    (void)state;
    assert_int_equal(read_nested(16), 1);
    assert_int_equal(read_nested(17), -ERR_LIMIT);
    assert_int_equal(read_nested(10000), -ERR_LIMIT);
}

static int read_with_properties(unsigned n)
{
    struct builder out;
    builder_init(&out, BODY_MAX);
    rtmp_amf0_write_object_begin(&out);
    for (unsigned i = 0; i < n; i++) {
        rtmp_amf0_write_name(&out, "p");
        rtmp_amf0_write_null(&out);
    }
    rtmp_amf0_write_object_end(&out);
    struct rtmp_amf0_value value;
    int result = read_one(builder_bytes(&out), &value);
    builder_finish(&out);
    return result;
}

static void limits_the_number_of_values(void **state)
{
    (void)state;
    assert_int_equal(read_with_properties(RTMP_AMF0_VALUES_MAX - 1), 1);
    assert_int_equal(read_with_properties(RTMP_AMF0_VALUES_MAX), -ERR_LIMIT);
    /* A strict array may announce four thousand million nulls. */
    assert_int_equal(READ_RAW(10, 0xff, 0xff, 0xff, 0xff, 5, 5, 5), -ERR_PROTO);
}

static int read_text_of(size_t len)
{
    struct builder out;
    builder_init(&out, BODY_MAX);
    builder_u8(&out, 12);
    builder_u32(&out, (uint32_t)len);
    for (size_t i = 0; i < len; i++)
        builder_u8(&out, 'a');
    struct rtmp_amf0_value value;
    int n = read_one(builder_bytes(&out), &value);
    builder_finish(&out);
    return n;
}

static void limits_the_length_of_texts(void **state)
{
    (void)state;
    assert_int_equal(read_text_of(16384), 1);
    assert_int_equal(read_text_of(16385), -ERR_LIMIT);
    assert_int_equal(READ_RAW(12, 0xff, 0xff, 0xff, 0xff), -ERR_LIMIT);
}

static void walks_properties_in_order(void **state)
{
    (void)state;
    const uint8_t content[] = {0, 1, 'a', 5, 0, 0, 1, 1, 0, 1, 'a', 6};
    struct rtmp_amf0_reader in =
        rtmp_amf0_reader_of(bytes_make(content, sizeof content));
    struct bytes name;
    struct rtmp_amf0_value value;
    assert_int_equal(rtmp_amf0_read_property(&in, &name, &value), 1);
    assert_true(bytes_equal_text(name, "a"));
    assert_int_equal(rtmp_amf0_read_property(&in, &name, &value), 1);
    assert_int_equal(name.len, 0);
    assert_int_equal(value.kind, RTMP_AMF0_BOOLEAN);
    assert_int_equal(rtmp_amf0_read_property(&in, &name, &value), 1);
    assert_int_equal(rtmp_amf0_read_property(&in, &name, &value), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(reads_an_array_without_its_end),
        cmocka_unit_test(reads_strict_arrays_inside_objects),
        cmocka_unit_test(reads_the_rarer_types),
        cmocka_unit_test(rejects_values_cut_short),
        cmocka_unit_test(rejects_unknown_markers_of_amf0_and_amf3),
        cmocka_unit_test(limits_the_depth),
        cmocka_unit_test(limits_the_number_of_values),
        cmocka_unit_test(limits_the_length_of_texts),
        cmocka_unit_test(walks_properties_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
