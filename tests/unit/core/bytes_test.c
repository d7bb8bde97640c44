#include "core/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/alloc.h"

static void text_is_without_its_nul_and_may_be_missing(void **state)
{
    (void)state;
    assert_int_equal(bytes_text("abc").len, 3);
    assert_int_equal(bytes_text(NULL).len, 0);
    assert_null(bytes_text(NULL).data);
}

static void equal_compares_length_and_content(void **state)
{
    (void)state;
    assert_true(bytes_equal(bytes_text("abc"), bytes_text("abc")));
    assert_false(bytes_equal(bytes_text("abc"), bytes_text("abd")));
    assert_false(bytes_equal(bytes_text("abc"), bytes_text("ab")));
    assert_true(bytes_equal(bytes_make(NULL, 0), bytes_text("")));
    assert_true(bytes_equal_text(bytes_make("abX", 2), "ab"));
}

static void nocase_folds_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(bytes_equal_nocase(bytes_text("Range"), bytes_text("rANGE")));
    assert_false(bytes_equal_nocase(bytes_text("a@"), bytes_text("a`")));
    assert_false(bytes_equal_nocase(bytes_text("a["), bytes_text("a{")));
    assert_false(bytes_equal_nocase(bytes_text("ab"), bytes_text("abc")));
}

static void secret_equality_agrees_with_equality(void **state)
{
    (void)state;
    assert_true(bytes_equal_secret(bytes_text("key"), bytes_text("key")));
    assert_false(bytes_equal_secret(bytes_text("key"), bytes_text("kez")));
    assert_false(bytes_equal_secret(bytes_text("key"), bytes_text("keys")));
    assert_false(bytes_equal_secret(bytes_text("Key"), bytes_text("key")));
    assert_true(bytes_equal_secret(bytes_make(NULL, 0), bytes_make(NULL, 0)));
}

static void prefix_is_at_the_start_only(void **state)
{
    (void)state;
    assert_true(bytes_has_prefix(bytes_text("Bearer x"), "Bearer "));
    assert_true(bytes_has_prefix(bytes_make(NULL, 0), ""));
    assert_false(bytes_has_prefix(bytes_text("Bear"), "Bearer"));
    assert_false(bytes_has_prefix(bytes_text("x Bearer"), "Bearer"));
}

static void compare_orders_shorter_first(void **state)
{
    (void)state;
    assert_true(bytes_compare(bytes_text("a"), bytes_text("b")) < 0);
    assert_true(bytes_compare(bytes_text("b"), bytes_text("a")) > 0);
    assert_true(bytes_compare(bytes_text("a"), bytes_text("aa")) < 0);
    assert_true(bytes_compare(bytes_text("aa"), bytes_text("a")) > 0);
    assert_int_equal(bytes_compare(bytes_text("a"), bytes_text("a")), 0);
    assert_int_equal(bytes_compare(bytes_make(NULL, 0), bytes_make(NULL, 0)), 0);
    assert_true(bytes_compare(bytes_text("\xff"), bytes_text("a")) > 0);
}

static void from_and_first_clamp(void **state)
{
    (void)state;
    struct bytes a = bytes_text("hello");
    assert_true(bytes_equal_text(bytes_from(a, 2), "llo"));
    assert_int_equal(bytes_from(a, 9).len, 0);
    assert_int_equal(bytes_from(bytes_make(NULL, 0), 3).len, 0);
    assert_true(bytes_equal_text(bytes_first(a, 2), "he"));
    assert_true(bytes_equal_text(bytes_first(a, 9), "hello"));
}

static void index_finds_from_a_place_on(void **state)
{
    (void)state;
    struct bytes a = bytes_text("a/b/c");
    assert_int_equal(bytes_index(a, 0, '/'), 1);
    assert_int_equal(bytes_index(a, 2, '/'), 3);
    assert_int_equal(bytes_index(a, 4, '/'), 5);
    assert_int_equal(bytes_index(a, 99, '/'), 5);
    assert_int_equal(bytes_index(bytes_make(NULL, 0), 0, '/'), 0);
}

