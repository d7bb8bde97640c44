#include "tests/unit/overlay/shop.h"

static int take_away(struct shop *shop, const char *card, struct overlay_clock clock)
{
    return overlay_remove(shop->overlay, card, clock, &shop->result, &shop->err);
}

static void hides_a_card_that_is_up(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(take_away(shop, "c1", live_at(0, 2000)), 0);
    assert_int_equal(shop->result.q, 2);
    assert_int_equal(shop->result.revision, 2);
    assert_int_equal(shop->result.time, MS(2000));
    assert_string_equal(cards_at(shop->overlay, MS(2000)), "");
}

static void cancels_what_is_scheduled(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 1000)), 0);
    drain(shop->overlay);
    assert_int_equal(take_away(shop, "c1", live_at(0, 2000)), 0);
    assert_string_equal(shop->result.card, "c1");
    assert_int_equal(shop->result.q, 0);
    assert_int_equal(shop->result.time, MS(5000));
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_true(entry.cancelled);
    overlay_entry_finish(&entry);
    assert_false(overlay_next(shop->overlay, &entry));
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, 0, MS(9000), false, markers), 0);
    assert_int_equal(take_away(shop, "c1", live_at(0, 9000)), -ERR_NOT_FOUND);
}

static void does_both_when_there_are_both(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 1000)), 0);
    assert_int_equal(take_away(shop, "c1", live_at(0, 2000)), 0);
    assert_int_equal(shop->result.q, 2);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(9000), false, markers));
    assert_string_equal(cards_at(shop->overlay, MS(9000)), "");
}

static void leaves_other_cards_alone(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(show_at(shop, shop->bag, 5000, live_at(0, 1000)), 0);
    assert_int_equal(take_away(shop, "c1", live_at(0, 2000)), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(9000), false, markers));
    assert_string_equal(cards_at(shop->overlay, MS(9000)), "c2:1");
}

static void says_when_there_is_no_such_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(take_away(shop, "c1", live_at(0, 2000)), -ERR_NOT_FOUND);
    assert_string_equal(shop->err.text,
                        "There is no card c1, neither up nor scheduled.");
    assert_int_equal(take_away(shop, "no such name, ever", live_at(0, 2000)),
                     -ERR_NOT_FOUND);
    assert_string_equal(shop->err.text, "There is no such card.");
}

static void off_air_the_card_goes_with_the_next_media(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_clock away = {false, MS(2000), MS(2000)};
    assert_int_equal(take_away(shop, "c1", away), 0);
    assert_int_equal(shop->result.q, 0);
    assert_string_equal(cards_at(shop->overlay, MS(2000)), "c1:1");
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    size_t n = overlay_air(shop->overlay, MS(60000), MS(60334), true, markers);
    assert_int_equal(n, 3);
    char *text = text_of(&markers[0]);
    assert_non_null(strstr(text, "\"a\":[]"));
    alloc_free(text);
    drop_markers(markers, n);
    assert_string_equal(cards_at(shop->overlay, MS(60000)), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(hides_a_card_that_is_up),
        SHOP_TEST(cancels_what_is_scheduled),
        SHOP_TEST(does_both_when_there_are_both),
        SHOP_TEST(leaves_other_cards_alone),
        SHOP_TEST(says_when_there_is_no_such_card),
        SHOP_TEST(off_air_the_card_goes_with_the_next_media),
    };
    return cmocka_run_group_tests_name("overlay/remove", tests, NULL, NULL);
}
