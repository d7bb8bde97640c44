/* Cues through the API of a show on air: times, cards, keys of idempotency, and the store
 * before the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/api/memory.h"
#include "server/show/show.h"
#include "tests/kit/air.h"

enum { MEMORY_KEY_TOO_LONG = MEMORY_KEY_MAX + 1 };

static struct answer post(struct air *air, unsigned lane, const char *body)
{
    return client_call(&air->house, lane, "POST /api/shows/spring/cues", body);
}

static struct answer post_under(struct air *air, unsigned lane, const char *key,
                                const char *body)
{
    char headers[400];
    (void)snprintf(headers, sizeof headers,
                   "Authorization: Bearer " HOUSE_TOKEN "\r\nIdempotency-Key: %s\r\n",
                   key);
    return client_ask(&air->house, lane, "POST /api/shows/spring/cues", headers, body);
}

/* The journal, as text; alloc_free(). */
static char *journal(struct air *air, const char *query)
{
    char request[128];
    (void)snprintf(request, sizeof request, "GET /api/shows/spring/cues%s", query);
    struct answer answer = client_call(&air->house, 1, request, NULL);
    assert_int_equal(answer.status, 200);
    char *body = answer.body;
    answer.body = NULL;
    client_free(&answer);
    return body;
}

static unsigned count(const char *text, const char *wanted)
{
    unsigned n = 0;
    for (; (text = strstr(text, wanted)); text += strlen(wanted))
        n++;
    return n;
}

static void shows_a_card_now(void **state)
{
    struct air *air = *state;
    for (unsigned lane = 0; lane < 2; lane++) {
        struct answer answer =
            post(air, lane, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":\"now\"}");
        assert_int_equal(answer.status, 201);
        client_assert_field(&answer, "c", "c1");
        client_assert_field(&answer, "r", lane == 0 ? "1" : "2");
        client_assert_field(&answer, "q", lane == 0 ? "1" : "2");
        client_assert_field(&answer, "late_ms", "0");
        assert_true(atoll(client_field(&answer, "media_time_ms")) > 10000);
        client_free(&answer);
    }
}

static void plans_a_card_for_later_and_cancels_it(void **state)
{
    struct air *air = *state;
    struct answer answer = post(
        air, 1,
        "{\"k\":\"show\",\"c\":\"later\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":60000}}");
    assert_int_equal(answer.status, 201);
    client_assert_field(&answer, "q", "null");
    client_free(&answer);
    answer = client_call(&air->house, 0, "DELETE /api/shows/spring/cues/later", NULL);
    assert_int_equal(answer.status, 200);
    client_assert_field(&answer, "c", "later");
    client_assert_field(&answer, "q", "null");
    client_free(&answer);
    client_assert_problem(
        client_call(&air->house, 0, "DELETE /api/shows/spring/cues/later", NULL), 404,
        NULL);
}

static void hides_a_card(void **state)
{
    struct air *air = *state;
    struct answer answer = post(
        air, 0, "{\"k\":\"show\",\"c\":\"one\",\"sku\":\"SKU-1\",\"for_ms\":5000}");
    assert_int_equal(answer.status, 201);
    client_free(&answer);
    answer = client_call(&air->house, 1, "DELETE /api/shows/spring/cues/one", NULL);
    assert_int_equal(answer.status, 200);
    client_assert_field(&answer, "q", "2");
    client_free(&answer);
    char *all = journal(air, "");
    char *newer = journal(air, "?since=1");
    assert_int_equal(count(all, "\"c\":\"one\""), 2);
    assert_int_equal(count(newer, "\"c\":\"one\""), 1);
    assert_non_null(strstr(newer, "\"k\":\"hide\""));
    alloc_free(all);
    alloc_free(newer);
}

