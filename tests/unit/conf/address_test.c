#include "conf/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void takes_numeric_addresses_with_a_port(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0.0.0.0:1935", "127.0.0.1:0",       "10.1.2.3:65535",     ":8080",
        "[::]:8080",    "[2001:db8::1]:443", "[::ffff:1.2.3.4]:80"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(conf_address_is_valid(bytes_text(good[i])));
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "8080",
        "127.0.0.1",
        "127.0.0.1:",
        ":",
        ":65536",
        ":080808",
        ":-1",
        ":8o80",
        "localhost:80",
        "1.2.3:80",
        "256.1.1.1:80",
        "::1:80",
        "[::1]",
        "[]:80",
        "[1.2.3.4]:80",
        "[::1:80",
        "::1]:80",
        " 0.0.0.0:80",
        "0.0.0.0:80 ",
        "[fe80::1%lo]:80",
        "http://0.0.0.0:80",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(conf_address_is_valid(bytes_text(bad[i])));
    assert_false(conf_address_is_valid(bytes_make("1.2.3.4\0:80", 11)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_numeric_addresses_with_a_port),
        cmocka_unit_test(refuses_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