static void cut_walks_all_fields(void **state)
{
    (void)state;
    struct bytes rest = bytes_text("a&&b&");
    struct bytes head;
    const char *wanted[] = {"a", "", "b", ""};
    for (size_t i = 0; i < 4; i++) {
        assert_true(bytes_cut(&rest, '&', &head));
        assert_true(bytes_equal_text(head, wanted[i]));
    }
    assert_false(bytes_cut(&rest, '&', &head));
}

static void cut_without_separator_gives_everything_once(void **state)
{
    (void)state;
    struct bytes rest = bytes_text("whole");
    struct bytes head;
    assert_true(bytes_cut(&rest, '&', &head));
    assert_true(bytes_equal_text(head, "whole"));
    assert_false(bytes_cut(&rest, '&', &head));
}

static void trim_takes_blanks_at_both_ends(void **state)
{
    (void)state;
    assert_true(bytes_equal_text(bytes_trim(bytes_text(" \t a b\t ")), "a b"));
    assert_int_equal(bytes_trim(bytes_text(" \t ")).len, 0);
    assert_int_equal(bytes_trim(bytes_make(NULL, 0)).len, 0);
    assert_true(bytes_equal_text(bytes_trim(bytes_text("\na")), "\na"));
}

static void accepts_well_formed_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\xc2\x80",         /* U+0080, first of two bytes */
        "\xdf\xbf",         /* U+07FF */
        "\xe0\xa0\x80",     /* U+0800, first of three */
        "\xed\x9f\xbf",     /* U+D7FF, last before the surrogates */
        "\xee\x80\x80",     /* U+E000, first behind them */
        "\xef\xbf\xbf",     /* U+FFFF */
        "\xf0\x90\x80\x80", /* U+10000 */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF, the last */
        "Ros\xc3\xa9 \xe2\x80\x93 3",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(bytes_is_utf8(bytes_text(good[i])));
}

static void refuses_ill_formed_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             /* a continuation alone */
        "\xc0\x80",         /* overlong NUL */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate U+D800 */
        "\xed\xbf\xbf",     /* surrogate U+DFFF */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80", /* no such lead byte */
        "\xff",             /* never */
        "a\xc3",            /* cut short */
        "a\xe2\x80",        /* cut short */
        "a\xf0\x9f\x98",    /* cut short */
        "\xc3(",            /* no continuation */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(bytes_is_utf8(bytes_text(bad[i])));
}

static void refuses_nul_in_utf8(void **state)
{
    (void)state;
    assert_false(bytes_is_utf8(bytes_make("a\0b", 3)));
}

static void to_text_ends_with_nul(void **state)
{
    (void)state;
    char *text = bytes_to_text(bytes_make("abcX", 3));
    assert_string_equal(text, "abc");
    alloc_free(text);
    text = bytes_to_text(bytes_make(NULL, 0));
    assert_string_equal(text, "");
    alloc_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_without_its_nul_and_may_be_missing),
        cmocka_unit_test(equal_compares_length_and_content),
        cmocka_unit_test(nocase_folds_ascii_letters_only),
        cmocka_unit_test(secret_equality_agrees_with_equality),
        cmocka_unit_test(prefix_is_at_the_start_only),
        cmocka_unit_test(compare_orders_shorter_first),
        cmocka_unit_test(from_and_first_clamp),
        cmocka_unit_test(index_finds_from_a_place_on),
        cmocka_unit_test(cut_walks_all_fields),
        cmocka_unit_test(cut_without_separator_gives_everything_once),
        cmocka_unit_test(trim_takes_blanks_at_both_ends),
        cmocka_unit_test(accepts_well_formed_utf8),
        cmocka_unit_test(refuses_ill_formed_utf8),
        cmocka_unit_test(refuses_nul_in_utf8),
        cmocka_unit_test(to_text_ends_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
