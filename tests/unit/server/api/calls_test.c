/* Every call of the API, on two loops: who may, what is taken, what is answered, and that
 * it is there afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/show/show.h"
#include "tests/kit/shop.h"

static const char LIPSTICK[] =
    "{\"title\":\"Satin lipstick\",\"url\":\"https://shop.test/l\","
    "\"price_minor\":2800,\"list_price_minor\":3500,\"currency\":\"EUR\",\"stock\":12}";

static struct answer call_as(struct house *house, const char *token, unsigned lane,
                             const char *request, const char *body)
{
    char headers[256] = "";
    if (token)
        (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", token);
    return client_ask(house, lane, request, headers, body);
}

static void assert_status(struct answer answer, int status)
{
    if (answer.status != status)
        fail_msg("wanted %d, got %s%s", status, answer.head, answer.body);
    client_free(&answer);
}

/* ---- who may ---- */

static const struct {
    const char *request;
    const char *body;
    bool hosts_may;
} calls[] = {
    {"POST /api/shows", "{\"title\":\"T\"}", false},
    {"GET /api/shows", NULL, false},
    {"GET /api/shows/spring", NULL, true},
    {"PATCH /api/shows/spring", "{\"title\":\"T\"}", true},
    {"POST /api/shows/spring/end", NULL, true},
    {"POST /api/shows/spring/cues", "{\"k\":\"hide\",\"c\":\"none\"}", true},
    {"GET /api/shows/spring/cues", NULL, true},
    {"DELETE /api/shows/spring/cues/none", NULL, true},
    {"GET /api/shows/spring/keys", NULL, true},
    {"POST /api/shows/spring/keys", NULL, true},
    {"DELETE /api/shows/spring/keys/k9", NULL, true},
    {"POST /api/shows/spring/kick", NULL, true},
    {"GET /api/products", NULL, true},
    {"GET /api/products/SKU-1", NULL, true},
    {"PUT /api/products/SKU-1", LIPSTICK, false},
    {"DELETE /api/products/SKU-1", NULL, false},
    {"POST /api/shows/spring/key", NULL, false},
    {"DELETE /api/shows/spring", NULL, false},
};
enum { CALLS = sizeof calls / sizeof calls[0] };

static void refuses_every_call_without_a_token(void **state)
{
    static const char *const tokens[] = {NULL, "wrong", "", "h.spring.0000", "h.."};
    (void)shop_make_show(*state, "spring");
    for (size_t i = 0; i < CALLS; i++)
        for (size_t t = 0; t < sizeof tokens / sizeof tokens[0]; t++) {
            struct answer answer = call_as(*state, tokens[t], (unsigned)i % 2,
                                           calls[i].request, calls[i].body);
            assert_non_null(client_header(&answer, "WWW-Authenticate"));
            client_assert_problem(answer, 401, NULL);
        }
}

static void lets_a_host_do_what_is_a_hosts(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    for (size_t i = 0; i < CALLS; i++) {
        struct answer answer = call_as(house, show.host_token, (unsigned)i % 2,
                                       calls[i].request, calls[i].body);
        if (!calls[i].hosts_may) {
            client_assert_problem(answer, 403, NULL);
            continue;
        }
        assert_int_not_equal(answer.status, 401);
        assert_int_not_equal(answer.status, 403);
        client_free(&answer);
    }
}

static void keeps_a_host_out_of_other_shows(void **state)
{
    struct house *house = *state;
    struct shop_show other = shop_make_show(house, "summer");
    (void)shop_make_show(house, "spring");
    for (size_t i = 0; i < CALLS; i++) {
        if (!strstr(calls[i].request, "spring"))
            continue;
        client_assert_problem(call_as(house, other.host_token, (unsigned)i % 2,
                                      calls[i].request, calls[i].body),
                              401, NULL);
    }
}

/* ---- shows ---- */

static void makes_a_show(void **state)
{
    struct house *house = *state;
    struct answer answer =
        client_call(house, 1, "POST /api/shows",
                    "{\"id\":\"friday\",\"title\":\"Friday \\u201clate\\u201d\","
                    "\"host\":\"Ada\"}");
    assert_int_equal(answer.status, 201);
    client_assert_field(&answer, "id", "friday");
    client_assert_field(&answer, "title", "Friday “late”");
    client_assert_field(&answer, "host", "Ada");
    client_assert_field(&answer, "state", "draft");
    client_assert_field(&answer, "run_sheet", "null");
    client_assert_field(&answer, "rtmp_url", "rtmp://shop.test:0/live");
    client_assert_field(&answer, "play_url",
                        "http://shop.test:8080/live/friday/index.m3u8");
    client_assert_field(&answer, "watch_url", "http://shop.test:8080/watch/friday");
    client_assert_field(&answer, "publisher", "null");
    client_assert_field(&answer, "level", "off");
    client_assert_field(&answer, "viewers", "0");
    client_assert_field(&answer, "live_since_ms", "null");
    assert_int_equal(strncmp(client_field(&answer, "stream_key"), "friday_", 7), 0);
    assert_int_equal(strncmp(client_field(&answer, "host_url"),
                             "http://shop.test:8080/host/friday#t=h.friday.", 45),
                     0);
    client_free(&answer);
    for (unsigned lane = 0; lane < 2; lane++) {
        answer = client_call(house, lane, "GET /api/shows/friday", NULL);
        assert_int_equal(answer.status, 200);
        client_assert_field(&answer, "host", "Ada");
        assert_null(client_field(&answer, "stream_key"));
        assert_null(client_field(&answer, "host_url"));
        client_free(&answer);
    }
}

