/* Changes that the store cannot keep: a full disk is played with a limit of file sizes. */
#include "server/show/registry.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/resource.h>

#include "tests/kit/client.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

static struct rlimit usual;

static int set_up(void **state)
{
    static struct house house;
    house_open(&house, 1);
    (void)shop_make_show(&house, "summer");
    shop_make_product(&house, "mug", "Mug");
    *state = &house;
    return 0;
}

static void fill_disk(void)
{
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    struct rlimit full = {.rlim_cur = 0, .rlim_max = usual.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
}

static void empty_disk(void)
{
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
}

static void assert_call(struct house *house, const char *request, const char *body,
                        int status)
{
    struct answer answer = client_call(house, 0, request, body);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void assert_title(struct house *house, const char *request, const char *title)
{
    struct answer answer = client_call(house, 0, request, NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(client_field(&answer, "title"), title);
    client_free(&answer);
}

static void a_show_that_is_not_kept_is_not_made(void **state)
{
    struct house *house = *state;
    fill_disk();
    assert_call(house, "POST /api/shows", "{\"id\":\"winter\",\"title\":\"Winter\"}",
                503);
    empty_disk();
    assert_call(house, "GET /api/shows/winter", NULL, 404);
    assert_call(house, "POST /api/shows", "{\"id\":\"winter\",\"title\":\"Winter\"}",
                201);
}

static void a_show_whose_change_is_not_kept_stays_as_it_was(void **state)
{
    struct house *house = *state;
    assert_call(house, "PATCH /api/shows/summer", "{\"title\":\"Before\"}", 200);
    fill_disk();
    assert_call(house, "PATCH /api/shows/summer", "{\"title\":\"After\"}", 503);
    empty_disk();
    assert_title(house, "GET /api/shows/summer", "Before");
}

static void a_show_whose_end_is_not_kept_is_there_again(void **state)
{
    struct house *house = *state;
    fill_disk();
    assert_call(house, "DELETE /api/shows/summer", NULL, 503);
    empty_disk();
    assert_call(house, "GET /api/shows/summer", NULL, 200);
    assert_call(house, "DELETE /api/shows/summer", NULL, 204);
    assert_call(house, "GET /api/shows/summer", NULL, 404);
}

static void products_that_are_not_kept_are_as_before(void **state)
{
    static const char cup[] = "{\"title\":\"Cup\",\"url\":\"https://shop.example/\","
                              "\"price_minor\":100,\"currency\":\"EUR\"}";
    struct house *house = *state;
    fill_disk();
    assert_call(house, "PUT /api/products/cup", cup, 503);
    assert_call(house, "PUT /api/products/mug", cup, 503);
    assert_call(house, "DELETE /api/products/mug", NULL, 503);
    empty_disk();
    assert_call(house, "GET /api/products/cup", NULL, 404);
    assert_title(house, "GET /api/products/mug", "Mug");
}

int main(void)
{
#define WITH_HOUSE(name) cmocka_unit_test_setup_teardown(name, set_up, house_teardown)
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_show_that_is_not_kept_is_not_made),
        WITH_HOUSE(a_show_whose_change_is_not_kept_stays_as_it_was),
        WITH_HOUSE(a_show_whose_end_is_not_kept_is_there_again),
        WITH_HOUSE(products_that_are_not_kept_are_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
