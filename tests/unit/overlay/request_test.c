#include "tests/unit/overlay/shop.h"

static int request(struct shop *shop, struct overlay_request wanted,
                   struct overlay_clock clock)
{
    return overlay_request(shop->overlay, &wanted, clock, &shop->result, &shop->err);
}

static void assert_refused(struct shop *shop, struct overlay_request wanted, int code,
                           const char *words)
{
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), code);
    assert_string_equal(shop->err.text, words);
    assert_int_equal(overlay_last_q(shop->overlay), 0);
    assert_int_equal(drain(shop->overlay), 0);
}

static void refuses_in_words_that_name_the_field(void **state)
{
    struct shop *shop = *state;
    assert_refused(shop,
                   (struct overlay_request){OVERLAY_SHOW, .card = "a b", .now = true,
                                            .product = shop->bag},
                   -ERR_INVALID,
                   "c: must be 1 to 16 letters, digits, dashes or underscores");
    assert_refused(shop, (struct overlay_request){OVERLAY_SHOW, .now = true},
                   -ERR_INVALID, "sku: a card needs a product to show");
    assert_refused(shop, (struct overlay_request){OVERLAY_HIDE, .now = true},
                   -ERR_INVALID, "c: is missing; which card is meant?");
    assert_refused(shop,
                   (struct overlay_request){OVERLAY_SHOW, .product = shop->bag,
                                            .now = true, .for_ms = -1},
                   -ERR_INVALID, "for_ms: must be 0 (until hidden) to 86400000");
    assert_refused(
        shop,
        (struct overlay_request){OVERLAY_HIDE, .card = "c1", .now = true, .for_ms = 1},
        -ERR_INVALID, "for_ms: belongs to a show cue");
    assert_refused(
        shop, (struct overlay_request){OVERLAY_SHOW, .product = shop->bag, .time = -1},
        -ERR_INVALID, "at: must lie within thirty days from the start of the show");
    assert_refused(
        shop,
        (struct overlay_request){OVERLAY_SHOW, .product = shop->bag, .time = INT64_MAX},
        -ERR_INVALID, "at: must lie within thirty days from the start of the show");
    assert_refused(shop,
                   (struct overlay_request){OVERLAY_HIDE, .card = "c1", .now = true},
                   -ERR_NOT_FOUND, "There is no card c1.");
    assert_refused(
        shop, (struct overlay_request){OVERLAY_UPD, .product = shop->bag, .now = true},
        -ERR_NOT_FOUND, "No card shows this product.");
}

static void one_product_has_one_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(show_now(shop, shop->bag, 1000), 0);
    assert_string_equal(shop->result.card, "c2");
    assert_int_equal(show_now(shop, shop->lipstick, 2000), 0);
    assert_string_equal(shop->result.card, "c1");
    assert_int_equal(shop->result.revision, 2);
    assert_string_equal(cards_at(shop->overlay, MS(2000)), "c2:1 c1:2");
}

static void scheduled_product_keeps_its_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 9000, live_at(0, 1000)), 0);
    assert_string_equal(shop->result.card, "c1");
    assert_int_equal(show_now(shop, shop->lipstick, 2000), 0);
    assert_string_equal(shop->result.card, "c1");
    assert_int_equal(shop->result.revision, 2);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(10000), false, markers));
    assert_string_equal(cards_at(shop->overlay, MS(9000)), "c1:3");
}

static void a_name_of_the_host_makes_a_second_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_request wanted = {OVERLAY_SHOW, .card = "c2",
                                     .product = shop->lipstick, .now = true};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    assert_string_equal(cards_at(shop->overlay, MS(1000)), "c1:1 c2:1");
    assert_int_equal(show_now(shop, shop->bag, 1000), 0);
    assert_string_equal(shop->result.card, "c3");
}

