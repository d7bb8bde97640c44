#include "conf/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_option_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONF_OPTIONS_N; i++) {
        const struct conf_option *option = &conf_options[i];
        assert_non_null(option->path);
        assert_true(strlen(option->path) < CONF_PATH_MAX);
        assert_non_null(option->preset);
        assert_non_null(option->help);
        assert_int_equal(option->help[strlen(option->help) - 1], '.');
        assert_ptr_equal(conf_options_find(bytes_text(option->path)), option);
        if (option->type == CONF_CHOICE)
            assert_non_null(option->names);
        else
            assert_true(option->max > option->min);
    }
}

static void no_two_options_share_a_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONF_OPTIONS_N; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(conf_options[i].offset, conf_options[j].offset);
}

static void knows_groups_from_options(void **state)
{
    (void)state;
    assert_true(conf_options_has_group(bytes_text("http")));
    assert_false(conf_options_has_group(bytes_text("htt")));
    assert_false(conf_options_has_group(bytes_text("http.")));
    assert_false(conf_options_has_group(bytes_text("http.listen")));
    assert_false(conf_options_has_group(bytes_text("workers")));
    assert_false(conf_options_has_group(bytes_text("")));
    assert_null(conf_options_find(bytes_text("http")));
    assert_null(conf_options_find(bytes_text("")));
}

static void assert_suggests(const char *group, const char *wrong, const char *expected)
{
    char name[CONF_PATH_MAX] = "nothing";
    bool found = conf_options_suggest(bytes_text(group), bytes_text(wrong), name);
    assert_string_equal(found ? name : "nothing", expected);
}

static void suggests_what_is_near_in_the_same_group(void **state)
{
    (void)state;
    assert_suggests("", "rtpm", "rtmp");
    assert_suggests("", "datadir", "data_dir");
    assert_suggests("", "HTTP", "http");
    assert_suggests("", "htp", "http");
    assert_suggests("http", "lissten", "listen");
    assert_suggests("http", "lissn", "nothing");
    assert_suggests("", "http.lisen", "http.listen");
    assert_suggests("", "lissten", "nothing");
    assert_suggests("hls", "window_ms", "nothing");
    assert_suggests("nowhere", "listen", "nothing");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_whole),
        cmocka_unit_test(no_two_options_share_a_field),
        cmocka_unit_test(knows_groups_from_options),
        cmocka_unit_test(suggests_what_is_near_in_the_same_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
