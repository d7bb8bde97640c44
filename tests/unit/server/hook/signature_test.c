#include "server/hook/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

static const char SECRET[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

static void signs_as_the_example_of_the_specification(void **state)
{
    (void)state;
    struct hook_key key;
    char signature[HOOK_SIGNATURE_MAX];
    assert_int_equal(hook_signature_key(SECRET, &key, NULL), 0);
    assert_int_equal(key.len, 24);
    hook_signature_make(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                        bytes_text("{\"test\": 2432232314}"), signature);
    assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void takes_any_other_secret_as_it_stands(void **state)
{
    (void)state;
    struct hook_key key;
    assert_int_equal(hook_signature_key("my secret", &key, NULL), 0);
    assert_int_equal(key.len, 9);
    assert_memory_equal(key.bytes, "my secret", 9);
    assert_int_equal(hook_signature_key("", &key, NULL), 0);
    assert_int_equal(key.len, 0);
    assert_int_equal(hook_signature_key(NULL, &key, NULL), 0);
    assert_int_equal(key.len, 0);
}

static void reads_base64_with_padding(void **state)
{
    (void)state;
    struct hook_key key;
    assert_int_equal(hook_signature_key("whsec_YWI=", &key, NULL), 0);
    assert_int_equal(key.len, 2);
    assert_int_equal(hook_signature_key("whsec_YQ==", &key, NULL), 0);
    assert_int_equal(key.len, 1);
    assert_int_equal(key.bytes[0], 'a');
}

static void refuses_what_is_no_base64_and_does_not_show_it(void **state)
{
    (void)state;
    static const char *const wrong[] = {"whsec_",     "whsec_abc",  "whsec_ab-_",
                                        "whsec_a===", "whsec_=abc", "whsec_ab=c"};
    struct err err;
    struct hook_key key;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hook_signature_key(wrong[i], &key, &err), -ERR_INVALID);
        assert_null(strstr(err.text, wrong[i] + 6) && wrong[i][6] ? wrong[i] : NULL);
    }
}

static void refuses_a_secret_that_is_too_long(void **state)
{
    (void)state;
    char secret[HOOK_KEY_MAX + 2];
    struct hook_key key;
    memset(secret, 'a', HOOK_KEY_MAX + 1);
    secret[HOOK_KEY_MAX + 1] = '\0';
    assert_int_equal(hook_signature_key(secret, &key, NULL), -ERR_INVALID);
    secret[HOOK_KEY_MAX] = '\0';
    assert_int_equal(hook_signature_key(secret, &key, NULL), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_example_of_the_specification),
        cmocka_unit_test(takes_any_other_secret_as_it_stands),
        cmocka_unit_test(reads_base64_with_padding),
        cmocka_unit_test(refuses_what_is_no_base64_and_does_not_show_it),
        cmocka_unit_test(refuses_a_secret_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
