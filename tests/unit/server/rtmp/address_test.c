#include "server/rtmp/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/builder.h"
#include "server/rtmp/session.h"

static void check(const char *tc_url, const char *app, const char *name,
                  const char *expected_app, const char *expected_key,
                  const char *expected_query)
{
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH};
    rtmp_address_read(bytes_text(tc_url), bytes_text(app), bytes_text(name),
                      &event.publish);
    assert_string_equal(event.publish.app, expected_app);
    assert_string_equal(event.publish.key, expected_key);
    assert_string_equal(event.publish.query, expected_query);
    rtmp_session_event_finish(&event);
}

static void app_and_name_stand_as_sent(void **state)
{
    (void)state;
    check("rtmp://h/live", "live", "k3y", "live", "k3y", "");
}

static void the_last_component_is_the_key(void **state)
{
    (void)state;
    check("", "live/eu", "k3y", "live/eu", "k3y", "");
    check("", "live", "eu/k3y", "live/eu", "k3y", "");
    check("", "live/eu", "", "live", "eu", "");
}

static void one_component_is_the_key(void **state)
{
    (void)state;
    check("rtmp://h/k3y", "k3y", "", "", "k3y", "");
    check("", "", "k3y", "", "k3y", "");
    check("", "k3y?a=1", "", "", "k3y", "a=1");
}

static void nothing_gives_an_empty_key(void **state)
{
    (void)state;
    check("", "", "", "", "", "");
    check("", "/", "?", "", "", "");
}

static void what_is_pasted_around_is_left_away(void **state)
{
    (void)state;
    check("'rtmp://h/live", "\"live/", " k3y \r\n", "live", "k3y", "");
    check("", "live//", "/k3y/", "live", "k3y", "");
    check("", " live ?a=1", "' k3y'", "live", "k3y", "a=1");
}

static void queries_are_merged_and_the_name_wins(void **state)
{
    (void)state;
    check("rtmp://h/live?a=1&b=1&c=1", "live?b=2&c=2", "k?c=3&d=3", "live", "k",
          "a=1&b=2&c=3&d=3");
}

static void the_same_query_twice_is_given_once(void **state)
{
    (void)state;
    check("rtmp://h/live?token=x", "live?token=x", "k", "live", "k", "token=x");
}

static void odd_parameters_are_kept(void **state)
{
    (void)state;
    check("", "live", "k?flag&&=v&x=a=b?c", "live", "k", "flag&=v&x=a=b?c");
}

static void parameters_past_the_limit_are_left_away(void **state)
{
    (void)state;
    struct builder name;
    builder_init(&name, RTMP_KEY_MAX);
    builder_text(&name, "k?");
    for (int i = 0; i < 2 * RTMP_ADDRESS_PARAMS_MAX; i++)
        builder_printf(&name, "p%d&", i);
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH};
    rtmp_address_read(bytes_text(""), bytes_text("live"), builder_bytes(&name),
                      &event.publish);
    struct bytes query = bytes_text(event.publish.query);
    size_t n = 1;
    for (size_t i = 0; i < query.len; i++)
        n += query.data[i] == '&';
    assert_int_equal(n, RTMP_ADDRESS_PARAMS_MAX);
    rtmp_session_event_finish(&event);
    builder_finish(&name);
}

static void the_longest_texts_fit(void **state)
{
    (void)state;
    static char app[RTMP_APP_MAX + 1], name[RTMP_KEY_MAX + 1];
    for (size_t i = 0; i < RTMP_APP_MAX; i++)
        app[i] = 'a';
    for (size_t i = 0; i < RTMP_KEY_MAX; i++)
        name[i] = 'k';
    check(app, app, name, app, name, "");
    app[0] = name[0] = '?';
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH};
    rtmp_address_read(bytes_text(app), bytes_text(app), bytes_text(name),
                      &event.publish);
    assert_int_equal(bytes_text(event.publish.query).len,
                     RTMP_APP_MAX - 1 + 1 + RTMP_KEY_MAX - 1);
    rtmp_session_event_finish(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(app_and_name_stand_as_sent),
        cmocka_unit_test(the_last_component_is_the_key),
        cmocka_unit_test(one_component_is_the_key),
        cmocka_unit_test(nothing_gives_an_empty_key),
        cmocka_unit_test(what_is_pasted_around_is_left_away),
        cmocka_unit_test(queries_are_merged_and_the_name_wins),
        cmocka_unit_test(the_same_query_twice_is_given_once),
        cmocka_unit_test(odd_parameters_are_kept),
        cmocka_unit_test(parameters_past_the_limit_are_left_away),
        cmocka_unit_test(the_longest_texts_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
