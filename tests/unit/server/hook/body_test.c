#include "server/hook/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "tests/unit/packager/golden.h"
#include "tests/unit/server/hook/sample.h"

static const char TC_URL[] = "rtmp://shop.example:1935/live";

static void assert_body(const char *name, enum hook_mode mode,
                        enum hook_event_type type)
{
    struct hook_event event = sample_event(type);
    struct builder out;
    builder_init(&out, HOOK_EVENT_MAX);
    hook_body_print(mode, &event, TC_URL, &out);
    builder_u8(&out, '\n');
    assert_golden(name, builder_take(&out));
    builder_finish(&out);
}

static void says_it_in_our_own_words(void **state)
{
    (void)state;
    assert_body("hook/on_publish.json", HOOK_VITRINE, HOOK_PUBLISH);
    assert_body("hook/on_unpublish.json", HOOK_VITRINE, HOOK_UNPUBLISH);
    assert_body("hook/on_show_live.json", HOOK_VITRINE, HOOK_SHOW_LIVE);
    assert_body("hook/on_finding.json", HOOK_VITRINE, HOOK_FINDING);
}

static void says_it_as_srs_would(void **state)
{
    (void)state;
    assert_body("hook/srs_on_publish.json", HOOK_SRS, HOOK_PUBLISH);
    assert_body("hook/srs_on_unpublish.json", HOOK_SRS, HOOK_UNPUBLISH);
}

static void says_it_as_nginx_would_with_every_value_escaped(void **state)
{
    (void)state;
    assert_body("hook/nginx_publish.txt", HOOK_NGINX, HOOK_PUBLISH);
    assert_body("hook/nginx_publish_done.txt", HOOK_NGINX, HOOK_UNPUBLISH);
}

static void only_our_own_words_tell_of_shows(void **state)
{
    (void)state;
    for (int type = 0; type < HOOK_EVENT_TYPES; type++) {
        bool of_publisher = type == HOOK_PUBLISH || type == HOOK_UNPUBLISH;
        assert_true(hook_body_has(HOOK_VITRINE, (enum hook_event_type)type));
        assert_int_equal(hook_body_has(HOOK_SRS, (enum hook_event_type)type),
                         of_publisher);
        assert_int_equal(hook_body_has(HOOK_NGINX, (enum hook_event_type)type),
                         of_publisher);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_it_in_our_own_words),
        cmocka_unit_test(says_it_as_srs_would),
        cmocka_unit_test(says_it_as_nginx_would_with_every_value_escaped),
        cmocka_unit_test(only_our_own_words_tell_of_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
