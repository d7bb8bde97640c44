#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/range.h"

static void gives_part(const char *header, uint64_t total, uint64_t first,
                       uint64_t last)
{
    uint64_t f = 0, l = 0;
    assert_int_equal(http_range_parse(bytes_text(header), total, &f, &l),
                     HTTP_RANGE_PART);
    assert_int_equal(f, first);
    assert_int_equal(l, last);
}

static void gives_no_part(const char *header, uint64_t total, enum http_range_kind kind)
{
    uint64_t f = 77, l = 78;
    assert_int_equal(http_range_parse(bytes_text(header), total, &f, &l), kind);
    assert_int_equal(f, 77);
    assert_int_equal(l, 78);
}

static void reads_single_ranges(void **state)
{
    (void)state;
    gives_part("bytes=0-0", 10, 0, 0);
    gives_part("bytes=2-5", 10, 2, 5);
    gives_part("Bytes= 2-5 ", 10, 2, 5);
    gives_part("bytes=9-9", 10, 9, 9);
    gives_part("bytes=0-99", 10, 0, 9);
    gives_part("bytes=5-", 10, 5, 9);
    gives_part("bytes=-3", 10, 7, 9);
    gives_part("bytes=-99", 10, 0, 9);
    gives_part("bytes=0-18446744073709551615", 10, 0, 9);
}

static void tells_what_is_not_there(void **state)
{
    (void)state;
    gives_no_part("bytes=10-", 10, HTTP_RANGE_NONE);
    gives_no_part("bytes=10-12", 10, HTTP_RANGE_NONE);
    gives_no_part("bytes=-0", 10, HTTP_RANGE_NONE);
    gives_no_part("bytes=0-", 0, HTTP_RANGE_NONE);
    gives_no_part("bytes=-1", 0, HTTP_RANGE_NONE);
}

static void ignores_what_it_cannot_give(void **state)
{
    (void)state;
    static const char *const headers[] = {"",
                                          "bytes",
                                          "bytes=",
                                          "bytes=-",
                                          "bytes=a-b",
                                          "bytes=5-4",
                                          "items=0-1",
                                          "bytes=0-1,3-4",
                                          "bytes=1",
                                          "bytes=1--2",
                                          "bytes=+1-2",
                                          "bytes=0x1-2",
                                          "bytes=--1",
                                          "bytes=99999999999999999999-",
                                          "bytes=0-99999999999999999999"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        gives_no_part(headers[i], 10, HTTP_RANGE_WHOLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_single_ranges),
        cmocka_unit_test(tells_what_is_not_there),
        cmocka_unit_test(ignores_what_it_cannot_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
