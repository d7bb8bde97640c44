#include "server/rtmp/color.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/builder.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"

static void number(struct builder *out, const char *name, double value)
{
    rtmp_amf0_write_name(out, name);
    rtmp_amf0_write_number(out, value);
}

static void begin(struct builder *out, const char *name)
{
    rtmp_amf0_write_name(out, name);
    rtmp_amf0_write_object_begin(out);
}

static struct builder begin_info(void)
{
    struct builder out;
    builder_init(&out, 4096);
    rtmp_amf0_write_text(&out, "colorInfo");
    rtmp_amf0_write_object_begin(&out);
    return out;
}

static struct rtmp_color read_it(struct builder *out)
{
    struct rtmp_color color;
    rtmp_amf0_write_object_end(out);
    assert_true(rtmp_color_read(builder_bytes(out), &color));
    builder_finish(out);
    return color;
}

static void put_display(struct builder *out, double red_x)
{
    begin(out, "hdrMdcv");
    number(out, "redX", red_x);
    number(out, "redY", 0.32);
    number(out, "greenX", 0.265);
    number(out, "greenY", 0.69);
    number(out, "blueX", 0.15);
    number(out, "blueY", 0.06);
    number(out, "whitePointX", 0.3127);
    number(out, "whitePointY", 0.329);
    number(out, "maxLuminance", 1000);
    number(out, "minLuminance", 0.0001);
    rtmp_amf0_write_object_end(out);
}

static void reads_what_obs_says_of_pq(void **state)
{
    (void)state;
    struct builder out = begin_info();
    begin(&out, "colorConfig");
    number(&out, "bitDepth", 10);
    number(&out, "colorPrimaries", 9);
    number(&out, "transferCharacteristics", 16);
    number(&out, "matrixCoefficients", 9);
    rtmp_amf0_write_object_end(&out);
    begin(&out, "hdrCll");
    number(&out, "maxCLL", 1000);
    number(&out, "maxFall", 400.4);
    rtmp_amf0_write_object_end(&out);
    put_display(&out, 0.68);
    struct rtmp_color color = read_it(&out);
    assert_int_equal(color.bit_depth, 10);
    assert_int_equal(color.primaries, 9);
    assert_int_equal(color.transfer, 16);
    assert_int_equal(color.matrix, 9);
    assert_true(color.has_cll);
    assert_int_equal(color.max_cll, 1000);
    assert_int_equal(color.max_fall, 400);
    assert_true(color.has_mastering);
    assert_int_equal(color.mastering.red_x, 34000);
    assert_int_equal(color.mastering.blue_y, 3000);
    assert_int_equal(color.mastering.white_x, 15635);
    assert_int_equal(color.mastering.luminance_max, 10000000);
    assert_int_equal(color.mastering.luminance_min, 1);
}

static void what_is_not_said_is_unspecified(void **state)
{
    (void)state;
    struct builder out = begin_info();
    begin(&out, "colorConfig");
    number(&out, "transferCharacteristics", 18);
    rtmp_amf0_write_object_end(&out);
    struct rtmp_color color = read_it(&out);
    assert_int_equal(color.transfer, 18);
    assert_int_equal(color.primaries, 2);
    assert_int_equal(color.matrix, 2);
    assert_int_equal(color.bit_depth, 0);
    assert_false(color.has_cll || color.has_mastering);
}

static void numbers_out_of_range_are_left_away(void **state)
{
    (void)state;
    struct builder out = begin_info();
    begin(&out, "colorConfig");
    number(&out, "colorPrimaries", 256);
    number(&out, "transferCharacteristics", -1);
    number(&out, "matrixCoefficients", 0.0 / 0.0);
    rtmp_amf0_write_object_end(&out);
    begin(&out, "hdrCll");
    number(&out, "maxCLL", 1e9);
    number(&out, "maxFall", 1);
    rtmp_amf0_write_object_end(&out);
    put_display(&out, 1.0 / 0.0);
    struct rtmp_color color = read_it(&out);
    assert_int_equal(color.primaries, 2);
    assert_int_equal(color.transfer, 2);
    assert_int_equal(color.matrix, 2);
    assert_false(color.has_cll || color.has_mastering);
}

static void an_empty_or_undefined_one_takes_back_what_was_said(void **state)
{
    (void)state;
    struct builder empty = begin_info();
    struct rtmp_color color = read_it(&empty);
    assert_int_equal(color.primaries, 2);
    struct builder out;
    builder_init(&out, 64);
    rtmp_amf0_write_text(&out, "colorInfo");
    rtmp_amf0_write_undefined(&out);
    color.primaries = 9;
    assert_true(rtmp_color_read(builder_bytes(&out), &color));
    assert_int_equal(color.primaries, 2);
    builder_finish(&out);
}

static void other_metadata_says_nothing(void **state)
{
    (void)state;
    struct rtmp_color color;
    assert_false(rtmp_color_read(bytes_make(NULL, 0), &color));
    struct builder out;
    builder_init(&out, 64);
    rtmp_amf0_write_text(&out, "other");
    rtmp_amf0_write_number(&out, 1);
    assert_false(rtmp_color_read(builder_bytes(&out), &color));
    rtmp_amf0_write_text(&out, "colorInfo");
    assert_false(rtmp_color_read(builder_bytes(&out), &color));
    rtmp_amf0_write_number(&out, 1);
    assert_false(rtmp_color_read(builder_bytes(&out), &color));
    builder_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_obs_says_of_pq),
        cmocka_unit_test(what_is_not_said_is_unspecified),
        cmocka_unit_test(numbers_out_of_range_are_left_away),
        cmocka_unit_test(an_empty_or_undefined_one_takes_back_what_was_said),
        cmocka_unit_test(other_metadata_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
