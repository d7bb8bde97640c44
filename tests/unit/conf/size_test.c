#include "conf/size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void takes_whole_numbers_with_their_unit(void **state)
{
    (void)state;
    uint64_t size = 1;
    assert_true(conf_size_parse(bytes_text("0B"), &size));
    assert_int_equal(size, 0);
    assert_true(conf_size_parse(bytes_text("64KiB"), &size));
    assert_int_equal(size, 65536);
    assert_true(conf_size_parse(bytes_text("8MiB"), &size));
    assert_int_equal(size, 8388608);
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "MiB",
                                        "8",
                                        "8 MiB",
                                        "8MB",
                                        "8M",
                                        "8mib",
                                        "1.5MiB",
                                        "-1KiB",
                                        "+1KiB",
                                        "8MiB ",
                                        "0x8KiB",
                                        "18446744073709551616B",
                                        "17592186044416MiB"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint64_t size = 7;
        assert_false(conf_size_parse(bytes_text(wrong[i]), &size));
        assert_int_equal(size, 7);
    }
}

static void prints_the_largest_unit_that_is_whole(void **state)
{
    (void)state;
    char out[CONF_SIZE_TEXT_MAX];
    assert_string_equal(conf_size_print(16 * 1024 * 1024, out), "16MiB");
    assert_string_equal(conf_size_print(1536 * 1024, out), "1536KiB");
    assert_string_equal(conf_size_print(1025, out), "1025B");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_whole_numbers_with_their_unit),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(prints_the_largest_unit_that_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
