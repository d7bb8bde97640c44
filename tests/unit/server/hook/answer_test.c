#include "server/hook/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct hook_answer answer(enum hook_mode mode, long status, const char *body)
{
    return hook_answer_read(
        mode, &(struct hook_reply){.status = status, .body = bytes_text(body)});
}

static enum hook_verdict verdict(enum hook_mode mode, long status, const char *body)
{
    return answer(mode, status, body).verdict;
}

static struct hook_answer redirect(long status, const char *location)
{
    return hook_answer_read(
        HOOK_NGINX, &(struct hook_reply){.status = status, .location = location});
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

static void reads_a_body_behind_a_byte_order_mark(void **state)
{
    (void)state;
    static const char no[] = "\xef\xbb\xbf{\"allow\":false,\"reason\":\"Closed.\"}";
    assert_int_equal(verdict(HOOK_VITRINE, 200, no), HOOK_REFUSED);
    assert_string_equal(answer(HOOK_VITRINE, 403, no).reason, "Closed.");
    assert_int_equal(
        answer(HOOK_VITRINE, 200, "\xef\xbb\xbf{\"max_kbps\":500}").terms.max_kbps,
        500);
    assert_int_equal(verdict(HOOK_VITRINE, 200, "\xef\xbb\xbf{"), HOOK_UNANSWERED);
    assert_int_equal(verdict(HOOK_VITRINE, 200, "\xef\xbb\xbf"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_SRS, 200, "\xef\xbb\xbf{\"code\":0}"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_SRS, 200, "\xef\xbb\xbf{\"code\":1}"), HOOK_REFUSED);
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

static void in_nginx_mode_success_allows_and_faults_refuse(void **state)
{
    (void)state;
    assert_int_equal(verdict(HOOK_NGINX, 200, "anything"), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_NGINX, 204, ""), HOOK_ALLOWED);
    assert_int_equal(verdict(HOOK_NGINX, 302, ""), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_NGINX, 403, ""), HOOK_REFUSED);
    assert_int_equal(verdict(HOOK_NGINX, 500, ""), HOOK_REFUSED);
    assert_string_equal(answer(HOOK_NGINX, 200, "{\"stream\":\"x\"}").terms.stream, "");
}

static void in_nginx_mode_a_redirect_names_the_stream(void **state)
{
    (void)state;
    static const long statuses[] = {300, 301, 302, 303, 307, 308};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct hook_answer renamed = redirect(statuses[i], "spring-2026");
        assert_int_equal(renamed.verdict, HOOK_ALLOWED);
        assert_string_equal(renamed.terms.stream, "spring-2026");
        assert_null(renamed.fault);
    }
    assert_string_equal(redirect(302, "spring?token=1").terms.stream, "spring");
    assert_string_equal(redirect(200, "spring").terms.stream, "");
    assert_int_equal(redirect(403, "spring").verdict, HOOK_REFUSED);
}

static void in_nginx_mode_nothing_is_relayed(void **state)
{
    (void)state;
    static const char *const elsewhere[] = {"rtmp://127.0.0.1/live/spring",
                                            "rtmps://x/y", "http://shop.example/login",
                                            "spring?to=rtmp://x", ""};
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        struct hook_answer denied = redirect(302, elsewhere[i]);
        assert_int_equal(denied.verdict, HOOK_REFUSED);
        assert_non_null(denied.fault);
    }
    assert_int_equal(redirect(302, "a name").verdict, HOOK_UNANSWERED);
    assert_non_null(strstr(redirect(302, "a name").fault, "Location"));
}

static void a_yes_may_have_terms(void **state)
{
    (void)state;
    static const char body[] = "{\"code\":0,\"stream\":\"spring\",\"max_kbps\":4000,"
                               "\"expires\":\"2026-11-22T19:00:00+01:00\",\"more\":[]}";
    static const enum hook_mode modes[] = {HOOK_VITRINE, HOOK_SRS};
    for (size_t i = 0; i < 2; i++) {
        struct hook_answer bound = answer(modes[i], 200, body);
        assert_int_equal(bound.verdict, HOOK_ALLOWED);
        assert_string_equal(bound.terms.stream, "spring");
        assert_int_equal(bound.terms.max_kbps, 4000);
        assert_int_equal(bound.terms.expires_ms, 1795370400000);
    }
    assert_int_equal(
        answer(HOOK_VITRINE, 200, "{\"expires\":1795370400}").terms.expires_ms,
        1795370400000);
}

static void terms_that_are_not_there_bind_to_nothing(void **state)
{
    (void)state;
    static const char *const free[] = {
        "", "null", "{}", "[]", "{\"stream\":null,\"max_kbps\":null,\"expires\":null}"};
    for (size_t i = 0; i < sizeof free / sizeof free[0]; i++) {
        struct hook_answer allowed = answer(HOOK_VITRINE, 200, free[i]);
        assert_int_equal(allowed.verdict, HOOK_ALLOWED);
        assert_string_equal(allowed.terms.stream, "");
        assert_int_equal(allowed.terms.max_kbps, 0);
        assert_int_equal(allowed.terms.expires_ms, 0);
        assert_null(allowed.fault);
    }
}