static void makes_up_an_id_when_none_is_given(void **state)
{
    struct answer answer =
        client_call(*state, 0, "POST /api/shows", "{\"title\":\"T\"}");
    assert_int_equal(answer.status, 201);
    assert_true(show_record_is_id(bytes_text(client_field(&answer, "id"))));
    client_free(&answer);
}

static void refuses_a_show_that_is_there(void **state)
{
    (void)shop_make_show(*state, "spring");
    client_assert_problem(client_call(*state, 1, "POST /api/shows",
                                      "{\"id\":\"spring\",\"title\":\"T\"}"),
                          409, "id: ");
}

static void refuses_a_show_that_is_not_well_told(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *words;
    } bad[] = {
        {"{", 400, "not JSON"},
        {"[]", 422, "object"},
        {"", 422, "title: "},
        {"{}", 422, "title: is missing"},
        {"{\"title\":1}", 422, "title: must be a text"},
        {"{\"title\":null}", 422, "title: must be a text"},
        {"{\"title\":\"\"}", 422, "title: must not be empty"},
        {"{\"title\":\"a\\u0000b\"}", 400, NULL},
        {"{\"title\":\"a\\nb\"}", 422, "title: "},
        {"{\"title\":\"a\\u0085b\"}", 422, "title: "},
        {"{\"title\":\"a\\u202eb\"}", 422, "title: "},
        {"{\"title\":\"T\",\"titel\":\"x\"}", 422, "titel: there is no such field"},
        {"{\"title\":\"T\",\"title\":\"x\"}", 400, NULL},
        {"{\"title\":\"T\",\"id\":\"\"}", 422, "id: "},
        {"{\"title\":\"T\",\"id\":\"-a\"}", 422, "id: "},
        {"{\"title\":\"T\",\"id\":\"Spring\"}", 422, "id: "},
        {"{\"title\":\"T\",\"id\":\"a/b\"}", 422, "id: "},
        {"{\"title\":\"T\",\"id\":\"a_b\"}", 422, "id: "},
        {"{\"title\":\"T\",\"id\":\"abcdefghijabcdefghijabcdefghijabc\"}", 422, "id: "},
        {"{\"title\":\"T\",\"host\":[]}", 422, "host: must be a text"},
        {"{\"title\":\"\xff\"}", 400, NULL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        client_assert_problem(
            client_call(*state, (unsigned)i % 2, "POST /api/shows", bad[i].body),
            bad[i].status, bad[i].words);
    char *body = alloc_zero(1000);
    (void)snprintf(body, 1000, "{\"title\":\"%0*d\"}", SHOW_TITLE_MAX + 1, 0);
    client_assert_problem(client_call(*state, 0, "POST /api/shows", body), 422,
                          "title: at most");
    (void)snprintf(body, 1000, "{\"title\":\"%0*d\"}", SHOW_TITLE_MAX, 0);
    assert_status(client_call(*state, 0, "POST /api/shows", body), 201);
    alloc_free(body);
}

static void refuses_a_body_that_is_too_long(void **state)
{
    enum { LEN = 70 * 1024 };
    char *body = alloc_zero(LEN + 1);
    memset(body, ' ', LEN);
    client_expect(*state, 0, "POST /api/shows", body, 413);
    alloc_free(body);
}

static void lists_shows_by_id(void **state)
{
    (void)shop_make_show(*state, "b");
    (void)shop_make_show(*state, "a");
    for (unsigned lane = 0; lane < 2; lane++) {
        struct answer answer = client_call(*state, lane, "GET /api/shows", NULL);
        assert_int_equal(answer.status, 200);
        const char *a = strstr(answer.body, "\"id\":\"a\"");
        const char *b = strstr(answer.body, "\"id\":\"b\"");
        assert_true(a && b && a < b);
        assert_null(strstr(answer.body, "stream_key"));
        client_free(&answer);
    }
}

static void changes_only_what_a_patch_names(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    shop_make_product(house, "SKU-1", "Lipstick");
    struct answer answer = client_call(house, 1, "PATCH /api/shows/spring",
                                       "{\"host\":\"Ada\",\"run_sheet\":[\"SKU-1\"]}");
    assert_int_equal(answer.status, 200);
    client_assert_field(&answer, "title", "Spring sale");
    client_assert_field(&answer, "host", "Ada");
    assert_non_null(strstr(answer.body, "\"run_sheet\":[\"SKU-1\"]"));
    client_free(&answer);
    answer = client_call(house, 0, "PATCH /api/shows/spring",
                         "{\"title\":\"Other\",\"host\":null,\"run_sheet\":null}");
    assert_int_equal(answer.status, 200);
    client_assert_field(&answer, "title", "Other");
    client_assert_field(&answer, "host", "null");
    client_assert_field(&answer, "run_sheet", "null");
    client_free(&answer);
    answer = client_call(house, 0, "PATCH /api/shows/spring", "{\"run_sheet\":[]}");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"run_sheet\":[]"));
    client_free(&answer);
}

