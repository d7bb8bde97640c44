#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/request.h"

static struct http_request with_query(const char *query)
{
    return (struct http_request){.query = bytes_text(query)};
}

static void check_query(const char *query, const char *name, const char *value)
{
    struct http_request request = with_query(query);
    struct bytes found = {NULL, 0};
    assert_true(http_request_query(&request, name, &found));
    assert_true(bytes_equal_text(found, value));
}

static void finds_the_first_query_parameter_of_a_name(void **state)
{
    (void)state;
    check_query("a=1&b=2&a=3", "a", "1");
    check_query("a=1&b=2&a=3", "b", "2");
    check_query("a=x=y", "a", "x=y");
    check_query("a=", "a", "");
    check_query("b&a", "a", "");
    check_query("&&a=1&", "a", "1");
}

static void says_when_a_query_parameter_is_not_there(void **state)
{
    (void)state;
    struct http_request request = with_query("ab=1&c=a");
    struct bytes found = {NULL, 7};
    assert_false(http_request_query(&request, "a", &found));
    request.query = bytes_make(NULL, 0);
    assert_false(http_request_query(&request, "a", &found));
    assert_int_equal(found.len, 7);
}

static void finds_the_first_header_in_any_case(void **state)
{
    (void)state;
    struct http_request request = {.n_headers = 3};
    request.headers[0] = (struct http_header){bytes_text("Accept"), bytes_text("1")};
    request.headers[1] = (struct http_header){bytes_text("X-Y"), bytes_text("2")};
    request.headers[2] = (struct http_header){bytes_text("x-y"), bytes_text("3")};
    assert_true(bytes_equal_text(http_request_header(&request, "x-Y"), "2"));
    assert_null(http_request_header(&request, "x").data);
}

static void decodes_percent_codes(void **state)
{
    (void)state;
    char out[8];
    assert_true(http_request_decode(bytes_text("a%20b%C3%A4+"), out, sizeof out));
    assert_string_equal(out, "a b\xc3\xa4+");
    assert_true(http_request_decode(bytes_text(""), out, sizeof out));
    assert_string_equal(out, "");
    assert_true(http_request_decode(bytes_text("1234567"), out, sizeof out));
}

static void refuses_broken_and_long_codes(void **state)
{
    (void)state;
    char out[8];
    assert_false(http_request_decode(bytes_text("%"), out, sizeof out));
    assert_false(http_request_decode(bytes_text("%4"), out, sizeof out));
    assert_false(http_request_decode(bytes_text("%g0"), out, sizeof out));
    assert_false(http_request_decode(bytes_text("%00"), out, sizeof out));
    assert_false(http_request_decode(bytes_text("12345678"), out, sizeof out));
    assert_false(http_request_decode(bytes_text(""), out, 0));
}

static bool takes_gzip(const char *header)
{
    struct http_request request = {.n_headers = 1};
    request.headers[0] =
        (struct http_header){bytes_text("Accept-Encoding"), bytes_text(header)};
    return http_request_takes_gzip(&request);
}

static void knows_who_takes_gzip(void **state)
{
    (void)state;
    assert_true(takes_gzip("gzip"));
    assert_true(takes_gzip("deflate, GZIP;q=1.0, *;q=0.5"));
    assert_true(takes_gzip("br , gzip ; q=0.001"));
    assert_true(takes_gzip("*"));
    assert_true(takes_gzip("identity;q=0.5, *;q=0.1"));
    assert_false(takes_gzip(""));
    assert_false(takes_gzip("br, deflate"));
    assert_false(takes_gzip("gzip;q=0"));
    assert_false(takes_gzip("gzip; q=0.000, *"));
    assert_false(takes_gzip("*;q=0"));
    assert_false(takes_gzip("xgzip, gzipx"));
    struct http_request none = {0};
    assert_false(http_request_takes_gzip(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_first_query_parameter_of_a_name),
        cmocka_unit_test(says_when_a_query_parameter_is_not_there),
        cmocka_unit_test(finds_the_first_header_in_any_case),
        cmocka_unit_test(decodes_percent_codes),
        cmocka_unit_test(refuses_broken_and_long_codes),
        cmocka_unit_test(knows_who_takes_gzip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
