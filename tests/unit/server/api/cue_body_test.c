#include "server/api/cue_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/show/cues.h"

/* The request keeps texts of body, which the caller gives back. */
static int take(const char *text, struct show_cues_request *ret, json_t **ret_body,
                struct err *err)
{
    *ret_body = NULL;
    int failed = api_cue_body_read(bytes_text(text), ret_body, err);
    return failed ? failed : api_cue_body_take(*ret_body, ret, err);
}

static void assert_time(const char *text, enum show_cues_when when, int64_t at_ms)
{
    struct show_cues_request request;
    json_t *body;
    struct err err;
    assert_int_equal(take(text, &request, &body, &err), 0);
    assert_int_equal(request.when, when);
    assert_int_equal(request.at_ms, at_ms);
    json_decref(body);
}

static void assert_refused(const char *text, int code, const char *words)
{
    struct show_cues_request request;
    json_t *body;
    struct err err;
    assert_int_equal(take(text, &request, &body, &err), -code);
    assert_non_null(strstr(err.text, words));
    json_decref(body);
}

static void takes_what_a_show_says(void **state)
{
    (void)state;
    struct show_cues_request request;
    json_t *body;
    assert_int_equal(
        take("{\"k\":\"show\",\"c\":\"c1\",\"sku\":\"lip\",\"for_ms\":5000}", &request,
             &body, NULL),
        0);
    assert_int_equal(request.kind, OVERLAY_SHOW);
    assert_string_equal(request.card, "c1");
    assert_string_equal(request.sku, "lip");
    assert_int_equal(request.for_ms, 5000);
    json_decref(body);
}

static void takes_every_form_of_a_time(void **state)
{
    (void)state;
    assert_time("{\"k\":\"hide\",\"c\":\"c1\"}", SHOW_CUES_NOW, 0);
    assert_time("{\"k\":\"hide\",\"c\":\"c1\",\"at\":null}", SHOW_CUES_NOW, 0);
    assert_time("{\"k\":\"hide\",\"c\":\"c1\",\"at\":\"now\"}", SHOW_CUES_NOW, 0);
    assert_time("{\"k\":\"hide\",\"c\":\"c1\",\"at\":{\"in_ms\":1500}}",
                SHOW_CUES_IN_MS, 1500);
    assert_time("{\"k\":\"upd\",\"c\":\"c1\",\"at\":{\"wall_ms\":1795334401000}}",
                SHOW_CUES_WALL_MS, 1795334401000);
    assert_time("{\"k\":\"upd\",\"c\":\"c1\",\"at\":{\"media_ms\":0}}",
                SHOW_CUES_MEDIA_MS, 0);
}

static void refuses_a_time_that_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"soon\"",
        "5",
        "{}",
        "{\"in_ms\":-1}",
        "{\"in_ms\":1.5}",
        "{\"in_ms\":1,\"wall_ms\":2}",
        "{\"in_s\":1}",
        "{\"in_ms\":86400001}",
        "{\"in_ms\":null}",
        "{\"media_ms\":9223372036854775807}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128] = "{\"k\":\"hide\",\"c\":\"c1\",\"at\":";
        strncat(text, bad[i], 64);
        strncat(text, "}", 2);
        assert_refused(text, ERR_INVALID, "at: must be");
    }
}

static void says_what_is_missing(void **state)
{
    (void)state;
    assert_refused("{}", ERR_INVALID, "k: is missing");
    assert_refused("{\"k\":\"snap\"}", ERR_INVALID, "k: must be show, upd or hide");
    assert_refused("{\"k\":\"show\"}", ERR_INVALID, "sku: is missing");
    assert_refused("{\"k\":\"upd\",\"sku\":\"lip\"}", ERR_INVALID, "c: is missing");
    assert_refused("{\"k\":\"hide\"}", ERR_INVALID, "c: is missing");
}

static void refuses_fields_out_of_their_limits(void **state)
{
    (void)state;
    assert_refused("{\"k\":\"hide\",\"c\":\"card-with-a-name17\"}", ERR_INVALID, "c: ");
    assert_refused("{\"k\":\"show\",\"sku\":\"a\",\"for_ms\":86400001}", ERR_INVALID,
                   "for_ms: ");
    assert_refused("{\"k\":\"hide\",\"c\":\"c1\",\"q\":1}", ERR_INVALID, "q: ");
    assert_refused("{\"k\":", ERR_PROTO, "not JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_a_show_says),
        cmocka_unit_test(takes_every_form_of_a_time),
        cmocka_unit_test(refuses_a_time_that_is_none),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(refuses_fields_out_of_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