static void refuses_a_patch_that_is_not_well_told(void **state)
{
    (void)shop_make_show(*state, "spring");
    static const char request[] = "PATCH /api/shows/spring";
    client_assert_problem(client_call(*state, 0, request, "{\"title\":null}"), 422,
                          "title: ");
    client_assert_problem(client_call(*state, 0, request, "{\"title\":\"\"}"), 422,
                          "title: ");
    client_assert_problem(client_call(*state, 1, request, "{\"id\":\"x\"}"), 422,
                          "id: ");
    client_assert_problem(client_call(*state, 1, request, "{\"run_sheet\":\"SKU-1\"}"),
                          422, "run_sheet: ");
    client_assert_problem(client_call(*state, 1, request, "{\"run_sheet\":[1]}"), 422,
                          "run_sheet: ");
    client_assert_problem(client_call(*state, 1, request, "{\"run_sheet\":[\"none\"]}"),
                          422, "run_sheet: there is no product");
    client_assert_problem(client_call(*state, 1, "PATCH /api/shows/none", "{}"), 404,
                          NULL);
}

static void deletes_a_show(void **state)
{
    struct house *house = *state;
    (void)shop_make_show(house, "spring");
    struct answer answer = client_call(house, 1, "DELETE /api/shows/spring", NULL);
    assert_int_equal(answer.status, 204);
    assert_int_equal(answer.len, 0);
    client_free(&answer);
    client_assert_problem(client_call(house, 0, "GET /api/shows/spring", NULL), 404,
                          NULL);
    client_assert_problem(client_call(house, 0, "DELETE /api/shows/spring", NULL), 404,
                          NULL);
    (void)shop_make_show(house, "spring"); /* the id is free again */
}

static void gives_a_new_key(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct answer answer = client_call(house, 1, "POST /api/shows/spring/key", NULL);
    assert_int_equal(answer.status, 201);
    assert_string_not_equal(client_field(&answer, "stream_key"), show.key);
    client_free(&answer);
    client_assert_problem(client_call(house, 0, "POST /api/shows/none/key", NULL), 404,
                          NULL);
}

static void ends_a_show_that_is_off_the_air_too(void **state)
{
    (void)shop_make_show(*state, "spring");
    for (unsigned lane = 0; lane < 2; lane++)
        assert_status(client_call(*state, lane, "POST /api/shows/spring/end", NULL),
                      200);
    client_assert_problem(client_call(*state, 0, "POST /api/shows/none/end", NULL), 404,
                          NULL);
}

/* What a request says about itself never leaves the place where it may stand. */
static void takes_nothing_but_a_host_from_the_host_header(void **state)
{
    static const struct {
        const char *headers, *play_url;
    } cases[] = {
        {"Host: shop.test\r\n", "http://shop.test/live/spring/index.m3u8"},
        {"Host: [2001:db8::1]:8080\r\n",
         "http://[2001:db8::1]:8080/live/spring/index.m3u8"},
        {"Host: shop.test\r\nX-Forwarded-Proto: https\r\n",
         "https://shop.test/live/spring/index.m3u8"},
        {"Host: shop.test\r\nX-Forwarded-Proto: javascript\r\n",
         "http://shop.test/live/spring/index.m3u8"},
    };
    (void)shop_make_show(*state, "spring");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char headers[256];
        (void)snprintf(headers, sizeof headers,
                       "%sAuthorization: Bearer " HOUSE_TOKEN "\r\n", cases[i].headers);
        struct answer answer =
            client_ask(*state, 0, "GET /api/shows/spring", headers, NULL);
        assert_int_equal(answer.status, 200);
        client_assert_field(&answer, "play_url", cases[i].play_url);
        client_free(&answer);
    }
    static const char *const hosts[] = {"a\"b", "a/b", "a b",
                                        "a\\b", "<b>", "a%0d%0ab"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char headers[256];
        (void)snprintf(headers, sizeof headers,
                       "Host: %s\r\nAuthorization: Bearer " HOUSE_TOKEN "\r\n",
                       hosts[i]);
        struct answer answer =
            client_ask(*state, 0, "GET /api/shows/spring", headers, NULL);
        if (answer.status == 200)
            client_assert_field(&answer, "play_url",
                                "http://localhost/live/spring/index.m3u8");
        else
            assert_int_equal(answer.status, 400);
        client_free(&answer);
    }
}

