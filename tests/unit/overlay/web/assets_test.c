#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/web/assets.h"

static const struct web_asset *find(const char *path)
{
    return web_assets_find(bytes_text(path));
}

static void gives_a_page_for_every_show(void **state)
{
    (void)state;
    const struct web_asset *watch = find("/watch/friday");
    assert_non_null(watch);
    assert_int_equal(watch->page, WEB_PAGE_WATCH);
    assert_ptr_equal(watch, find("/watch/another-show"));
    assert_int_equal(find("/host/friday")->page, WEB_PAGE_HOST);
    assert_int_equal(find("/")->page, WEB_PAGE_START);
}

static void knows_no_page_without_a_show(void **state)
{
    (void)state;
    assert_null(find("/watch/"));
    assert_null(find("/watch"));
    assert_null(find("/watch/friday/more"));
    assert_null(find("/host/"));
    assert_null(find(""));
    assert_null(find("/assets/"));
    assert_null(find("/assets/../assets.c"));
}

static void serves_the_sdk_under_its_stable_name(void **state)
{
    (void)state;
    const struct web_asset *sdk = find("/player/vitrine.js");
    assert_non_null(sdk);
    assert_string_equal(sdk->mime, "text/javascript; charset=utf-8");
    assert_false(sdk->immutable);
    assert_string_equal(sdk->cache_control, "no-cache");
    assert_null(sdk->csp);
}

static void only_hashed_names_are_immutable(void **state)
{
    (void)state;
    size_t hashed = 0;
    for (size_t i = 0; web_assets_at(i) != NULL; i++) {
        const struct web_asset *asset = web_assets_at(i);
        bool forever = strstr(asset->cache_control, "immutable") != NULL;
        assert_int_equal(forever, asset->immutable);
        if (asset->immutable) {
            assert_non_null(strchr(asset->path, '-'));
            hashed++;
        }
        if (asset->page == WEB_PAGE_NONE)
            assert_ptr_equal(find(asset->path), asset);
    }
    assert_true(hashed >= 5);
}

static void pages_and_only_pages_carry_a_strict_policy(void **state)
{
    (void)state;
    for (size_t i = 0; web_assets_at(i) != NULL; i++) {
        const struct web_asset *asset = web_assets_at(i);
        assert_int_equal(asset->csp != NULL, asset->page != WEB_PAGE_NONE);
        if (asset->csp == NULL)
            continue;
        assert_non_null(strstr(asset->csp, "default-src 'none'"));
        assert_non_null(strstr(asset->csp, "script-src 'self';"));
        assert_null(strstr(asset->csp, "unsafe"));
    }
    assert_non_null(strstr(find("/host/x")->csp, "frame-ancestors 'none'"));
}

static void gzip_forms_are_gzip_and_smaller(void **state)
{
    (void)state;
    for (size_t i = 0; web_assets_at(i) != NULL; i++) {
        const struct web_asset *asset = web_assets_at(i);
        assert_true(asset->identity.len > 0);
        if (asset->gzip.len == 0)
            continue;
        assert_int_equal(asset->gzip.data[0], 0x1f);
        assert_int_equal(asset->gzip.data[1], 0x8b);
        assert_true(asset->gzip.len < asset->identity.len);
    }
}

static void the_viewers_page_stays_within_its_weight(void **state)
{
    (void)state;
    size_t weight = find("/watch/x")->gzip.len;
    for (size_t i = 0; web_assets_at(i) != NULL; i++) {
        const struct web_asset *asset = web_assets_at(i);
        if (bytes_has_prefix(bytes_text(asset->path), "/assets/hls") ||
            bytes_has_prefix(bytes_text(asset->path), "/assets/watch"))
            weight += asset->gzip.len;
    }
    assert_true(weight > 100000);
    assert_true(weight <= 200 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_page_for_every_show),
        cmocka_unit_test(knows_no_page_without_a_show),
        cmocka_unit_test(serves_the_sdk_under_its_stable_name),
        cmocka_unit_test(only_hashed_names_are_immutable),
        cmocka_unit_test(pages_and_only_pages_carry_a_strict_policy),
        cmocka_unit_test(gzip_forms_are_gzip_and_smaller),
        cmocka_unit_test(the_viewers_page_stays_within_its_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
