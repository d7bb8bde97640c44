#include "server/api/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

static const struct api_body_field fields[] = {
    {"title", API_BODY_TEXT, true, 5},
    {"for_ms", API_BODY_INTEGER, false, 1000},
    {"run_sheet", API_BODY_TEXTS, false, 2},
    {"at", API_BODY_ANY, false, 0},
    {0},
};

static void refuses(const char *body, int error, const char *words)
{
    struct err err;
    json_t *object;
    int failed = api_body_read(bytes_text(body), fields, &object, &err);
    if (failed != -error || !strstr(err.text, words))
        fail_msg("%s: %d \"%s\", wanted %d with \"%s\"", body, failed,
                 failed ? err.text : "", -error, words);
}

static void takes_an_object_of_its_fields(void **state)
{
    (void)state;
    struct err err;
    json_t *object;
    const char *body =
        "{\"title\":\"caf\xc3\xa9s\",\"for_ms\":1000,\"run_sheet\":[\"a\"]}";
    assert_int_equal(api_body_read(bytes_text(body), fields, &object, &err), 0);
    assert_string_equal(api_body_text(object, "title"), "caf\xc3\xa9s");
    assert_null(api_body_text(object, "at"));
    json_decref(object);
}

static void says_where_it_is_not_json(void **state)
{
    (void)state;
    refuses("{\"title\"", ERR_PROTO, "line 1");
    refuses("{} x", ERR_PROTO, "not JSON");
    refuses("{\"title\":\"a\",\"title\":\"b\"}", ERR_PROTO, "duplicate");
    refuses("{\"title\":\"\xff\"}", ERR_PROTO, "0xff");
}

static void names_the_field_that_is_wrong(void **state)
{
    (void)state;
    refuses("[]", ERR_INVALID, "object");
    refuses("", ERR_INVALID, "title: is missing");
    refuses("{\"title\":\"a\",\"prize\":1}", ERR_INVALID,
            "prize: there is no such field");
    refuses("{\"title\":1}", ERR_INVALID, "title: must be a text");
    refuses("{\"title\":\"sixsix\"}", ERR_INVALID, "title: at most 5");
    refuses("{\"title\":\"a\\nb\"}", ERR_INVALID, "control characters");
    refuses("{\"title\":\"a\",\"for_ms\":1.5}", ERR_INVALID, "for_ms: must be a whole");
    refuses("{\"title\":\"a\",\"for_ms\":-1}", ERR_INVALID, "for_ms: must be a whole");
    refuses("{\"title\":\"a\",\"for_ms\":1001}", ERR_INVALID, "for_ms: at most 1000");
    refuses("{\"title\":\"a\",\"run_sheet\":[1]}", ERR_INVALID,
            "run_sheet: must be a list");
    refuses("{\"title\":\"a\",\"run_sheet\":[\"1\",\"2\",\"3\"]}", ERR_INVALID,
            "run_sheet: at most 2");
    refuses("{\"title\":null}", ERR_INVALID, "title: must be a text");
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    static char deep[20000];
    memset(deep, '[', sizeof deep - 1);
    refuses(deep, ERR_PROTO, "not JSON");
}

static void a_switch_is_true_or_false(void **state)
{
    (void)state;
    static const struct api_body_field switches[] = {{"on", API_BODY_BOOLEAN, false, 0},
                                                     {0}};
    static const char *const wrong[] = {"{\"on\":1}", "{\"on\":\"true\"}",
                                        "{\"on\":[]}"};
    json_t *body;
    struct err err;
    assert_int_equal(api_body_read(bytes_text("{\"on\":true}"), switches, &body, &err),
                     0);
    assert_true(json_is_true(json_object_get(body, "on")));
    json_decref(body);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(api_body_read(bytes_text(wrong[i]), switches, &body, &err),
                         -ERR_INVALID);
        assert_string_equal(err.text, "on: must be true or false");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_object_of_its_fields),
        cmocka_unit_test(says_where_it_is_not_json),
        cmocka_unit_test(names_the_field_that_is_wrong),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(a_switch_is_true_or_false),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
