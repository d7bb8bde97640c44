#include "server/rtmp/hevc_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Of x265, Main profile, 640 x 360, its parameter sets shortened. */
static const uint8_t record[] = {
    1,    1,    0x60, 0,    0, 0,    0x90, 0,    0,    0, 0, 0, 63,   0xf0, 0,
    0xfc, 0xfd, 0xf8, 0xf8, 0, 0,    15,   3,    0xa0, 0, 1, 0, 2,    0x40, 1,
    0xa1, 0,    1,    0,    2, 0x42, 1,    0xa2, 0,    1, 0, 2, 0x44, 1,
};

static void knows_an_hevc_record(void **state)
{
    (void)state;
    assert_true(rtmp_hevc_record_is(bytes_make(record, sizeof record)));
}

static void an_avc_record_is_none(void **state)
{
    (void)state;
    static const uint8_t avc[] = {1,    100,  0, 31, 0xff, 0xe1, 0,    2,
                                  0x67, 100,  1, 0,  2,    0x68, 0xee, 0xfd,
                                  0xf8, 0xf8, 0, 0,  0,    0,    0,    0};
    assert_false(rtmp_hevc_record_is(bytes_make(avc, sizeof avc)));
}

static void every_cut_record_is_none(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof record; len++)
        assert_false(rtmp_hevc_record_is(bytes_make(record, len)));
    uint8_t longer[sizeof record + 1] = {0};
    memcpy(longer, record, sizeof record);
    assert_false(rtmp_hevc_record_is(bytes_make(longer, sizeof longer)));
}

static void reserved_bits_and_types_must_be_right(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } faults[] = {{0, 2},  {4, 0xff}, {13, 0}, {15, 0}, {16, 0},
                  {17, 0}, {18, 0},   {22, 0}, {23, 7}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        uint8_t copy[sizeof record];
        memcpy(copy, record, sizeof copy);
        copy[faults[i].at] = faults[i].value;
        assert_false(rtmp_hevc_record_is(bytes_make(copy, sizeof copy)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_an_hevc_record),
        cmocka_unit_test(an_avc_record_is_none),
        cmocka_unit_test(every_cut_record_is_none),
        cmocka_unit_test(reserved_bits_and_types_must_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
