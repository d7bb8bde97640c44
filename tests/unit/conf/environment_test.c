#include "conf/environment.h"

#include "tests/unit/conf/faults.h"
#include "tests/unit/temp_dir.h"

/* Text literals as the C library's environ has them. */
#define ENVIRON(...) ((char *const[]){__VA_ARGS__, NULL})
#define NAME(text) ((char[]){text})

static struct conf *load(const char *text, char *const *environ_)
{
    static struct conf_faults faults;
    struct conf *conf = conf_parse(text, strlen(text), environ_, &faults);
    assert_non_null(conf);
    return conf;
}

static void names_follow_the_paths(void **state)
{
    (void)state;
    char name[CONF_VARIABLE_MAX];
    assert_string_equal(
        conf_environment_name(conf_options_find(bytes_text("http.listen")), name),
        "VITRINE_HTTP_LISTEN");
    assert_string_equal(
        conf_environment_name(conf_options_find(bytes_text("data_dir")), name),
        "VITRINE_DATA_DIR");
}

static void wins_over_the_file(void **state)
{
    (void)state;
    struct conf *conf =
        load("http.listen: :1\nworkers: 3\n",
             ENVIRON(NAME("PATH=/bin"), NAME("VITRINE_HTTP_LISTEN=:2"),
                     NAME("VITRINE_HLS_PART=500ms"), NAME("VITRINE_LOG_LEVEL=debug")));
    assert_string_equal(conf->http_listen, ":2");
    assert_int_equal(conf->workers, 3);
    assert_int_equal(conf->hls_part_ms, 500);
    assert_int_equal(conf->log_level, 3);
    conf_destroy(conf);
}

static void values_are_checked_and_named(void **state)
{
    (void)state;
    assert_environment_faults(
        ENVIRON(NAME("VITRINE_HLS_PART=334"), NAME("VITRINE_HTTP_LISTEN=")),
        "VITRINE_HLS_PART: \"334\" has no unit: write 334ms (units are ms, s, m and "
        "h)\n"
        "VITRINE_HTTP_LISTEN: must not be empty: it takes a numeric address and a "
        "port up to 65535, such as "
        "127.0.0.1:8080, [::]:8080 or :8080\n");
}

static void unknown_names_are_told_with_what_was_meant(void **state)
{
    (void)state;
    assert_environment_faults(
        ENVIRON(NAME("VITRINE_HTP_LISTEN=:1"), NAME("VITRINE_DATADIR=x"),
                NAME("VITRINE_COLOUR=red"), NAME("VITRINE_HTTP_LISTEN_FILE=x")),
        "unknown variable VITRINE_HTP_LISTEN (did you mean VITRINE_HTTP_LISTEN?)\n"
        "unknown variable VITRINE_DATADIR (did you mean VITRINE_DATA_DIR?)\n"
        "unknown variable VITRINE_COLOUR\n"
        "unknown variable VITRINE_HTTP_LISTEN_FILE\n");
}

static void names_that_a_platform_sets_are_left_alone(void **state)
{
    (void)state;
    assert_environment_faults(ENVIRON(NAME("VITRINE_SERVICE_HOST=10.0.0.1"),
                                      NAME("VITRINE_PORT=tcp://10.0.0.1:8080"),
                                      NAME("VITRINE_PORT_8080_TCP_ADDR=10.0.0.1"),
                                      NAME("VITRINEX=1")),
                              "");
}

static void a_value_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    assert_environment_faults(
        ENVIRON(NAME("VITRINE_DATA_DIR=caf\xe9")),
        "VITRINE_DATA_DIR: \"caf?\" is not taken here: it must be text\n");
}

static void a_secret_is_never_told(void **state)
{
    (void)state;
    assert_environment_faults(
        ENVIRON(NAME("VITRINE_API_TOKEN=let me in")),
        "VITRINE_API_TOKEN: must be visible ASCII characters without spaces\n");
    assert_faults("api.token: let me in\n",
                  "f.yaml:1:12: api.token: must be visible ASCII characters without "
                  "spaces\n");
}

static void a_secret_may_stand_in_a_file(void **state)
{
    (void)state;
    struct temp_dir dir;
    char variable[128];
    temp_dir_make(&dir);
    temp_dir_write(temp_dir_path(&dir, "token"), "letmein\r\nrest", 13);
    (void)snprintf(variable, sizeof variable, "VITRINE_API_TOKEN_FILE=%s",
                   temp_dir_path(&dir, "token"));
    struct conf *conf = load("", ENVIRON(variable));
    assert_string_equal(conf->api_token, "letmein");
    conf_destroy(conf);

    assert_environment_faults(
        ENVIRON(variable, NAME("VITRINE_API_TOKEN=other")),
        "VITRINE_API_TOKEN: is set already, by VITRINE_API_TOKEN_FILE\n");

    temp_dir_write(temp_dir_path(&dir, "token"), "\n", 1);
    assert_environment_faults(
        ENVIRON(variable), "VITRINE_API_TOKEN_FILE: the file's first line is empty\n");
    temp_dir_remove(&dir);
    assert_environment_faults(ENVIRON(variable),
                              "VITRINE_API_TOKEN_FILE: cannot be read: No such file "
                              "or directory\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_paths),
        cmocka_unit_test(wins_over_the_file),
        cmocka_unit_test(values_are_checked_and_named),
        cmocka_unit_test(unknown_names_are_told_with_what_was_meant),
        cmocka_unit_test(names_that_a_platform_sets_are_left_alone),
        cmocka_unit_test(a_value_that_is_not_utf8_is_refused),
        cmocka_unit_test(a_secret_is_never_told),
        cmocka_unit_test(a_secret_may_stand_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
