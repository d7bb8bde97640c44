#include "server/metrics/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"

static void open_files_are_counted(void **state)
{
    (void)state;
    struct metrics_process before, after;
    int files[3];
    metrics_process_read(&before);
    for (int i = 0; i < 3; i++)
        assert_true((files[i] = dup(STDOUT_FILENO)) >= 0);
    metrics_process_read(&after);
    for (int i = 0; i < 3; i++)
        close(files[i]);
    assert_true(before.open_files > 0);
    assert_int_equal(after.open_files, before.open_files + 3);
    assert_true(after.max_files >= after.open_files);
}

static void both_ways_of_counting_files_agree(void **state)
{
    (void)state;
    int64_t listed = metrics_process_listed_files();
    int64_t counted = metrics_process_counted_files();
    assert_true(listed > 0);
    if (counted < 0) {
        print_message("this system does not count open files (Linux before 6.2)\n");
        skip();
    }
    assert_int_equal(counted, listed);
}

static void memory_that_is_touched_is_resident(void **state)
{
    (void)state;
    enum { SIZE = 64 << 20 };
    struct metrics_process before, after;
    metrics_process_read(&before);
    volatile char *memory = alloc_zero(SIZE);
    for (size_t i = 0; i < SIZE; i += 4096)
        memory[i] = 1;
    metrics_process_read(&after);
    alloc_free((void *)(uintptr_t)memory);
    assert_true(before.resident_bytes > 0);
    assert_true(after.resident_bytes > before.resident_bytes + SIZE / 2);
}

static void work_costs_time(void **state)
{
    (void)state;
    struct metrics_process before, after;
    metrics_process_read(&before);
    volatile unsigned work = 0;
    for (unsigned i = 0; i < 50000000; i++)
        work += i;
    metrics_process_read(&after);
    assert_int_not_equal(work, 0);
    assert_true(before.cpu_us >= 0);
    assert_true(after.cpu_us > before.cpu_us);
}

static void the_start_lies_in_the_past_and_stays(void **state)
{
    (void)state;
    struct metrics_process first, again;
    metrics_process_read(&first);
    metrics_process_read(&again);
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    assert_int_equal(first.start_wall_ms, again.start_wall_ms);
    assert_true(first.start_wall_ms <=
                now_ms + 2000); /* the boot is known to a second */
    assert_true(first.start_wall_ms > now_ms - 3600000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_files_are_counted),
        cmocka_unit_test(both_ways_of_counting_files_agree),
        cmocka_unit_test(memory_that_is_touched_is_resident),
        cmocka_unit_test(work_costs_time),
        cmocka_unit_test(the_start_lies_in_the_past_and_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
