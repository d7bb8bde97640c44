#include "server/api/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "core/err.h"

enum { SIZE_MAX_ = 185 }; /* version 40 and its quiet zone */

struct matrix {
    int size;
    char black[SIZE_MAX_][SIZE_MAX_];
};

/* Draws the second path of the picture, as a browser would. */
static struct matrix draw(const char *text)
{
    static struct matrix matrix;
    struct builder svg;
    matrix = (struct matrix){0};
    builder_init(&svg, API_QR_SVG_MAX);
    assert_int_equal(api_qr_print(text, &svg, NULL), 0);
    builder_u8(&svg, 0);
    const char *at = (const char *)builder_bytes(&svg).data;
    int other, x, y, width, back, n;
    at = strstr(at, "viewBox=");
    assert_int_equal(sscanf(at, "viewBox=\"0 0 %d %d\"", &matrix.size, &other), 2);
    assert_int_equal(matrix.size, other);
    assert_in_range(matrix.size, 21 + 8, SIZE_MAX_);
    at = strstr(at, "<path d=\"") + strlen("<path d=\"");
    while (sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &width, &back, &n) == 4) {
        assert_int_equal(width, back);
        assert_true(x >= 4 && y >= 4 && x + width <= matrix.size - 4 &&
                    y < matrix.size - 4);
        memset(&matrix.black[y][x], 1, (size_t)width);
        at += n;
    }
    assert_string_equal(at, "\"/></svg>");
    builder_finish(&svg);
    return matrix;
}

/* ISO/IEC 18004, 6.3.3: what a camera looks for in three of the corners. */
static void assert_finder(const struct matrix *matrix, int left, int top)
{
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            int ring = x < y ? x : y;
            ring = 6 - x < ring ? 6 - x : ring;
            ring = 6 - y < ring ? 6 - y : ring;
            assert_int_equal(matrix->black[top + y][left + x], ring != 1);
        }
}

static void has_its_finder_patterns_and_a_quiet_zone(void **state)
{
    (void)state;
    struct matrix matrix =
        draw("rtmp://localhost/live/spring_aaaabbbbccccddddeeeeffff");
    assert_finder(&matrix, 4, 4);
    assert_finder(&matrix, matrix.size - 11, 4);
    assert_finder(&matrix, 4, matrix.size - 11);
}

static void other_texts_are_other_pictures(void **state)
{
    (void)state;
    struct matrix one = draw("rtmp://localhost/live/a");
    struct matrix two = draw("rtmp://localhost/live/b");
    assert_int_equal(one.size, two.size);
    assert_memory_not_equal(one.black, two.black, sizeof one.black);
}

static void takes_texts_up_to_its_limit(void **state)
{
    (void)state;
    char text[API_QR_TEXT_MAX + 2];
    struct err err;
    struct builder out;
    memset(text, 'x', sizeof text);
    text[API_QR_TEXT_MAX] = '\0';
    assert_true(draw(text).size > 100);
    text[API_QR_TEXT_MAX] = 'x';
    text[API_QR_TEXT_MAX + 1] = '\0';
    builder_init(&out, API_QR_SVG_MAX);
    assert_int_equal(api_qr_print(text, &out, &err), -ERR_LIMIT);
    assert_int_equal(builder_bytes(&out).len, 0);
    builder_finish(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_finder_patterns_and_a_quiet_zone),
        cmocka_unit_test(other_texts_are_other_pictures),
        cmocka_unit_test(takes_texts_up_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
