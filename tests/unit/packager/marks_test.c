#include "packager/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"

static void add(struct marks *marks, int64_t start, const char *text)
{
    struct buf *boxes = buf_copy(bytes_text(text));
    packager_marks_add(marks, start, boxes);
    buf_unref(boxes);
}

static void assert_takes(struct marks *marks, int64_t end, const char *text)
{
    struct buf *boxes = packager_marks_take(marks, end);
    assert_true(bytes_equal(buf_bytes(boxes), bytes_text(text)));
    buf_unref(boxes);
}

static void gives_each_once_and_in_order(void **state)
{
    (void)state;
    struct marks marks = {0};
    assert_null(packager_marks_take(&marks, 1000));
    add(&marks, 100, "a");
    add(&marks, 200, "b");
    add(&marks, 300, "c");
    assert_null(packager_marks_take(&marks, 100));
    assert_takes(&marks, 300, "ab");
    assert_takes(&marks, 301, "c");
    assert_null(packager_marks_take(&marks, 1000));
    packager_marks_finish(&marks);
}

static void forgets_the_oldest_when_full(void **state)
{
    (void)state;
    struct marks marks = {0};
    add(&marks, 0, "old");
    for (int i = 1; i <= MARKS_MAX; i++)
        add(&marks, i, "");
    assert_takes(&marks, MARKS_MAX + 1, "");
    packager_marks_finish(&marks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_once_and_in_order),
        cmocka_unit_test(forgets_the_oldest_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
