#include "packager/marks.h"

#include <string.h>

#include "core/buf.h"
#include "core/builder.h"

enum { BYTES_MAX = 2 << 20 }; /* in front of one part */

static void drop(struct marks *marks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_unref(marks->marks[i].boxes);
    marks->n -= n;
    memmove(marks->marks, marks->marks + n, marks->n * sizeof marks->marks[0]);
}

void packager_marks_finish(struct marks *marks)
{
    drop(marks, marks->n);
}

void packager_marks_add(struct marks *marks, int64_t start, struct buf *boxes)
{
    if (marks->n == MARKS_MAX)
        drop(marks, 1);
    marks->marks[marks->n].start = start;
    marks->marks[marks->n++].boxes = buf_ref(boxes);
}

struct buf *packager_marks_take(struct marks *marks, int64_t end)
{
    size_t n = 0;
    struct builder all;
    builder_init(&all, BYTES_MAX);
    while (n < marks->n && marks->marks[n].start < end)
        builder_put(&all, buf_bytes(marks->marks[n++].boxes));
    drop(marks, n);
    struct buf *boxes = n > 0 ? builder_take(&all) : NULL;
    builder_finish(&all);
    return boxes;
}
