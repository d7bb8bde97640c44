#include "server/auth/stream_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "23456789abcdefghjkmnpqrst" /* 25 letters */

static bool names(const char *key, const char *show)
{
    return bytes_equal_text(auth_stream_key_show(bytes_text(key)), show);
}

static void a_made_key_names_its_show(void **state)
{
    (void)state;
    char key[AUTH_STREAM_KEY_MAX];
    auth_stream_key_make("summer-sale-2", key);
    assert_memory_equal(key, "summer-sale-2_", 14);
    assert_int_equal(strlen(key), 14 + 25);
    assert_true(names(key, "summer-sale-2"));
}

static void a_key_of_the_longest_id_fits(void **state)
{
    (void)state;
    char key[AUTH_STREAM_KEY_MAX];
    auth_stream_key_make("abcdefghijklmnopqrstuvwxyz012345", key);
    assert_true(names(key, "abcdefghijklmnopqrstuvwxyz012345"));
}

static void two_keys_of_a_show_differ(void **state)
{
    (void)state;
    char a[AUTH_STREAM_KEY_MAX], b[AUTH_STREAM_KEY_MAX];
    auth_stream_key_make("summer", a);
    auth_stream_key_make("summer", b);
    assert_string_not_equal(a, b);
}

static void text_of_another_shape_names_no_show(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        NULL,
        "",
        "summer",
        "summer_",
        "_" SECRET,
        "summer_" SECRET "u",               /* too long */
        "summer_3456789abcdefghjkmnpqrst",  /* too short */
        "summer_03456789abcdefghjkmnpqrst", /* 0 is no letter of ours */
        "summer__3456789abcdefghjkmnpqrst",
        "Summer_" SECRET,
        "-summer_" SECRET,
        "sum mer_" SECRET,
        "sum/mer_" SECRET,
        "abcdefghijklmnopqrstuvwxyz0123456_" SECRET, /* 33 */
    };
    assert_true(names("summer_" SECRET, "summer"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(auth_stream_key_show(bytes_text(wrong[i])).len, 0);
}

static void a_nul_is_no_letter(void **state)
{
    (void)state;
    char key[] = "summer_" SECRET;
    key[10] = '\0';
    assert_int_equal(auth_stream_key_show(bytes_make(key, sizeof key - 1)).len, 0);
}

static void the_hash_of_a_key_is_its_sha_256(void **state)
{
    (void)state;
    uint8_t hash[AUTH_HASH_SIZE], wanted[AUTH_HASH_SIZE];
    auth_stream_key_hash(bytes_text("summer_" SECRET), hash);
    auth_secret_sha256(bytes_text("summer_" SECRET), wanted);
    assert_memory_equal(hash, wanted, sizeof hash);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_key_names_its_show),
        cmocka_unit_test(a_key_of_the_longest_id_fits),
        cmocka_unit_test(two_keys_of_a_show_differ),
        cmocka_unit_test(text_of_another_shape_names_no_show),
        cmocka_unit_test(a_nul_is_no_letter),
        cmocka_unit_test(the_hash_of_a_key_is_its_sha_256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
