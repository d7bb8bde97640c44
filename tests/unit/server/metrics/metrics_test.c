#include "server/metrics/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/builder.h"

static struct metrics metrics;

/* Freed with alloc_free(). */
static char *print(void)
{
    struct builder out;
    builder_init(&out, 1 << 16);
    metrics_print(&metrics, &out);
    assert_false(builder_failed(&out));
    char *text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return text;
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

static void every_metric_has_help_type_and_value(void **state)
{
    (void)state;
    char *text = print();
#define CHECK(name, type, help)                                                       \
    assert_int_equal(count(text,                                                      \
                           "# HELP vitrine_" #name " " help "\n# TYPE vitrine_" #name \
                           " " #type "\nvitrine_" #name " 0\n"),                      \
                     1);
    METRICS_LIST(CHECK)
#undef CHECK
    alloc_free(text);
}

static void values_are_what_was_counted(void **state)
{
    (void)state;
    counter_add(&metrics.parts_total, 3);
    counter_add(&metrics.parts_total, 4);
    counter_set(&metrics.viewers, 5);
    counter_add(&metrics.viewers, -2);
    counter_set(&metrics.rtmp_bytes_total, INT64_MAX);
    char *text = print();
    assert_non_null(strstr(text, "\nvitrine_parts_total 7\n"));
    assert_non_null(strstr(text, "\nvitrine_viewers 3\n"));
    assert_non_null(strstr(text, "\nvitrine_rtmp_bytes_total 9223372036854775807\n"));
    alloc_free(text);
}

static void process_figures_carry_the_usual_names(void **state)
{
    (void)state;
    static const char *const types[] = {
        "process_cpu_seconds_total counter", "process_resident_memory_bytes gauge",
        "process_open_fds gauge", "process_max_fds gauge",
        "process_start_time_seconds gauge"};
    char *text = print();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char line[80];
        (void)snprintf(line, sizeof line, "# TYPE %s\n", types[i]);
        assert_int_equal(count(text, line), 1);
    }
    alloc_free(text);
}

/* The judge is Prometheus' own tool, also for the names. */
static void promtool_finds_nothing_to_say(void **state)
{
    (void)state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        print_message("promtool is not installed (Debian package prometheus)\n");
        skip();
    }
    char *text = print();
    FILE *promtool = popen("promtool check metrics", "w");
    assert_non_null(promtool);
    assert_true(fputs(text, promtool) >= 0);
    int status = pclose(promtool);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    alloc_free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_has_help_type_and_value),
        cmocka_unit_test(values_are_what_was_counted),
        cmocka_unit_test(process_figures_carry_the_usual_names),
        cmocka_unit_test(promtool_finds_nothing_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