static void refuses_cues_that_are_not_well_told(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *words;
    } bad[] = {
        {"x", 400, "not JSON"},
        {"{}", 422, "k: is missing"},
        {"{\"k\":\"sold\"}", 422, "k: must be"},
        {"{\"k\":1}", 422, "k: must be a text"},
        {"{\"k\":\"show\"}", 422, "sku: is missing"},
        {"{\"k\":\"show\",\"sku\":\"none\"}", 404, "sku: "},
        {"{\"k\":\"hide\"}", 422, "c: is missing"},
        {"{\"k\":\"hide\",\"c\":\"none\"}", 404, NULL},
        {"{\"k\":\"upd\",\"c\":\"none\",\"sku\":\"SKU-1\"}", 404, NULL},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"a b\"}", 422, "c: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"\"}", 422, "c: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"12345678901234567\"}", 422, "c: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"x\":1}", 422, "x: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":\"soon\"}", 422, "at: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{}}", 422, "at: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":[]}", 422, "at: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":-1}}", 422, "at: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":1.5}}", 422, "at: "},
        {"{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":1,\"wall_ms\":1}}", 422,
         "at: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        client_assert_problem(post(*state, (unsigned)i % 2, bad[i].body), bad[i].status,
                              bad[i].words);
}

/* Times at both ends of what an integer holds. */
static void refuses_times_that_no_show_has(void **state)
{
    static const char *const numbers[] = {"86400001",
                                          "9223372036854775",
                                          "102481911520608620",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "1e300"};
    static const char *const forms[] = {"in_ms", "wall_ms", "media_ms"};
    for (size_t n = 1; n < sizeof numbers / sizeof numbers[0]; n++)
        for (size_t f = 0; f < 3; f++) {
            char body[160];
            (void)snprintf(body, sizeof body,
                           "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"%s\":%s}}",
                           forms[f], numbers[n]);
            struct answer answer = post(*state, 0, body);
            if (answer.status != 422 && answer.status != 400)
                fail_msg("%s: %s", body, answer.head);
            client_free(&answer);
            if ((n * 3 + f) % 12 == 11)
                shop_refill_budget(&((struct air *)*state)->house, "spring");
        }
    client_assert_problem(
        post(*state, 0,
             "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":86400001}}"),
        422, "at: ");
    client_assert_problem(
        post(*state, 0, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"for_ms\":86400001}"), 422,
        "for_ms: ");
    client_assert_problem(
        post(*state, 0,
             "{\"k\":\"show\",\"sku\":\"SKU-1\",\"for_ms\":9223372036854775807}"),
        422, "for_ms: ");
    client_assert_problem(
        post(*state, 0, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"for_ms\":-1}"), 422,
        "for_ms: ");
}

static void takes_a_time_in_the_past_for_now(void **state)
{
    struct answer answer =
        post(*state, 0, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"media_ms\":1}}");
    assert_int_equal(answer.status, 201);
    assert_true(atoll(client_field(&answer, "late_ms")) > 0);
    client_free(&answer);
}