static void a_card_that_went_comes_back_under_a_new_name(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(hide_now(shop, "c1", 2000), 0);
    assert_int_equal(show_now(shop, shop->lipstick, 3000), 0);
    assert_string_equal(shop->result.card, "c2");
    struct overlay_request wanted = {OVERLAY_SHOW, .card = "c1", .product = shop->bag,
                                     .now = true};
    assert_int_equal(request(shop, wanted, live_at(0, 4000)), 0);
    assert_int_equal(shop->result.revision, 3);
}

static void the_oldest_card_makes_room(void **state)
{
    struct shop *shop = *state;
    const char *const names[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < 5; i++) {
        struct overlay_request wanted = {OVERLAY_SHOW, .card = names[i],
                                         .product = shop->bag, .now = true};
        assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    }
    assert_int_equal(shop->result.q, 6);
    assert_string_equal(cards_at(shop->overlay, MS(1000)), "b:1 c:1 d:1 e:1");
    char *journal = journal_of(shop->overlay, 4);
    assert_non_null(strstr(journal,
                           "[{\"v\":1,\"k\":\"hide\",\"s\":\"7Qm2\",\"q\":5,\"r\":"
                           "2,\"w\":1795334401000,\"c\":\"a\",\"m\":1000},"));
    alloc_free(journal);
}

static void a_card_that_is_up_needs_no_room(void **state)
{
    struct shop *shop = *state;
    const char *const names[] = {"a", "b", "c", "d", "a"};
    for (size_t i = 0; i < 5; i++) {
        struct overlay_request wanted = {OVERLAY_SHOW, .card = names[i],
                                         .product = shop->bag, .now = true};
        assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    }
    assert_string_equal(cards_at(shop->overlay, MS(1000)), "b:1 c:1 d:1 a:2");
}

static void what_was_scheduled_before_airs_before(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 1500, live_at(0, 1000)), 0);
    assert_int_equal(show_now(shop, shop->bag, 2000), 0);
    assert_int_equal(shop->result.q, 2);
    char *journal = journal_of(shop->overlay, 0);
    const char *first = strstr(journal, "\"i\":\"LIP\"");
    const char *second = strstr(journal, "\"i\":\"BAG\"");
    assert_true(first && second && first < second);
    assert_non_null(strstr(journal, "\"m\":1500}"));
    alloc_free(journal);
}

/* The newest media may lie in a part behind the one that closes. */
static void cue_at_the_newest_media_waits_for_its_part(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1400), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(1000), MS(1334), true, markers), 1);
    assert_text(text_of(&markers[0]), "{\"v\":1,\"k\":\"snap\",\"s\":\"7Qm2\",\"b\":0,"
                                      "\"w\":1795334401000,\"a\":[]}");
    drop_markers(markers, 1);
    assert_int_equal(overlay_air(shop->overlay, MS(1334), MS(1667), false, markers), 1);
    assert_int_equal(markers[0].time, MS(1400));
    drop_markers(markers, 1);
}

static void time_never_goes_back(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 2000), 0);
    assert_int_equal(show_at(shop, shop->bag, 1500, live_at(1000, 1800)), 0);
    assert_int_equal(shop->result.time, MS(2000));
    assert_int_equal(shop->result.late_ms, 500);
    assert_int_equal(hide_now(shop, "c1", 1900), 0);
    assert_int_equal(shop->result.time, MS(2000));
    assert_int_equal(shop->result.late_ms, 0);
}

static void card_hides_itself_when_its_time_is_up(void **state)
{
    struct shop *shop = *state;
    struct overlay_request wanted = {OVERLAY_SHOW, .product = shop->lipstick,
                                     .now = true, .for_ms = 30000};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(1000), MS(31000), false, markers),
                     1);
    char *text = text_of(&markers[0]);
    assert_non_null(strstr(text, "},\"x\":1795334431000}"));
    alloc_free(text);
    drop_markers(markers, 1);
    assert_string_equal(cards_at(shop->overlay, MS(30999)), "c1:1");
    assert_string_equal(cards_at(shop->overlay, MS(31000)), "");
    assert_int_equal(overlay_air(shop->overlay, MS(31000), MS(31334), false, markers),
                     1);
    assert_int_equal(markers[0].time, MS(31000));
    assert_text(text_of(&markers[0]),
                "{\"v\":1,\"k\":\"hide\",\"s\":\"7Qm2\",\"q\":2,\"r\":"
                "2,\"w\":1795334431000,\"c\":\"c1\"}");
    drop_markers(markers, 1);
}

