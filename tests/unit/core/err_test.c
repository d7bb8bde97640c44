#include "core/err.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void set_returns_the_negative_code_and_keeps_the_words(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_LIMIT, "chunk size %u", 7u), -ERR_LIMIT);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.text, "chunk size 7");
}

static void set_without_a_place_for_words_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_PROTO, "nobody reads this"), -ERR_PROTO);
}

static void long_words_are_cut_and_end(void **state)
{
    (void)state;
    char longer[2 * ERR_TEXT_MAX];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct err err;
    (void)err_set(&err, ERR_IO, "%s", longer);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

static void every_code_has_words_of_its_own(void **state)
{
    (void)state;
    enum err_code all[] = {ERR_NONE,
#define CODE(name, text) ERR_##name,
                           ERR_LIST(CODE)
#undef CODE
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_string_not_equal(err_code_text(all[i]), "unknown error");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(err_code_text(all[i]), err_code_text(all[j]));
    }
    assert_string_equal(err_code_text((enum err_code)999), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_the_negative_code_and_keeps_the_words),
        cmocka_unit_test(set_without_a_place_for_words_returns_the_code),
        cmocka_unit_test(long_words_are_cut_and_end),
        cmocka_unit_test(every_code_has_words_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
