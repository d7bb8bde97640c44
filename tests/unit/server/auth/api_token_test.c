#include "server/auth/api_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct auth_keys keys_of(const char *api_token)
{
    struct auth_keys keys = {.api_token = (char *)(uintptr_t)api_token};
    for (size_t i = 0; i < sizeof keys.secret; i++)
        keys.secret[i] = (uint8_t)i;
    return keys;
}

static enum auth_role role(const struct auth_keys *keys, const char *authorization,
                           const char *show)
{
    return auth_api_token_role(keys, bytes_text(authorization), bytes_text(show));
}

static void takes_the_api_token_for_everything(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    assert_int_equal(role(&keys, "Bearer letmein", NULL), AUTH_ADMIN);
    assert_int_equal(role(&keys, "Bearer letmein", "summer"), AUTH_ADMIN);
}

static void takes_the_scheme_in_any_case_and_spaces_around(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    assert_int_equal(role(&keys, "bearer letmein", NULL), AUTH_ADMIN);
    assert_int_equal(role(&keys, " BEARER   letmein ", NULL), AUTH_ADMIN);
}

static void knows_nobody_by_a_wrong_token_or_scheme(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    static const char *const wrong[] = {
        NULL,          "",          "Bearer",      "Bearer ",        "letmein",
        "Basic abcde", "Bearer le", "Bearerletme", "Bearer letmein2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(role(&keys, wrong[i], NULL), AUTH_NOBODY);
        assert_int_equal(role(&keys, wrong[i], "summer"), AUTH_NOBODY);
    }
}

static void never_takes_an_empty_token(void **state)
{
    (void)state;
    struct auth_keys empty = keys_of(""), none = keys_of(NULL);
    assert_int_equal(role(&empty, "Bearer ", NULL), AUTH_NOBODY);
    assert_int_equal(role(&none, "Bearer ", NULL), AUTH_NOBODY);
    assert_int_equal(role(&none, "", "summer"), AUTH_NOBODY);
}

static void a_host_token_opens_its_own_show_only(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    char token[AUTH_HOST_TOKEN_MAX], line[128];
    auth_api_token_make_host(&keys, "summer", token);
    (void)snprintf(line, sizeof line, "Bearer %s", token);
    assert_int_equal(role(&keys, line, "summer"), AUTH_HOST);
    assert_int_equal(role(&keys, line, "summe"), AUTH_NOBODY);
    assert_int_equal(role(&keys, line, "winter"), AUTH_NOBODY);
    assert_int_equal(role(&keys, line, NULL), AUTH_HOST); /* no show asked about */
}

static void a_host_token_of_no_show_does_not_exist(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    /* "h." and the HMAC of "host:" under the same secret. */
    assert_int_equal(role(&keys, "Bearer h..Ev75h0Y5nYj-ikmth-cSKcp19VMYVLzE", ""),
                     AUTH_NOBODY);
}

/* The token must not change between versions: it is in links that hosts have kept.
 * printf host:summer | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f -binary |
 * head -c 24 | basenc --base64url */
static void a_host_token_stays_the_same(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein");
    char token[AUTH_HOST_TOKEN_MAX];
    auth_api_token_make_host(&keys, "summer", token);
    assert_string_equal(token, "h.summer.413g06YgAuc4drn7iPIrS_VdgMF_VZkm");
}

static void a_new_secret_revokes_host_tokens(void **state)
{
    (void)state;
    struct auth_keys keys = keys_of("letmein"), others = keys_of("letmein");
    others.secret[31] ^= 1;
    char token[AUTH_HOST_TOKEN_MAX], line[128];
    auth_api_token_make_host(&keys, "summer", token);
    (void)snprintf(line, sizeof line, "Bearer %s", token);
    assert_int_equal(role(&others, line, "summer"), AUTH_NOBODY);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_api_token_for_everything),
        cmocka_unit_test(takes_the_scheme_in_any_case_and_spaces_around),
        cmocka_unit_test(knows_nobody_by_a_wrong_token_or_scheme),
        cmocka_unit_test(never_takes_an_empty_token),
        cmocka_unit_test(a_host_token_opens_its_own_show_only),
        cmocka_unit_test(a_host_token_of_no_show_does_not_exist),
        cmocka_unit_test(a_host_token_stays_the_same),
        cmocka_unit_test(a_new_secret_revokes_host_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
