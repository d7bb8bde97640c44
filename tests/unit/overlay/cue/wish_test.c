#include "overlay/cue/wish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

static void assert_wish(const char *json, enum cue_kind kind, const char *card,
                        const char *sku)
{
    struct cue_wish wish;
    struct err err = {0};
    if (cue_wish_parse(bytes_text(json), &wish, &err) != 0)
        fail_msg("%s: %s", json, err.text);
    assert_int_equal(wish.kind, kind);
    assert_string_equal(wish.card, card);
    assert_string_equal(wish.sku, sku);
}

static void assert_refused(const char *json, const char *words)
{
    struct cue_wish wish;
    struct err err;
    assert_int_equal(cue_wish_parse(bytes_text(json), &wish, &err), -ERR_INVALID);
    assert_string_equal(err.text, words);
}

static void takes_what_the_api_takes(void **state)
{
    (void)state;
    assert_wish("{\"k\":\"show\",\"sku\":\"SKU-1\"}", CUE_SHOW, "", "SKU-1");
    assert_wish("{\"k\":\"show\",\"c\":\"c1\",\"sku\":\"a.b_c\"}", CUE_SHOW, "c1",
                "a.b_c");
    assert_wish("{\"k\":\"upd\",\"c\":\"c1\"}", CUE_UPD, "c1", "");
    assert_wish(" {\"k\":\"hide\",\"sku\":\"SKU-1\"}\n", CUE_HIDE, "", "SKU-1");
}

/* A whole cue, as a tool that knows the format would send it: its names count, and what
 * it says of price, title and link does not. */
static void takes_a_cue_of_the_format_by_its_names_alone(void **state)
{
    (void)state;
    assert_wish("{\"v\":1,\"k\":\"show\",\"s\":\"7Qm2\",\"q\":184,\"r\":3,\"w\":1,"
                "\"c\":\"c17\",\"p\":{\"i\":\"SKU-1\",\"t\":\"Forged\","
                "\"u\":\"https://evil.test\",\"a\":1,\"y\":\"EUR\"},"
                "\"o\":{\"i\":\"o5\",\"a\":1},\"x\":9}",
                CUE_SHOW, "c17", "SKU-1");
}

static void refuses_what_is_no_cue_and_names_the_field(void **state)
{
    (void)state;
    assert_refused("{}", "k: is missing: show, upd or hide");
    assert_refused("{\"k\":\"dance\"}", "k: must be show, upd or hide");
    assert_refused("{\"k\":1}", "k: must be a text");
    assert_refused("{\"k\":\"show\"}", "sku: is missing: which product?");
    assert_refused("{\"k\":\"hide\"}", "c: is missing: which card?");
    assert_refused("{\"v\":2,\"k\":\"hide\",\"c\":\"c1\"}", "v: must be 1");
    assert_refused("{\"k\":\"hide\",\"c\":\"c 1\"}",
                   "c: must be 1 to 16 letters, digits, dashes or underscores");
    assert_refused("{\"k\":\"hide\",\"c\":\"\"}",
                   "c: must be 1 to 16 letters, digits, dashes or underscores");
    assert_refused("{\"k\":\"show\",\"p\":{\"i\":\"a/b\"}}",
                   "sku: must be 1 to 64 letters, digits, dots, dashes or underscores");
}

static void refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char words[] = "the cue is not a JSON object";
    assert_refused("", words);
    assert_refused("[]", words);
    assert_refused("{\"k\":\"hide\",", words);
    assert_refused("{\"k\":\"hide\",\"k\":\"show\"}", words);
    assert_refused("{\"k\":\"hide\"} and more", words);
    assert_refused("{\"k\":\"\xff\"}", words);
    assert_refused("{\"k\":\"show\",\"sku\":\"a\\u0000b\"}", words);
}

static void refuses_more_than_a_message_may_have(void **state)
{
    (void)state;
    static char json[CUE_WISH_JSON_MAX + 2];
    memset(json, ' ', sizeof json - 1);
    memcpy(json, "{\"k\":\"upd\",\"c\":\"c1\"}", 20);
    assert_refused(json, "the cue is longer than 16384 bytes");
    json[CUE_WISH_JSON_MAX] = '\0';
    assert_wish(json, CUE_UPD, "c1", "");
}

static void tells_a_cue_from_words(void **state)
{
    (void)state;
    assert_true(cue_wish_is_json(bytes_text(" \r\n{\"k\"")));
    assert_false(cue_wish_is_json(bytes_text("Hello there")));
    assert_false(cue_wish_is_json(bytes_text("  ")));
    assert_false(cue_wish_is_json(bytes_make(NULL, 0)));
}

static void a_wish_is_not_touched_by_a_refusal(void **state)
{
    (void)state;
    struct cue_wish wish = {.has_kind = true, .kind = CUE_HIDE, .card = "c9"};
    struct cue_wish before = wish;
    assert_int_equal(
        cue_wish_parse(bytes_text("{\"k\":\"show\",\"c\":\"c1\"}"), &wish, NULL),
        -ERR_INVALID);
    assert_memory_equal(&wish, &before, sizeof wish);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_api_takes),
        cmocka_unit_test(takes_a_cue_of_the_format_by_its_names_alone),
        cmocka_unit_test(refuses_what_is_no_cue_and_names_the_field),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(refuses_more_than_a_message_may_have),
        cmocka_unit_test(tells_a_cue_from_words),
        cmocka_unit_test(a_wish_is_not_touched_by_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
