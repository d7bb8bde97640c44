#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/router.h"

static void nothing(struct http_exchange *exchange, void *ctx)
{
    (void)exchange;
    (void)ctx;
}

enum { GET = 1 << HTTP_GET, POST = 1 << HTTP_POST, DELETE = 1 << HTTP_DELETE };

struct map_of_site {
    struct http_router *router;
    struct bytes params[HTTP_PARAMS_MAX];
    struct http_route route;
};

/* The ctx of each route is its pattern, so that tests can tell which was found. */
static void add(struct map_of_site *site, unsigned methods, char *pattern)
{
    http_router_add(site->router, methods, pattern, 100, nothing, pattern);
}

static const char *find(struct map_of_site *site, enum http_method method,
                        const char *path)
{
    if (!http_router_find(site->router, method, bytes_text(path), &site->route,
                          site->params))
        return NULL;
    return site->route.handler ? site->route.ctx : "another method";
}

static void begin(struct map_of_site *site)
{
    *site = (struct map_of_site){.router = http_router_create()};
    static char root[] = "/", show[] = "/live/{}", playlist[] = "/live/{}/video.m3u8",
                file[] = "/live/{}/{}/{}", state[] = "/live/{}/state",
                assets[] = "/assets/{*}", about[] = "/live/about",
                cue[] = "/api/shows/{}/cues/{}", cues[] = "/api/shows/{}/cues";
    add(site, GET, file);
    add(site, GET, show);
    add(site, GET, root);
    add(site, GET, playlist);
    add(site, GET, state);
    add(site, GET, about);
    add(site, GET, assets);
    add(site, DELETE, cue);
    add(site, GET, cues);
    add(site, POST, cues);
}

static void finds_literal_patterns(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    assert_string_equal(find(&site, HTTP_GET, "/"), "/");
    assert_string_equal(find(&site, HTTP_GET, "/live/about"), "/live/about");
    assert_null(site.params[0].data);
    assert_int_equal(site.route.body_max, 100);
    http_router_destroy(site.router);
}

static void the_most_literal_pattern_wins(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    assert_string_equal(find(&site, HTTP_GET, "/live/x"), "/live/{}");
    assert_string_equal(find(&site, HTTP_GET, "/live/x/video.m3u8"),
                        "/live/{}/video.m3u8");
    assert_string_equal(find(&site, HTTP_GET, "/live/about/video.m3u8"),
                        "/live/{}/video.m3u8");
    assert_string_equal(find(&site, HTTP_GET, "/live/x/state"), "/live/{}/state");
    http_router_destroy(site.router);
}

static void gives_what_the_wildcards_matched(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    assert_string_equal(find(&site, HTTP_GET, "/live/a/b/c.m4s"), "/live/{}/{}/{}");
    assert_true(bytes_equal_text(site.params[0], "a"));
    assert_true(bytes_equal_text(site.params[1], "b"));
    assert_true(bytes_equal_text(site.params[2], "c.m4s"));
    assert_null(site.params[3].data);
    assert_string_equal(find(&site, HTTP_GET, "/live/state/state/x"), "/live/{}/{}/{}");
    assert_true(bytes_equal_text(site.params[1], "state"));
    assert_string_equal(find(&site, HTTP_GET, "/assets/js/a.js"), "/assets/{*}");
    assert_true(bytes_equal_text(site.params[0], "js/a.js"));
    http_router_destroy(site.router);
}

static void says_when_no_pattern_fits(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    static const char *const paths[] = {"",
                                        "*",
                                        "/x",
                                        "/live",
                                        "/live/",
                                        "/live//",
                                        "/live/x/",
                                        "/live/x/y",
                                        "/assets",
                                        "/assets/",
                                        "//live/x",
                                        "/LIVE/x",
                                        "/live/a/b/c/d",
                                        "/api/shows//cues"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (find(&site, HTTP_GET, paths[i]))
            fail_msg("%s fits %s", paths[i], find(&site, HTTP_GET, paths[i]));
    http_router_destroy(site.router);
}

static void tells_the_methods_of_a_pattern(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    assert_string_equal(find(&site, HTTP_PUT, "/api/shows/x/cues"), "another method");
    assert_int_equal(site.route.methods, GET | POST | 1 << HTTP_HEAD);
    assert_string_equal(find(&site, HTTP_HEAD, "/api/shows/x/cues"),
                        "/api/shows/{}/cues");
    assert_string_equal(find(&site, HTTP_GET, "/api/shows/x/cues/y"), "another method");
    assert_int_equal(site.route.methods, DELETE);
    http_router_destroy(site.router);
}

static void a_rest_at_the_root_catches_all_else(void **state)
{
    (void)state;
    struct map_of_site site;
    begin(&site);
    static char rest[] = "/{*}";
    add(&site, GET, rest);
    assert_string_equal(find(&site, HTTP_GET, "/what/ever"), "/{*}");
    assert_true(bytes_equal_text(site.params[0], "what/ever"));
    assert_string_equal(find(&site, HTTP_GET, "/live/x/y"), "/{*}");
    assert_true(bytes_equal_text(site.params[0], "live/x/y"));
    assert_string_equal(find(&site, HTTP_GET, "/"), "/");
    http_router_destroy(site.router);
    http_router_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_literal_patterns),
        cmocka_unit_test(the_most_literal_pattern_wins),
        cmocka_unit_test(gives_what_the_wildcards_matched),
        cmocka_unit_test(says_when_no_pattern_fits),
        cmocka_unit_test(tells_the_methods_of_a_pattern),
        cmocka_unit_test(a_rest_at_the_root_catches_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