static void refuses_a_journal_behind_what_is_no_number(void **state)
{
    struct air *air = *state;
    static const char *const requests[] = {
        "GET /api/shows/spring/cues?since=x", "GET /api/shows/spring/cues?since=-1",
        "GET /api/shows/spring/cues?since=4294967296"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        client_assert_problem(client_call(&air->house, 1, requests[i], NULL), 422,
                              "since: ");
    client_assert_problem(client_call(&air->house, 1, "GET /api/shows/none/cues", NULL),
                          404, NULL);
}

static void refuses_a_card_now_when_the_show_is_off_the_air(void **state)
{
    client_assert_problem(post(*state, 1, "{\"k\":\"show\",\"sku\":\"SKU-1\"}"), 409,
                          NULL);
    client_assert_problem(
        post(*state, 0, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"in_ms\":5}}"), 409,
        NULL);
    struct answer answer = post(
        *state, 0, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"at\":{\"media_ms\":20000}}");
    assert_int_equal(answer.status, 201);
    client_assert_field(&answer, "q", "null");
    client_free(&answer);
}

static void gives_the_first_answer_again_under_one_key(void **state)
{
    struct air *air = *state;
    static const char body[] = "{\"k\":\"show\",\"sku\":\"SKU-1\"}";
    struct answer first = post_under(air, 0, "tap-1", body);
    assert_int_equal(first.status, 201);
    for (unsigned i = 0; i < 30; i++) { /* more than the budget: they cost nothing */
        struct answer again = post_under(air, i % 2, "tap-1", body);
        assert_int_equal(again.status, 201);
        assert_string_equal(again.body, first.body);
        client_free(&again);
    }
    client_assert_problem(post_under(air, 0, "tap-1", "{\"k\":\"hide\",\"c\":\"c1\"}"),
                          422, "Idempotency-Key");
    struct answer other = post_under(air, 1, "tap-2", body);
    client_assert_field(&other, "q", "2");
    client_free(&other);
    client_free(&first);
}

static void does_the_work_once_for_taps_at_the_same_time(void **state)
{
    enum { N = 12 };
    struct air *air = *state;
    struct client clients[N];
    for (unsigned i = 0; i < N; i++) {
        client_open(&clients[i], &air->house, i % 2);
        client_send(&clients[i], "POST /api/shows/spring/cues",
                    "Authorization: Bearer " HOUSE_TOKEN "\r\nIdempotency-Key: tap\r\n",
                    "{\"k\":\"show\",\"sku\":\"SKU-1\"}");
    }
    for (unsigned i = 0; i < N; i++) {
        struct answer answer = client_receive(&clients[i]);
        assert_int_equal(answer.status, 201);
        client_assert_field(&answer, "q", "1");
        client_free(&answer);
        client_close(&clients[i]);
    }
    char *all = journal(air, "");
    assert_int_equal(count(all, "\"k\":\"show\""), 1);
    alloc_free(all);
}

static void tries_again_under_a_key_that_failed(void **state)
{
    struct air *air = *state;
    static const char body[] = "{\"k\":\"show\",\"sku\":\"SKU-9\"}";
    client_assert_problem(post_under(air, 0, "tap", body), 404, "sku: ");
    shop_make_product(&air->house, "SKU-9", "Blush");
    struct answer answer = post_under(air, 0, "tap", body);
    assert_int_equal(answer.status, 201);
    client_free(&answer);
}

static void refuses_a_key_that_is_too_long(void **state)
{
    char key[MEMORY_KEY_TOO_LONG + 1];
    (void)snprintf(key, sizeof key, "%0*d", MEMORY_KEY_TOO_LONG, 0);
    client_assert_problem(
        post_under(*state, 0, key, "{\"k\":\"show\",\"sku\":\"SKU-1\"}"), 422,
        "Idempotency-Key");
}

static void stops_a_script_that_runs_wild(void **state)
{
    struct air *air = *state;
    shop_refill_budget(&air->house, "spring");
    int n_taken = 0;
    struct answer answer;
    for (;;) {
        answer = post(air, (unsigned)n_taken % 2, "{\"k\":\"show\",\"sku\":\"SKU-1\"}");
        if (answer.status != 201)
            break;
        client_free(&answer);
        n_taken++;
        assert_true(n_taken < 1000);
    }
    client_assert_problem(answer, 429, "Too many cues");
    assert_true(n_taken >= BUDGET_BURST);
    shop_refill_budget(&air->house, "spring");
    client_expect(&air->house, 0, "DELETE /api/shows/spring/cues/c1", NULL, 200);
}

static void answers_when_the_store_has_the_cue(void **state)
{
    struct air *air = *state;
    struct answer answer =
        post(air, 1, "{\"k\":\"show\",\"c\":\"one\",\"sku\":\"SKU-1\"}");
    assert_int_equal(answer.status, 201);
    client_free(&answer);
    encoder_close(&air->encoder);
    house_restart(&air->house);
    char *all = journal(air, "");
    assert_int_equal(count(all, "\"c\":\"one\""), 1);
    assert_non_null(strstr(all, "\"q\":1"));
    alloc_free(all);
}

/* The store loses the show behind our back: no cue of it can be kept. */
static void lose_the_show(struct show_hub *hub, void *ctx)
{
    struct store_change *change = store_change_create(STORE_SHOW_DELETE);
    change->show.id = alloc_text(ctx);
    store_submit(hub->house->store, change);
}

static void says_so_when_a_cue_could_not_be_kept(void **state)
{
    static char id[] = "spring";
    static const char body[] = "{\"k\":\"show\",\"sku\":\"SKU-1\"}";
    struct air *air = *state;
    house_run(&air->house, 0, lose_the_show, id);
    for (unsigned i = 0; i < 4; i++) { /* and is not remembered as done */
        struct answer answer = post_under(air, i % 2, "tap", body);
        assert_string_equal(client_header(&answer, "Retry-After"), "1");
        client_assert_problem(answer, 503, "could not be kept");
    }
    client_assert_problem(
        client_call(&air->house, 1, "DELETE /api/shows/spring/cues/c1", NULL), 503,
        "could not be kept");
}

static void survives_clients_that_go_before_the_answer(void **state)
{
    struct air *air = *state;
    for (unsigned i = 0; i < 10; i++) {
        char headers[160];
        struct client client;
        (void)snprintf(headers, sizeof headers,
                       "Authorization: Bearer " HOUSE_TOKEN
                       "\r\nIdempotency-Key: gone-%u\r\n",
                       i / 2);
        client_open(&client, &air->house, i % 2);
        client_send(&client, "POST /api/shows/spring/cues", headers,
                    "{\"k\":\"show\",\"sku\":\"SKU-1\"}");
        client_close(&client);
    }
    alloc_free(journal(air, ""));
}

/* Calls about a show, on both loops, while it goes and comes. */
static void survives_shows_that_are_deleted_while_calls_are_under_way(void **state)
{
    enum { N = 6 };
    struct air *air = *state;
    for (unsigned round = 0; round < 10; round++) {
        struct client clients[N];
        static const char *const requests[N] = {
            "GET /api/shows/summer/cues", "POST /api/shows/summer/end",
            "GET /live/summer/events",    "DELETE /api/shows/summer",
            "GET /live/summer/state",     "GET /api/shows/summer/cues"};
        (void)shop_make_show(&air->house, "summer");
        for (unsigned i = 0; i < N; i++) {
            client_open(&clients[i], &air->house, (i + round) % 2);
            client_send(&clients[i], requests[i],
                        "Authorization: Bearer " HOUSE_TOKEN "\r\n", NULL);
        }
        for (unsigned i = 0; i < N; i++) {
            struct answer answer = client_receive_head(&clients[i]);
            assert_true(answer.status == 200 || answer.status == 204 ||
                        answer.status == 404);
            client_free(&answer);
            client_close(&clients[i]);
        }
    }
}

#define OFF_AIR(test) cmocka_unit_test_setup_teardown(test, air_setup, air_teardown)
#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, air_setup_live, air_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(shows_a_card_now),
        ON_AIR(plans_a_card_for_later_and_cancels_it),
        ON_AIR(hides_a_card),
        ON_AIR(refuses_cues_that_are_not_well_told),
        ON_AIR(refuses_times_that_no_show_has),
        ON_AIR(takes_a_time_in_the_past_for_now),
        OFF_AIR(refuses_a_journal_behind_what_is_no_number),
        OFF_AIR(refuses_a_card_now_when_the_show_is_off_the_air),
        ON_AIR(gives_the_first_answer_again_under_one_key),
        ON_AIR(does_the_work_once_for_taps_at_the_same_time),
        ON_AIR(tries_again_under_a_key_that_failed),
        ON_AIR(refuses_a_key_that_is_too_long),
        ON_AIR(stops_a_script_that_runs_wild),
        ON_AIR(answers_when_the_store_has_the_cue),
        ON_AIR(says_so_when_a_cue_could_not_be_kept),
        ON_AIR(survives_clients_that_go_before_the_answer),
        OFF_AIR(survives_shows_that_are_deleted_while_calls_are_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
