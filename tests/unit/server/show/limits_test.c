#include "server/show/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/metrics/metrics.h"

static int64_t sum(const struct metrics *metrics)
{
    int64_t n = 0;
#define ADD(name, type, help) n += counter_get(&metrics->name);
    METRICS_LIST(ADD)
#undef ADD
    return n;
}

static void each_limit_has_a_counter(void **state)
{
    (void)state;
    static struct metrics metrics;
    show_limits_count(&metrics, RTMP_LIMIT_NONE);
    assert_int_equal(sum(&metrics), 0);
    for (int limit = RTMP_LIMIT_NONE + 1; limit <= RTMP_LIMIT_OTHER; limit++)
        show_limits_count(&metrics, (enum rtmp_limit)limit);
    assert_int_equal(sum(&metrics), RTMP_LIMIT_OTHER);
    assert_int_equal(counter_get(&metrics.rtmp_limit_media_message_total), 1);
    assert_int_equal(counter_get(&metrics.rtmp_limit_idle_total), 1);
    assert_int_equal(counter_get(&metrics.rtmp_limit_other_total), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_limit_has_a_counter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
