#include "server/show/color.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct track_color coded = {
    .known = true, .primaries = 1, .transfer = 1, .matrix = 1, .full_range = true};

static void what_is_told_goes_before_what_is_coded(void **state)
{
    (void)state;
    const struct rtmp_color told = {.primaries = 9, .transfer = 18, .matrix = 9};
    struct track_color color = show_color_merge(&told, &coded);
    assert_true(color.known);
    assert_int_equal(color.primaries, 9);
    assert_int_equal(color.transfer, TRACK_TRANSFER_HLG);
    assert_int_equal(color.matrix, 9);
    assert_true(color.full_range);
    assert_false(color.has_mastering);
    assert_false(color.has_light_level);
}

static void what_is_not_told_is_as_coded(void **state)
{
    (void)state;
    const struct rtmp_color told = {.primaries = 2, .transfer = 16, .matrix = 0};
    struct track_color color = show_color_merge(&told, &coded);
    assert_int_equal(color.primaries, 1);
    assert_int_equal(color.transfer, TRACK_TRANSFER_PQ);
    assert_int_equal(color.matrix, 1);
}

static void nothing_told_and_nothing_coded_is_not_known(void **state)
{
    (void)state;
    const struct rtmp_color told = {.primaries = 2, .transfer = 2, .matrix = 2};
    struct track_color color = show_color_merge(&told, &(struct track_color){0});
    assert_false(color.known);
    assert_int_equal(color.transfer, TRACK_COLOR_UNSPECIFIED);
}

/* The order of the box mdcv: green, blue, red, white. */
static void brightness_is_taken_over(void **state)
{
    (void)state;
    const struct rtmp_color told = {
        .primaries = 9,
        .transfer = 16,
        .matrix = 9,
        .has_cll = true,
        .max_cll = 1000,
        .max_fall = 400,
        .has_mastering = true,
        .mastering = {.red_x = 1,
                      .red_y = 2,
                      .green_x = 3,
                      .green_y = 4,
                      .blue_x = 5,
                      .blue_y = 6,
                      .white_x = 7,
                      .white_y = 8,
                      .luminance_max = 9,
                      .luminance_min = 10},
    };
    static const uint16_t expected[4][2] = {{3, 4}, {5, 6}, {1, 2}, {7, 8}};
    struct track_color color = show_color_merge(&told, &coded);
    assert_true(color.has_light_level);
    assert_int_equal(color.max_cll, 1000);
    assert_int_equal(color.max_fall, 400);
    assert_true(color.has_mastering);
    assert_memory_equal(color.mastering_xy, expected, sizeof expected);
    assert_int_equal(color.luminance_max, 9);
    assert_int_equal(color.luminance_min, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_goes_before_what_is_coded),
        cmocka_unit_test(what_is_not_told_is_as_coded),
        cmocka_unit_test(nothing_told_and_nothing_coded_is_not_known),
        cmocka_unit_test(brightness_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
