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

static void shows_scheme_host_port_and_path(void **state)
{
    (void)state;
    assert_mask("https://shop.example:8443/hooks/live",
                "https://shop.example:8443/hooks/live");
    assert_mask("http://[::1]:80", "http://[::1]:80");
}

static void hides_user_password_and_query(void **state)
{
    (void)state;
    assert_mask("https://ann:s3cret@shop.example/h?token=x", "https://shop.example/h");
    assert_mask("https://ann:s3@cret@shop.example", "https://shop.example");
    assert_mask("https://shop.example?a=b@c", "https://shop.example");
    assert_mask("https://shop.example/a@b", "https://shop.example/a@b");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_scheme_host_port_and_path),
        cmocka_unit_test(hides_user_password_and_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