/* ---- products ---- */

static void makes_and_replaces_a_product(void **state)
{
    struct house *house = *state;
    struct answer answer = client_call(house, 1, "PUT /api/products/SKU-1", LIPSTICK);
    assert_int_equal(answer.status, 201);
    client_assert_field(&answer, "sku", "SKU-1");
    client_assert_field(&answer, "price_minor", "2800");
    client_assert_field(&answer, "list_price_minor", "3500");
    client_assert_field(&answer, "stock", "12");
    client_free(&answer);
    assert_status(client_call(house, 0, "PUT /api/products/SKU-1", LIPSTICK), 200);
    for (unsigned lane = 0; lane < 2; lane++) {
        answer = client_call(house, lane, "GET /api/products/SKU-1", NULL);
        assert_int_equal(answer.status, 200);
        client_assert_field(&answer, "title", "Satin lipstick");
        client_free(&answer);
    }
}

static void refuses_a_product_that_is_not_well_told(void **state)
{
    static const struct {
        const char *body, *words;
    } bad[] = {
        {"{}", "title"},
        {"{\"title\":\"T\",\"url\":\"javascript:x\",\"price_minor\":1,"
         "\"currency\":\"EUR\"}",
         "url"},
        {"{\"title\":\"T\",\"url\":\"/p\",\"price_minor\":-1,\"currency\":\"EUR\"}",
         "price_minor"},
        {"{\"title\":\"T\",\"url\":\"/p\",\"price_minor\":1.5,\"currency\":\"EUR\"}",
         "price_minor"},
        {"{\"title\":\"T\",\"url\":\"/p\",\"price_minor\":1,\"currency\":\"eur\"}",
         "currency"},
        {"{\"title\":\"T\",\"url\":\"/p\",\"price_minor\":1,\"currency\":\"EUR\","
         "\"colour\":\"red\"}",
         "colour"},
        {"{\"sku\":\"other\",\"title\":\"T\",\"url\":\"/p\",\"price_minor\":1,"
         "\"currency\":\"EUR\"}",
         "sku"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        client_assert_problem(
            client_call(*state, (unsigned)i % 2, "PUT /api/products/P", bad[i].body),
            422, bad[i].words);
    client_assert_problem(client_call(*state, 0, "PUT /api/products/a%20b", LIPSTICK),
                          422, "sku");
}

static void lists_products_by_sku(void **state)
{
    shop_make_product(*state, "B", "Blush");
    shop_make_product(*state, "A", "Lipstick");
    struct answer answer = client_call(*state, 1, "GET /api/products", NULL);
    assert_int_equal(answer.status, 200);
    const char *a = strstr(answer.body, "\"sku\":\"A\"");
    const char *b = strstr(answer.body, "\"sku\":\"B\"");
    assert_true(a && b && a < b);
    client_free(&answer);
}

static void deletes_a_product(void **state)
{
    shop_make_product(*state, "A", "Lipstick");
    assert_status(client_call(*state, 1, "DELETE /api/products/A", NULL), 204);
    client_assert_problem(client_call(*state, 0, "GET /api/products/A", NULL), 404,
                          NULL);
    client_assert_problem(client_call(*state, 0, "DELETE /api/products/A", NULL), 404,
                          NULL);
}

#define OPEN(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(refuses_every_call_without_a_token),
        OPEN(lets_a_host_do_what_is_a_hosts),
        OPEN(keeps_a_host_out_of_other_shows),
        OPEN(makes_a_show),
        OPEN(makes_up_an_id_when_none_is_given),
        OPEN(refuses_a_show_that_is_there),
        OPEN(refuses_a_show_that_is_not_well_told),
        OPEN(refuses_a_body_that_is_too_long),
        OPEN(lists_shows_by_id),
        OPEN(changes_only_what_a_patch_names),
        OPEN(refuses_a_patch_that_is_not_well_told),
        OPEN(deletes_a_show),
        OPEN(gives_a_new_key),
        OPEN(ends_a_show_that_is_off_the_air_too),
        OPEN(takes_nothing_but_a_host_from_the_host_header),
        OPEN(makes_and_replaces_a_product),
        OPEN(refuses_a_product_that_is_not_well_told),
        OPEN(lists_products_by_sku),
        OPEN(deletes_a_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
