#include "server/hook/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum hook_verdict verdict(enum hook_mode mode, long status, const char *body)
{
    return hook_answer_read(mode, status, bytes_text(body)).verdict;
}

static void in_our_own_mode_success_allows_and_4xx_refuses(void **state)
{
    (void)state;
    assert_int_equal(verdict(HOOK_VITRINE, 200, ""), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_VITRINE, 204, ""), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_VITRINE, 200, "{\"allow\":true}"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_VITRINE, 200, "<html>"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_VITRINE, 200, "{\"allow\":false}"), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_VITRINE, 401, ""), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_VITRINE, 403, "nonsense"), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_VITRINE, 499, "{}"), HOOK_REFUSED);
}

static void in_our_own_mode_a_fault_is_no_answer(void **state)
{
    (void)state;
    static const long none[] = {100, 301, 302, 408, 425, 429, 500, 502, 503, 599};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(verdict(HOOK_VITRINE, none[i], "{\"allow\":false}"),
                         HOOK_UNANSWERED);
}

static void in_srs_mode_only_its_zero_allows(void **state)
{
    (void)state;
    assert_int_equal(verdict(HOOK_SRS, 200, "0"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_SRS, 201, " 0\n"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_SRS, 200, "{\"code\":0,\"data\":{}}"), HOOK_ALLOWED);
    static const char *const no[] = {"",      "1",           "00",
                                     "\"0\"", "{}",          "{\"code\":1}",
                                     "[0]",   "ok",          "{\"code\":\"0\"}",
                                     "0 0",   "{\"code\":0", "{\"code\":0.0}"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_int_equal(verdict(HOOK_SRS, 200, no[i]), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_SRS, 202, "0"), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_SRS, 500, "0"), HOOK_REFUSED);
}

static void in_nginx_mode_only_success_allows_and_a_new_name_is_none(void **state)
{
    (void)state;
    assert_int_equal(verdict(HOOK_NGINX, 200, "anything"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_NGINX, 204, ""), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_NGINX, 302, ""), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_NGINX, 403, ""), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_NGINX, 500, ""), HOOK_REFUSED);
}

static void a_reason_is_made_fit_for_an_encoder(void **state)
{
    (void)state;
    struct hook_answer answer = hook_answer_read(
        HOOK_VITRINE, 403,
        bytes_text("{\"reason\":\"Caf\xc3\xa9 is closed\\nuntil\\t8 \xe2\x82\xac\"}"));
    assert_string_equal(answer.reason, "Caf? is closed until 8 ?");
    answer = hook_answer_read(HOOK_SRS, 200,
                              bytes_text("{\"code\":7,\"reason\":\"No show today.\"}"));
    assert_string_equal(answer.reason, "No show today.");
    answer = hook_answer_read(HOOK_VITRINE, 403, bytes_text("{\"reason\":7}"));
    assert_string_equal(answer.reason, "");
}

static void a_reason_has_two_hundred_letters_at_most(void **state)
{
    (void)state;
    char body[512] = "{\"reason\":\"";
    memset(body + 11, 'a', 300);
    memcpy(body + 311, "\"}", 3);
    struct hook_answer answer = hook_answer_read(HOOK_VITRINE, 403, bytes_text(body));
    assert_int_equal(strlen(answer.reason), 200);
}

static void news_are_received_with_success(void **state)
{
    (void)state;
    assert_true(hook_answer_is_receipt(HOOK_VITRINE, 204));
    assert_false(hook_answer_is_receipt(HOOK_VITRINE, 404));
    assert_false(hook_answer_is_receipt(HOOK_VITRINE, 302));
    assert_false(hook_answer_is_receipt(HOOK_VITRINE, 500));
}

static void scripts_of_other_servers_need_not_know_of_the_end(void **state)
{
    (void)state;
    assert_true(hook_answer_is_receipt(HOOK_SRS, 200));
    assert_true(hook_answer_is_receipt(HOOK_NGINX, 404));
    assert_false(hook_answer_is_receipt(HOOK_SRS, 502));
    assert_false(hook_answer_is_receipt(HOOK_NGINX, 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_our_own_mode_success_allows_and_4xx_refuses),
        cmocka_unit_test(in_our_own_mode_a_fault_is_no_answer),
        cmocka_unit_test(in_srs_mode_only_its_zero_allows),
        cmocka_unit_test(in_nginx_mode_only_success_allows_and_a_new_name_is_none),
        cmocka_unit_test(a_reason_is_made_fit_for_an_encoder),
        cmocka_unit_test(a_reason_has_two_hundred_letters_at_most),
        cmocka_unit_test(news_are_received_with_success),
        cmocka_unit_test(scripts_of_other_servers_need_not_know_of_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