static void assert_not_understood(const char *body, const char *field)
{
    struct hook_answer none = answer(HOOK_VITRINE, 200, body);
    assert_int_equal(none.verdict, HOOK_UNANSWERED);
    assert_non_null(none.fault);
    assert_non_null(strstr(none.fault, field));
    assert_string_equal(none.terms.stream, "");
}

static void a_field_that_is_not_understood_is_no_yes_and_is_named(void **state)
{
    (void)state;
    static const char long_name[] = "\"0123456789012345678901234567890123456789"
                                    "012345678901234567890123\"";
    static const char *const streams[] = {"\"\"",          "7",
                                          "true",          "[\"spring\"]",
                                          "\"two words\"", "\"caf\xc3\xa9\"",
                                          "\"a\\u0001b\"", long_name};
    static const char *const rates[] = {"0",   "-1",    "\"4000\"", "4000.5",
                                        "{}",  "true",  "1000001",  "99999999999999",
                                        "1e3", "\"4M\""};
    static const char *const times[] = {"0",
                                        "-5",
                                        "-9223372036854775807",
                                        "\"tomorrow\"",
                                        "1795370400000",
                                        "1795370400.5",
                                        "true",
                                        "\"2026-11-22\"",
                                        "\"2026-11-22T18:00:00\"",
                                        "\"1970-01-01T00:00:00Z\"",
                                        "\"\"",
                                        "9223372036854775807"};
    char body[160];
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"stream\":%s}", streams[i]);
        assert_not_understood(body, "stream");
    }
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"max_kbps\":%s}", rates[i]);
        assert_not_understood(body, "max_kbps");
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"expires\":%s}", times[i]);
        assert_not_understood(body, "expires");
    }
    assert_not_understood("{\"allow\":\"false\"}", "allow");
    assert_int_equal(verdict(HOOK_SRS, 200, "{\"code\":0,\"max_kbps\":\"4\"}"),
                     HOOK_UNANSWERED);
}

static void half_an_object_is_no_yes(void **state)
{
    (void)state;
    assert_not_understood(" \r\n{\"allow\":fal", "JSON");
    assert_not_understood("{\"stream\":\"spring\"", "JSON");
}

static void a_no_needs_no_terms(void **state)
{
    (void)state;
    struct hook_answer no =
        answer(HOOK_VITRINE, 200, "{\"allow\":false,\"max_kbps\":\"x\"}");
    assert_int_equal(no.verdict, HOOK_REFUSED);
    no = answer(HOOK_VITRINE, 403, "{\"stream\":\"spring\"}");
    assert_int_equal(no.verdict, HOOK_REFUSED);
    assert_string_equal(no.terms.stream, "");
    assert_int_equal(verdict(HOOK_SRS, 200, "{\"code\":1,\"expires\":\"x\"}"),
                     HOOK_REFUSED);
}

static void a_reason_is_made_fit_for_an_encoder(void **state)
{
    (void)state;
    assert_string_equal(
        answer(HOOK_VITRINE, 403,
               "{\"reason\":\"Caf\xc3\xa9 is closed\\nuntil\\t8 \xe2\x82\xac\"}")
            .reason,
        "Caf? is closed until 8 ?");
    assert_string_equal(
        answer(HOOK_SRS, 200, "{\"code\":7,\"reason\":\"No show today.\"}").reason,
        "No show today.");
    assert_string_equal(answer(HOOK_VITRINE, 403, "{\"reason\":7}").reason, "");
}

static void a_reason_has_two_hundred_letters_at_most(void **state)
{
    (void)state;
    char body[512] = "{\"reason\":\"";
    memset(body + 11, 'a', 300);
    memcpy(body + 311, "\"}", 3);
    assert_int_equal(strlen(answer(HOOK_VITRINE, 403, body).reason), 200);
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
        cmocka_unit_test(reads_a_body_behind_a_byte_order_mark),
        cmocka_unit_test(in_our_own_mode_a_fault_is_no_answer),
        cmocka_unit_test(in_srs_mode_only_its_zero_allows),
        cmocka_unit_test(in_nginx_mode_success_allows_and_faults_refuse),
        cmocka_unit_test(in_nginx_mode_a_redirect_names_the_stream),
        cmocka_unit_test(in_nginx_mode_nothing_is_relayed),
        cmocka_unit_test(a_yes_may_have_terms),
        cmocka_unit_test(terms_that_are_not_there_bind_to_nothing),
        cmocka_unit_test(a_field_that_is_not_understood_is_no_yes_and_is_named),
        cmocka_unit_test(half_an_object_is_no_yes),
        cmocka_unit_test(a_no_needs_no_terms),
        cmocka_unit_test(a_reason_is_made_fit_for_an_encoder),
        cmocka_unit_test(a_reason_has_two_hundred_letters_at_most),
        cmocka_unit_test(news_are_received_with_success),
        cmocka_unit_test(scripts_of_other_servers_need_not_know_of_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
