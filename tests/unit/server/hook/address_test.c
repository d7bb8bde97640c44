#include "server/hook/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"

static void assert_mask(const char *url, const char *expected)
{
    char *masked = hook_address_mask(url);
    assert_string_equal(masked, expected);
    alloc_free(masked);
}

static void shows_scheme_host_and_port(void **state)
{
    (void)state;
    assert_mask("https://shop.example:8443", "https://shop.example:8443");
    assert_mask("http://[::1]:80", "http://[::1]:80");
}

static void hides_user_password_path_and_query(void **state)
{
    (void)state;
    assert_mask("https://ann:s3cret@shop.example/h?token=x", "https://shop.example");
    assert_mask("https://ann:s3@cret@shop.example", "https://shop.example");
    assert_mask("https://shop.example?a=b@c", "https://shop.example");
    assert_mask("https://shop.example/services/s3cret@b", "https://shop.example");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_scheme_host_and_port),
        cmocka_unit_test(hides_user_password_path_and_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
