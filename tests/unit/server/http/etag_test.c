#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/etag.h"

static bool listed(const char *header, const char *etag)
{
    return http_etag_is_listed(bytes_text(header), etag);
}

static void finds_a_tag_in_a_list(void **state)
{
    (void)state;
    assert_true(listed("\"a\"", "\"a\""));
    assert_true(listed("\"x\", \"a\"", "\"a\""));
    assert_true(listed("\"x\",\"a\" , \"y\"", "\"a\""));
    assert_true(listed("\"b,c\", \"a\"", "\"a\""));
    assert_false(listed("\"x\"", "\"a\""));
    assert_false(listed("\"ab\"", "\"a\""));
}

static void compares_weakly(void **state)
{
    (void)state;
    assert_true(listed("W/\"a\"", "\"a\""));
    assert_true(listed("\"a\"", "W/\"a\""));
}

static void a_star_stands_for_every_tag(void **state)
{
    (void)state;
    assert_true(listed(" * ", "\"a\""));
    assert_false(listed("\"*\"", "\"a\""));
}

static void malformed_lists_have_no_tags(void **state)
{
    (void)state;
    assert_false(listed("", "\"a\""));
    assert_false(listed("a", "\"a\""));
    assert_false(listed("\"a", "\"a\""));
    assert_false(http_etag_is_listed(bytes_make(NULL, 0), "\"a\""));
}

static void if_range_wants_the_same_strong_tag(void **state)
{
    (void)state;
    assert_true(http_etag_is_same(bytes_text("\"a\""), "\"a\""));
    assert_false(http_etag_is_same(bytes_text("W/\"a\""), "W/\"a\""));
    assert_false(http_etag_is_same(bytes_text("\"b\""), "\"a\""));
    assert_false(
        http_etag_is_same(bytes_text("Sun, 06 Nov 1994 08:49:37 GMT"), "\"a\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_tag_in_a_list),
        cmocka_unit_test(compares_weakly),
        cmocka_unit_test(a_star_stands_for_every_tag),
        cmocka_unit_test(malformed_lists_have_no_tags),
        cmocka_unit_test(if_range_wants_the_same_strong_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
