#include "tests/unit/overlay/shop.h"

static void shows_a_product_now(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_string_equal(shop->result.card, "c1");
    assert_int_equal(shop->result.revision, 1);
    assert_int_equal(shop->result.q, 1);
    assert_int_equal(shop->result.time, MS(1000));
    assert_int_equal(shop->result.late_ms, 0);
}

static void marks_the_part_that_a_cue_falls_into(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(667), MS(1000), false, markers), 0);
    assert_int_equal(overlay_air(shop->overlay, MS(1000), MS(1334), true, markers), 2);
    assert_int_equal(markers[0].time, MS(1000));
    assert_text(text_of(&markers[0]),
                "{\"v\":1,\"k\":\"snap\",\"s\":\"7Qm2\",\"b\":1,\"w\":1795334401000,"
                "\"a\":[{\"c\":\"c1\",\"r\":1,\"p\":{\"i\":\"LIP\",\"t\":\"Lipstick "
                "LIP\",\"u\":\"/p/LIP\",\"a\":2800,\"y\":\"EUR\"}}]}");
    assert_int_equal(markers[1].time, MS(1000));
    assert_text(text_of(&markers[1]),
                "{\"v\":1,\"k\":\"show\",\"s\":\"7Qm2\",\"q\":1,\"r\":1,\"w\":"
                "1795334401000,\"c\":\"c1\",\"p\":{\"i\":\"LIP\",\"t\":\"Lipstick "
                "LIP\",\"u\":\"/p/LIP\",\"a\":2800,\"y\":\"EUR\"}}");
    drop_markers(markers, 2);
    assert_int_equal(overlay_air(shop->overlay, MS(1334), MS(1667), false, markers), 0);
}

static void snapshot_of_nothing_is_an_empty_list(void **state)
{
    struct shop *shop = *state;
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, 0, MS(334), true, markers), 1);
    assert_text(
        text_of(&markers[0]),
        "{\"v\":1,\"k\":\"snap\",\"s\":\"7Qm2\",\"b\":0,\"w\":1795334400000,\"a\":[]}");
    drop_markers(markers, 1);
}

static void hides_a_card_now(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(hide_now(shop, "c1", 2000), 0);
    assert_int_equal(shop->result.revision, 2);
    assert_int_equal(shop->result.q, 2);
    assert_text(state_of(shop->overlay, MS(1999)),
                ",\"b\":1,\"cards\":[{\"c\":\"c1\",\"r\":1,\"m\":1000,\"p\":{\"i\":"
                "\"LIP\",\"t\":\"Lipstick LIP\",\"u\":\"/p/LIP\",\"a\":2800,\"y\":"
                "\"EUR\"}}]");
    assert_text(state_of(shop->overlay, MS(2000)), ",\"b\":2,\"cards\":[]");
    assert_text(state_of(shop->overlay, 0), ",\"b\":0,\"cards\":[]");
}

static void scheduled_cue_airs_with_its_part(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 100)), 0);
    assert_int_equal(shop->result.q, 0);
    assert_int_equal(shop->result.revision, 1);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(4000), MS(5000), false, markers), 0);
    assert_int_equal(overlay_air(shop->overlay, MS(5000), MS(5334), false, markers), 1);
    assert_int_equal(markers[0].time, MS(5000));
    assert_int_equal(overlay_last_q(shop->overlay), 1);
    drop_markers(markers, 1);
}

static void cue_that_is_too_late_goes_to_the_open_part(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 500, live_at(1000, 1200)), 0);
    assert_int_equal(shop->result.q, 1);
    assert_int_equal(shop->result.time, MS(1000));
    assert_int_equal(shop->result.late_ms, 500);
}

static void now_off_air_is_a_conflict_in_plain_words(void **state)
{
    struct shop *shop = *state;
    struct overlay_request request = {OVERLAY_SHOW, .product = shop->bag, .now = true};
    assert_int_equal(overlay_request(shop->overlay, &request, (struct overlay_clock){0},
                                     &shop->result, &shop->err),
                     -ERR_CONFLICT);
    assert_string_equal(shop->err.text,
                        "The show is not live yet: nobody could see the card. Schedule "
                        "it, or go live first.");
}

static void announces_each_cue_once(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.id, 1);
    assert_int_equal(entry.q, 1);
    assert_int_equal(entry.kind, OVERLAY_SHOW);
    assert_string_equal(entry.card, "c1");
    assert_ptr_equal(entry.product, shop->lipstick);
    overlay_entry_finish(&entry);
    assert_false(overlay_next(shop->overlay, &entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(shows_a_product_now),
        SHOP_TEST(marks_the_part_that_a_cue_falls_into),
        SHOP_TEST(snapshot_of_nothing_is_an_empty_list),
        SHOP_TEST(hides_a_card_now),
        SHOP_TEST(scheduled_cue_airs_with_its_part),
        SHOP_TEST(cue_that_is_too_late_goes_to_the_open_part),
        SHOP_TEST(now_off_air_is_a_conflict_in_plain_words),
        SHOP_TEST(announces_each_cue_once),
    };
    return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
