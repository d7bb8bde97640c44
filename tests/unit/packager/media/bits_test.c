#include "packager/media/bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct bits of(const char *text)
{
    return media_bits_of(bytes_text(text));
}

static void reads_across_bytes_most_significant_first(void **state)
{
    (void)state;
    struct bits bits = of("\xa5\x0f\xff\x80\x01");
    assert_int_equal(media_bits_read(&bits, 0), 0);
    assert_int_equal(media_bits_read(&bits, 3), 5);
    assert_int_equal(media_bits_read(&bits, 32), 0x287ffc00);
    assert_int_equal(media_bits_left(&bits), 5);
    assert_int_equal(media_bits_read(&bits, 5), 1);
    assert_int_equal(media_bits_left(&bits), 0);
    assert_false(media_bits_failed(&bits));
}

static void reads_zeros_and_marks_the_end(void **state)
{
    (void)state;
    struct bits bits = of("\xff");
    assert_int_equal(media_bits_read(&bits, 9), 0);
    assert_true(media_bits_failed(&bits));
    assert_int_equal(media_bits_read(&bits, 1), 0);
    assert_int_equal(media_bits_left(&bits), 0);
    bits = of("\xff");
    media_bits_skip(&bits, SIZE_MAX);
    assert_true(media_bits_failed(&bits));
}

static void aligns_to_the_next_byte(void **state)
{
    (void)state;
    struct bits bits = of("\xff\x12");
    media_bits_align(&bits);
    assert_int_equal(media_bits_left(&bits), 16);
    (void)media_bits_flag(&bits);
    media_bits_align(&bits);
    assert_int_equal(media_bits_read(&bits, 8), 0x12);
    media_bits_align(&bits);
    assert_int_equal(media_bits_left(&bits), 0);
    assert_false(media_bits_failed(&bits));
}

static void reads_exponential_golomb_codes(void **state)
{
    (void)state;
    /* 1 010 011 00100 00101 (0, 1, 2, 3, 4) 1 */
    struct bits bits = of("\xa6\x42\x98");
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(media_bits_ue(&bits), i);
    bits = of("\xa6\x42\x98");
    static const int32_t signed_codes[] = {0, 1, -1, 2, -2};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(media_bits_se(&bits), signed_codes[i]);
}

static void reads_the_longest_code_and_refuses_a_longer_one(void **state)
{
    (void)state;
    static const uint8_t longest[] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe};
    struct bits bits = media_bits_of(bytes_make(longest, sizeof longest));
    assert_int_equal(media_bits_ue(&bits), UINT32_MAX - 1);
    assert_false(media_bits_failed(&bits));
    bits = media_bits_of(bytes_make(longest, sizeof longest));
    assert_int_equal(media_bits_se(&bits), -INT32_MAX);
    static const uint8_t longer[] = {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff};
    bits = media_bits_of(bytes_make(longer, sizeof longer));
    assert_int_equal(media_bits_ue(&bits), 0);
    assert_true(media_bits_failed(&bits));
}

static void refuses_a_code_that_is_cut_off(void **state)
{
    (void)state;
    struct bits bits = of("\x01");
    assert_int_equal(media_bits_ue(&bits), 0);
    assert_true(media_bits_failed(&bits));
    bits = media_bits_of(bytes_make(NULL, 0));
    assert_int_equal(media_bits_ue(&bits), 0);
    assert_true(media_bits_failed(&bits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_across_bytes_most_significant_first),
        cmocka_unit_test(reads_zeros_and_marks_the_end),
        cmocka_unit_test(aligns_to_the_next_byte),
        cmocka_unit_test(reads_exponential_golomb_codes),
        cmocka_unit_test(reads_the_longest_code_and_refuses_a_longer_one),
        cmocka_unit_test(refuses_a_code_that_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
