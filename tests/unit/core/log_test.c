#include "core/log.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/iso8601.h"
#include "tests/kit/logged.h"

/* The line behind its time, which must be one. */
static const char *behind_time(const char *line)
{
    int64_t wall_ms;
    const char *space = strchr(line, ' ');
    assert_non_null(space);
    assert_true(iso8601_parse(bytes_make(line, (size_t)(space - line)), &wall_ms));
    return space + 1;
}

static void writes_time_level_names_and_words(void **state)
{
    (void)state;
    log_setup(LOG_INFO, LOG_TEXT);
    struct log *show = log_child(NULL, "show", "abc");
    struct log *conn = log_child(show, "conn", "17");
    logged_begin();
    log_info(conn, "publisher gone: %s", "closed");
    const char *line = logged_end();
    assert_string_equal(behind_time(line),
                        "info show=abc conn=17 publisher gone: closed\n");
    log_destroy(show); /* any order */
    log_destroy(conn);
}

static void writes_without_a_logger(void **state)
{
    (void)state;
    log_setup(LOG_INFO, LOG_TEXT);
    logged_begin();
    log_warn(NULL, "plain");
    assert_string_equal(behind_time(logged_end()), "warn plain\n");
}

static void writes_json_objects(void **state)
{
    (void)state;
    log_setup(LOG_INFO, LOG_JSON);
    struct log *log = log_child(NULL, "show", "a\"b");
    logged_begin();
    log_error(log, "said \"no\" \\ yes");
    const char *line = logged_end();
    assert_memory_equal(line, "{\"time\":\"", 9);
    assert_non_null(strstr(line, "\",\"level\":\"error\",\"show\":\"a\\\"b\","
                                 "\"message\":\"said \\\"no\\\" \\\\ yes\"}\n"));
    log_destroy(log);
    log_setup(LOG_INFO, LOG_TEXT);
}

static void a_line_stays_a_line(void **state)
{
    (void)state;
    log_setup(LOG_INFO, LOG_TEXT);
    struct log *log = log_child(NULL, "peer", "a\nb");
    logged_begin();
    log_info(log, "one\r\ntwo\x1b[31m\x7f");
    const char *line = logged_end();
    assert_string_equal(behind_time(line), "info peer=a?b one??two?[31m?\n");
    log_destroy(log);
}

static void leaves_out_what_is_below_the_level(void **state)
{
    (void)state;
    log_setup(LOG_WARN, LOG_TEXT);
    logged_begin();
    log_info(NULL, "not this");
    log_debug(NULL, "nor this");
    log_warn(NULL, "but this");
    log_set_level(LOG_DEBUG);
    log_debug(NULL, "and now this");
    const char *text = logged_end();
    assert_null(strstr(text, "not this"));
    assert_null(strstr(text, "nor this"));
    assert_non_null(strstr(text, "but this"));
    assert_non_null(strstr(text, "debug and now this"));
    log_setup(LOG_INFO, LOG_TEXT);
}

static void cuts_a_message_that_is_too_long(void **state)
{
    (void)state;
    char longer[3000];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    log_setup(LOG_INFO, LOG_TEXT);
    logged_begin();
    log_info(NULL, "%s", longer);
    const char *line = logged_end();
    assert_true(strlen(line) > 1000 && strlen(line) < 1200);
    assert_int_equal(line[strlen(line) - 1], '\n');
}

static void names_that_are_too_long_are_left_out(void **state)
{
    (void)state;
    char longer[600];
    memset(longer, 'n', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    log_setup(LOG_INFO, LOG_TEXT);
    struct log *log = log_child(NULL, "name", longer);
    logged_begin();
    log_info(log, "still said");
    assert_string_equal(behind_time(logged_end()), "info still said\n");
    log_destroy(log);
}

static void limit_passes_once_a_period_and_counts_the_rest(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    unsigned n_dropped = 99;
    assert_true(log_limit_pass(&limit, 1000, &n_dropped));
    assert_int_equal(n_dropped, 0);
    assert_false(log_limit_pass(&limit, 1001, &n_dropped));
    assert_false(log_limit_pass(&limit, 5999, &n_dropped));
    assert_true(log_limit_pass(&limit, 6000, &n_dropped));
    assert_int_equal(n_dropped, 2);
    assert_true(log_limit_pass(&limit, 99999, &n_dropped));
    assert_int_equal(n_dropped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_time_level_names_and_words),
        cmocka_unit_test(writes_without_a_logger),
        cmocka_unit_test(writes_json_objects),
        cmocka_unit_test(a_line_stays_a_line),
        cmocka_unit_test(leaves_out_what_is_below_the_level),
        cmocka_unit_test(cuts_a_message_that_is_too_long),
        cmocka_unit_test(names_that_are_too_long_are_left_out),
        cmocka_unit_test(limit_passes_once_a_period_and_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
