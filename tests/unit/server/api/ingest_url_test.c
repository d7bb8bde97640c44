#include "server/api/ingest_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/builder.h"

static struct show_house house;
static struct show_hub hub = {.house = &house};
static struct builder out;

static int setup(void **state)
{
    (void)state;
    house = (struct show_house){.rtmp_port = 1935};
    builder_init(&out, API_INGEST_URL_MAX * 4);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    builder_finish(&out);
    return 0;
}

static void assert_written(const char *wanted)
{
    char *text = bytes_to_text(builder_bytes(&out));
    assert_string_equal(text, wanted);
    alloc_free(text);
    builder_clear(&out);
}

static void a_server_is_where_the_client_found_us(void **state)
{
    (void)state;
    api_ingest_url_print(&hub, "http://shop.test:8080", &out);
    assert_written("rtmp://shop.test/live");
    api_ingest_url_print(&hub, "https://[2001:db8::1]:8443", &out);
    assert_written("rtmp://[2001:db8::1]/live");
    house.rtmp_port = 1936;
    api_ingest_url_print(&hub, "http://shop.test", &out);
    assert_written("rtmp://shop.test:1936/live");
}

static void there_is_no_secure_server_when_rtmps_is_off(void **state)
{
    (void)state;
    assert_false(api_ingest_url_print_secure(&hub, "http://shop.test", &out));
    assert_written("");
}

static void apps_get_server_and_key_in_one_by_tls_where_there_is(void **state)
{
    (void)state;
    api_ingest_url_print_whole(&hub, "http://shop.test", "a_key", &out);
    assert_written("rtmp://shop.test/live/a_key");
    house.rtmps_port = 1936;
    api_ingest_url_print_whole(&hub, "http://shop.test", "a_key", &out);
    assert_written("rtmps://shop.test:1936/live/a_key");
    house.rtmps_port = 443;
    api_ingest_url_print_whole(&hub, "http://shop.test", "a_key", &out);
    assert_written("rtmps://shop.test/live/a_key");
}

static void larix_gets_a_link_with_all_signs_escaped(void **state)
{
    (void)state;
    api_ingest_url_print_larix(&hub, "http://shop.test", "a_key", "50 % off & \"more\"",
                               &out);
    assert_written("larix://set/v1?conn[][url]=rtmp%3A%2F%2Fshop.test%2Flive%2Fa_key"
                   "&conn[][name]=50%20%25%20off%20%26%20%22more%22"
                   "&conn[][overwrite]=on");
}

static void a_long_title_is_cut_between_letters(void **state)
{
    (void)state;
    char title[64 * 3 + 1] = "";
    for (int i = 0; i < 64; i++)
        strcat(title, i == 0 ? "\xc3\xa9" : "\xe2\x82\xac");
    api_ingest_url_print_larix(&hub, "http://a.test", "k", title, &out);
    char *text = bytes_to_text(builder_bytes(&out));
    char *name = strstr(text, "&conn[][name]=%C3%A9");
    assert_non_null(name);
    char *end = strstr(name, "&conn[][overwrite]");
    assert_non_null(end);
    /* Two bytes, then nineteen times three: 59 of the 60 that there may be. */
    assert_int_equal((size_t)(end - name) - strlen("&conn[][name]="), 3 * (2 + 19 * 3));
    alloc_free(text);
}

#define URL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        URL(a_server_is_where_the_client_found_us),
        URL(there_is_no_secure_server_when_rtmps_is_off),
        URL(apps_get_server_and_key_in_one_by_tls_where_there_is),
        URL(larix_gets_a_link_with_all_signs_escaped),
        URL(a_long_title_is_cut_between_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