static void time_of_a_card_counts_from_when_it_came(void **state)
{
    struct shop *shop = *state;
    struct overlay_request wanted = {OVERLAY_SHOW, .product = shop->lipstick,
                                     .time = MS(500), .for_ms = 1000};
    assert_int_equal(request(shop, wanted, live_at(2000, 2500)), 0);
    assert_int_equal(shop->result.late_ms, 1500);
    assert_string_equal(cards_at(shop->overlay, MS(2999)), "c1:1");
    assert_string_equal(cards_at(shop->overlay, MS(3000)), "");
}

static void showing_a_card_again_starts_its_time_anew(void **state)
{
    struct shop *shop = *state;
    struct overlay_request wanted = {OVERLAY_SHOW, .product = shop->lipstick,
                                     .now = true, .for_ms = 5000};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    assert_int_equal(show_now(shop, shop->lipstick, 3000), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(20000), false, markers));
    assert_string_equal(cards_at(shop->overlay, MS(20000)), "c1:2");
}

static void upd_keeps_product_and_expiry_of_the_card(void **state)
{
    struct shop *shop = *state;
    struct overlay_request wanted = {OVERLAY_SHOW, .product = shop->lipstick,
                                     .now = true, .for_ms = 5000};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    wanted = (struct overlay_request){OVERLAY_UPD, .card = "c1", .now = true};
    assert_int_equal(request(shop, wanted, live_at(0, 2000)), 0);
    assert_text(
        state_of(shop->overlay, MS(2000)),
        ",\"b\":2,\"cards\":[{\"c\":\"c1\",\"r\":2,\"m\":2000,\"x\":1795334406000,"
        "\"p\":{\"i\":\"LIP\",\"t\":\"Lipstick "
        "LIP\",\"u\":\"/p/LIP\",\"a\":2800,\"y\":\"EUR\"}}]");
    assert_string_equal(cards_at(shop->overlay, MS(6000)), "");
}

static void upd_may_put_another_product_on_the_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_request wanted = {OVERLAY_UPD, .card = "c1", .product = shop->bag,
                                     .now = true};
    assert_int_equal(request(shop, wanted, live_at(0, 2000)), 0);
    char *now = state_of(shop->overlay, MS(2000));
    assert_non_null(strstr(now, "\"i\":\"BAG\""));
    alloc_free(now);
}

static void scheduled_hide_finds_the_scheduled_card(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 1000)), 0);
    struct overlay_request wanted = {OVERLAY_HIDE, .card = "c1", .time = MS(4999)};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), -ERR_NOT_FOUND);
    wanted.time = MS(7000);
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    assert_int_equal(shop->result.q, 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, 0, MS(9000), false, markers), 2);
    drop_markers(markers, 2);
    assert_string_equal(cards_at(shop->overlay, MS(6999)), "c1:1");
    assert_string_equal(cards_at(shop->overlay, MS(7000)), "");
}

static void what_has_lost_its_card_is_cancelled_when_due(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_request wanted = {OVERLAY_HIDE, .card = "c1", .time = MS(7000)};
    assert_int_equal(request(shop, wanted, live_at(0, 1000)), 0);
    assert_int_equal(hide_now(shop, "c1", 2000), 0);
    drain(shop->overlay);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(9000), false, markers));
    assert_int_equal(overlay_last_q(shop->overlay), 2);
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_true(entry.cancelled);
    assert_int_equal(entry.id, 2);
    assert_int_equal(entry.q, 0);
    overlay_entry_finish(&entry);
    assert_false(overlay_next(shop->overlay, &entry));
}

