#include "tests/unit/overlay/shop.h"

static void change(struct shop *shop, const char *sku, int price,
                   struct overlay_clock clock)
{
    struct product *product = simple_product(sku, price);
    overlay_product_changed(shop->overlay, product, clock);
    catalogue_product_unref(product);
}

static void assert_price(struct shop *shop, int64_t at_ms, int price)
{
    char wanted[32];
    (void)snprintf(wanted, sizeof wanted, "\"a\":%d,", price);
    char *cards = state_of(shop->overlay, MS(at_ms));
    assert_non_null(strstr(cards, wanted));
    alloc_free(cards);
}

static void card_gets_the_new_price_at_once(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    change(shop, "LIP", 1900, live_at(0, 1500));
    assert_int_equal(overlay_last_q(shop->overlay), 2);
    assert_price(shop, 1499, 2800);
    assert_price(shop, 1500, 1900);
    char *journal = journal_of(shop->overlay, 1);
    assert_non_null(
        strstr(journal, "[{\"v\":1,\"k\":\"upd\",\"s\":\"7Qm2\",\"q\":2,\"r\":2,"));
    alloc_free(journal);
}

static void nothing_happens_when_nothing_shown_changed(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    drain(shop->overlay);
    change(shop, "LIP", 2800, live_at(0, 1500));
    change(shop, "HAT", 1, live_at(0, 1500));
    assert_int_equal(overlay_last_q(shop->overlay), 1);
    assert_int_equal(drain(shop->overlay), 0);
}

static void waiting_card_gets_the_product_as_it_is_now(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 1000)), 0);
    drain(shop->overlay);
    change(shop, "LIP", 1900, live_at(0, 1500));
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.id, 1);
    assert_int_equal(entry.product->price_minor, 1900);
    overlay_entry_finish(&entry);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, 0, MS(9000), false, markers), 1);
    drop_markers(markers, 1);
    assert_price(shop, 5000, 1900);
}

static void quick_changes_are_told_once_a_second(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    for (int i = 0; i < 100; i++)
        change(shop, "LIP", 1000 + i, live_at(0, 1500 + i));
    assert_int_equal(overlay_last_q(shop->overlay), 2);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(3000), false, markers));
    assert_int_equal(overlay_last_q(shop->overlay), 3);
    assert_price(shop, 2499, 1000);
    assert_price(shop, 2500, 1099);
}

static void a_change_on_its_way_goes_with_its_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    change(shop, "LIP", 1000, live_at(0, 1500));
    change(shop, "LIP", 1001, live_at(0, 1501));
    assert_int_equal(hide_now(shop, "c1", 1600), 0);
    struct overlay_request request = {OVERLAY_SHOW, .card = "c1", .product = shop->bag,
                                      .now = true};
    assert_int_equal(overlay_request(shop->overlay, &request, live_at(0, 1700),
                                     &shop->result, &shop->err),
                     0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(9000), false, markers));
    assert_int_equal(overlay_last_q(shop->overlay), 4);
    assert_price(shop, 9000, 9900);
}

static void off_air_changes_are_told_with_the_next_media(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_clock away = {false, MS(2000), MS(2000)};
    for (int i = 0; i < 1000; i++)
        change(shop, "LIP", i, away);
    assert_int_equal(overlay_last_q(shop->overlay), 1);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers,
                 overlay_air(shop->overlay, MS(2000), MS(9000), false, markers));
    assert_int_equal(overlay_last_q(shop->overlay), 2);
    assert_price(shop, 2000, 999);
}

/* However fast the stock of a long show changes, its host can always show and hide. */
static void changes_leave_room_for_the_host(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    for (int i = 0; i < 2 * OVERLAY_JOURNAL_MAX; i++)
        change(shop, "LIP", 10000 + i, live_at(0, 2000 + 10000 * (int64_t)i));
    assert_in_range(overlay_last_q(shop->overlay), OVERLAY_JOURNAL_MAX / 2,
                    OVERLAY_JOURNAL_MAX / 4 * 3);
    assert_int_equal(show_now(shop, shop->bag, 1000000000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(card_gets_the_new_price_at_once),
        SHOP_TEST(nothing_happens_when_nothing_shown_changed),
        SHOP_TEST(waiting_card_gets_the_product_as_it_is_now),
        SHOP_TEST(quick_changes_are_told_once_a_second),
        SHOP_TEST(a_change_on_its_way_goes_with_its_card),
        SHOP_TEST(off_air_changes_are_told_with_the_next_media),
        SHOP_TEST(changes_leave_room_for_the_host),
    };
    return cmocka_run_group_tests_name("overlay/product", tests, NULL, NULL);
}
