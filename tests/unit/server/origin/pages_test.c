/* Pages and files that are in the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "overlay/web/assets.h"
#include "tests/kit/shop.h"

static int setup(void **state)
{
    static struct house house;
    house_open(&house, 1);
    (void)shop_make_show(&house, "spring");
    *state = &house;
    return 0;
}

static struct answer get(void **state, const char *path, const char *headers)
{
    char request[256];
    (void)snprintf(request, sizeof request, "GET %s", path);
    return client_ask(*state, 0, request, headers, NULL);
}

static void shows_each_page_with_its_policy(void **state)
{
    static const char *const paths[] = {"/", "/watch/spring", "/host/spring"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct web_asset *asset = web_assets_find(bytes_text(paths[i]));
        struct answer answer = get(state, paths[i], NULL);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(client_header(&answer, "Content-Type"), "text/html"));
        assert_string_equal(client_header(&answer, "Content-Security-Policy"),
                            asset->csp);
        assert_string_equal(client_header(&answer, "Referrer-Policy"), "same-origin");
        assert_string_equal(client_header(&answer, "X-Content-Type-Options"),
                            "nosniff");
        assert_null(client_header(&answer, "Access-Control-Allow-Origin"));
        assert_int_equal(answer.len, asset->identity.len);
        client_free(&answer);
    }
}

static void says_404_on_the_page_of_a_show_that_is_not_known(void **state)
{
    static const char *const paths[] = {"/watch/summer", "/host/summer"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct answer answer = get(state, paths[i], NULL);
        assert_int_equal(answer.status, 404);
        assert_non_null(strstr(client_header(&answer, "Content-Type"), "text/html"));
        assert_non_null(client_header(&answer, "Content-Security-Policy"));
        assert_null(client_header(&answer, "ETag"));
        client_free(&answer);
    }
}

static void gives_the_player_to_pages_of_other_sites(void **state)
{
    struct answer answer = get(state, "/player/vitrine.js", NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(client_header(&answer, "Content-Type"), "javascript"));
    assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
    client_free(&answer);
}

static void gives_every_file_as_it_is_and_packed(void **state)
{
    const struct web_asset *asset;
    for (size_t i = 0; (asset = web_assets_at(i)); i++) {
        if (asset->page != WEB_PAGE_NONE)
            continue;
        struct answer plain = get(state, asset->path, NULL);
        assert_int_equal(plain.status, 200);
        assert_int_equal(plain.len, asset->identity.len);
        assert_memory_equal(plain.body, asset->identity.data, plain.len);
        assert_string_equal(client_header(&plain, "Cache-Control"),
                            asset->cache_control);
        client_free(&plain);
        if (asset->gzip.len == 0)
            continue;
        struct answer packed = get(state, asset->path, "Accept-Encoding: gzip\r\n");
        assert_string_equal(client_header(&packed, "Content-Encoding"), "gzip");
        assert_int_equal(packed.len, asset->gzip.len);
        client_free(&packed);
    }
}

static void says_304_to_those_who_have_the_page(void **state)
{
    char condition[160];
    struct answer answer = get(state, "/watch/spring", NULL);
    (void)snprintf(condition, sizeof condition, "If-None-Match: %s\r\n",
                   client_header(&answer, "ETag"));
    client_free(&answer);
    answer = get(state, "/watch/spring", condition);
    assert_int_equal(answer.status, 304);
    client_free(&answer);
}

static void says_404_for_files_there_are_none(void **state)
{
    static const char *const paths[] = {
        "/assets/none.js", "/player/none.js", "/assets/",          "/watch",
        "/watch/",         "/nothing",        "/watch/spring/more"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct answer answer = get(state, paths[i], NULL);
        assert_int_equal(answer.status, 404);
        client_free(&answer);
    }
}

#define OPEN(test) cmocka_unit_test_setup_teardown(test, setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(shows_each_page_with_its_policy),
        OPEN(says_404_on_the_page_of_a_show_that_is_not_known),
        OPEN(gives_the_player_to_pages_of_other_sites),
        OPEN(gives_every_file_as_it_is_and_packed),
        OPEN(says_304_to_those_who_have_the_page),
        OPEN(says_404_for_files_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