static void can_be_scheduled_before_the_show_is_live(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 0, (struct overlay_clock){0}), 0);
    assert_int_equal(shop->result.q, 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, 0, MS(334), true, markers), 2);
    char *text = text_of(&markers[0]);
    assert_non_null(strstr(text, "\"b\":1,"));
    alloc_free(text);
    drop_markers(markers, 2);
}

static void waiting_cues_have_a_limit(void **state)
{
    struct shop *shop = *state;
    for (int64_t i = 0; i < OVERLAY_SCHEDULED_MAX; i++)
        assert_int_equal(show_at(shop, shop->bag, 2000 + i, live_at(0, 1000)), 0);
    assert_int_equal(show_at(shop, shop->bag, 2000, live_at(0, 1000)), -ERR_LIMIT);
    assert_string_equal(shop->err.text, "256 cues wait already: hide or cancel some "
                                        "before you schedule more.");
    assert_int_equal(show_now(shop, shop->bag, 1000), 0);
}

static void a_full_journal_still_lets_cards_go(void **state)
{
    struct shop *shop = *state;
    int result = 0;
    uint32_t n = 0;
    for (; n < OVERLAY_JOURNAL_MAX && result == 0; n++)
        result = show_now(shop, n % 2 ? shop->bag : shop->lipstick, n);
    assert_int_equal(result, -ERR_LIMIT);
    assert_string_equal(shop->err.text, "This show has used up its 20000 cues.");
    assert_int_equal(hide_now(shop, "c1", n), 0);
    assert_int_equal(hide_now(shop, "c2", n), 0);
    assert_string_equal(cards_at(shop->overlay, MS(n)), "");
    assert_true(overlay_last_q(shop->overlay) <= OVERLAY_JOURNAL_MAX);
}

static void refused_cue_does_not_use_up_a_name(void **state)
{
    struct shop *shop = *state;
    for (int64_t i = 0; i < OVERLAY_SCHEDULED_MAX; i++)
        assert_int_equal(show_at(shop, shop->bag, 2000 + i, live_at(0, 1000)), 0);
    assert_int_equal(show_at(shop, shop->lipstick, 2000, live_at(0, 1000)), -ERR_LIMIT);
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_string_equal(shop->result.card, "c2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(refuses_in_words_that_name_the_field),
        SHOP_TEST(one_product_has_one_card),
        SHOP_TEST(scheduled_product_keeps_its_card),
        SHOP_TEST(a_name_of_the_host_makes_a_second_card),
        SHOP_TEST(a_card_that_went_comes_back_under_a_new_name),
        SHOP_TEST(the_oldest_card_makes_room),
        SHOP_TEST(a_card_that_is_up_needs_no_room),
        SHOP_TEST(what_was_scheduled_before_airs_before),
        SHOP_TEST(cue_at_the_newest_media_waits_for_its_part),
        SHOP_TEST(time_never_goes_back),
        SHOP_TEST(card_hides_itself_when_its_time_is_up),
        SHOP_TEST(time_of_a_card_counts_from_when_it_came),
        SHOP_TEST(showing_a_card_again_starts_its_time_anew),
        SHOP_TEST(upd_keeps_product_and_expiry_of_the_card),
        SHOP_TEST(upd_may_put_another_product_on_the_card),
        SHOP_TEST(scheduled_hide_finds_the_scheduled_card),
        SHOP_TEST(what_has_lost_its_card_is_cancelled_when_due),
        SHOP_TEST(can_be_scheduled_before_the_show_is_live),
        SHOP_TEST(waiting_cues_have_a_limit),
        SHOP_TEST(a_full_journal_still_lets_cards_go),
        SHOP_TEST(refused_cue_does_not_use_up_a_name),
    };
    return cmocka_run_group_tests_name("overlay/request", tests, NULL, NULL);
}
