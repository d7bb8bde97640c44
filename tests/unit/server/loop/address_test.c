#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/err.h"
#include "server/loop/address.h"

static void reads_and_prints(const char *text)
{
    struct loop_address address;
    struct err err;
    char out[LOOP_ADDRESS_MAX];
    assert_int_equal(loop_address_parse(text, &address, &err), 0);
    assert_false(address.any_family);
    assert_string_equal(loop_address_print(&address.socket, out), text);
}

static void reads_and_prints_both_families(void **state)
{
    (void)state;
    reads_and_prints("127.0.0.1:8080");
    reads_and_prints("0.0.0.0:0");
    reads_and_prints("[::]:8080");
    reads_and_prints("[2001:db8::1]:65535");
}

static void no_host_means_every_address(void **state)
{
    (void)state;
    struct loop_address address;
    assert_int_equal(loop_address_parse(":8080", &address, NULL), 0);
    assert_true(address.any_family);
    assert_int_equal(loop_address_port(&address.socket), 8080);
}

static void prints_mapped_addresses_as_ipv4(void **state)
{
    (void)state;
    struct loop_address address;
    char out[LOOP_ADDRESS_MAX];
    assert_int_equal(loop_address_parse("[::ffff:192.0.2.1]:80", &address, NULL), 0);
    assert_string_equal(loop_address_print(&address.socket, out), "192.0.2.1:80");
}

static void prints_the_host_alone(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"192.0.2.1:80", "192.0.2.1"},
        {"[2001:db8::1]:80", "2001:db8::1"},
        {"[::ffff:192.0.2.1]:80", "192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loop_address address;
        char out[LOOP_ADDRESS_MAX];
        assert_int_equal(loop_address_parse(cases[i][0], &address, NULL), 0);
        assert_string_equal(loop_address_print_host(&address.socket, out), cases[i][1]);
    }
}

static void prints_a_socket_without_address_as_local(void **state)
{
    (void)state;
    struct sockaddr_storage none = {.ss_family = AF_UNIX};
    char out[LOOP_ADDRESS_MAX];
    assert_string_equal(loop_address_print(&none, out), "local");
    assert_int_equal(loop_address_port(&none), 0);
}

static void refuses_what_is_no_numeric_address(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "8080",
        ":",
        ":x",
        ":65536",
        ":-1",
        "host:80",
        "::1:80",
        "[::1]",
        "[::1:80",
        "::1]:80",
        "[]:80",
        "1.2.3:80",
        "1.2.3.4",
        "1.2.3.4: 80",
        "1.2.3.4:080000",
        "[::1]x:80",
        "[zz]:80",
        "1111111111111111111111111111111111111111111111111111111111111111111111:80"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct loop_address address;
        struct err err = {0};
        assert_int_equal(loop_address_parse(wrong[i], &address, &err), -ERR_INVALID);
        assert_true(strlen(err.text) > 0);
    }
    struct loop_address address;
    assert_int_equal(loop_address_parse(NULL, &address, NULL), -ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_prints_both_families),
        cmocka_unit_test(no_host_means_every_address),
        cmocka_unit_test(prints_mapped_addresses_as_ipv4),
        cmocka_unit_test(prints_the_host_alone),
        cmocka_unit_test(prints_a_socket_without_address_as_local),
        cmocka_unit_test(refuses_what_is_no_numeric_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
