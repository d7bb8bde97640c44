#include "overlay/render/daterange.h"

#include "tests/unit/overlay/golden.h"

static const char *const JSON =
    "{\"v\":1,\"k\":\"show\",\"s\":\"7Qm2\",\"q\":184,\"c\":\"c17\",\"r\":4,\"p\":{"
    "\"i\":"
    "\"SKU-1\",\"t\":\"\\\"\xe2\x80\x9cRos\xc3\xa9\xe2\x80\x9d\",\"u\":\"/p/1\",\"a\":"
    "2800,\"y\":\"EUR\"}}";

static char *line_of(int64_t end_ms)
{
    struct builder out;
    builder_init(&out, 4096);
    render_daterange_put(&out, "7Qm2-c17-4", 1795334401007, end_ms, bytes_text(JSON));
    return printed(&out);
}

static void writes_an_open_range(void **state)
{
    (void)state;
    char *line = line_of(RENDER_DATERANGE_OPEN);
    assert_golden_text("daterange_open.txt", bytes_text(line));
    alloc_free(line);
}

static void writes_a_closed_range(void **state)
{
    (void)state;
    char *line = line_of(1795334461500);
    assert_golden_text("daterange_closed.txt", bytes_text(line));
    alloc_free(line);
}

/* A range may gain an attribute, and none may change. */
static void closing_adds_the_end_and_changes_nothing_else(void **state)
{
    (void)state;
    char *open = line_of(RENDER_DATERANGE_OPEN);
    char *closed = line_of(1795334461500);
    char *end = strstr(closed, ",END-DATE=\"2026-11-22T08:01:01.500Z\"");
    assert_non_null(end);
    size_t len = strlen(",END-DATE=\"2026-11-22T08:01:01.500Z\"");
    memmove(end, end + len, strlen(end + len) + 1);
    assert_string_equal(open, closed);
    alloc_free(open);
    alloc_free(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_an_open_range),
        cmocka_unit_test(writes_a_closed_range),
        cmocka_unit_test(closing_adds_the_end_and_changes_nothing_else),
    };
    return cmocka_run_group_tests_name("render/daterange", tests, NULL, NULL);
}
