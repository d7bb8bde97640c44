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

static void announces_what_changed_again_and_in_order_of_q(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 1000)), 0);
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.q, 0);
    overlay_entry_finish(&entry);
    assert_int_equal(show_at(shop, shop->bag, 9000, live_at(0, 1000)), 0);
    assert_int_equal(show_now(shop, shop->bag, 6000), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    drop_markers(markers, overlay_air(shop->overlay, 0, MS(9001), false, markers));
    const uint64_t ids[] = {1, 3, 2}; /* the second aired last */
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(overlay_next(shop->overlay, &entry));
        assert_int_equal(entry.id, ids[i]);
        assert_int_equal(entry.q, i + 1);
        overlay_entry_finish(&entry);
    }
    assert_false(overlay_next(shop->overlay, &entry));
}

static void reads_the_journal_on(void **state)
{
    struct shop *shop = *state;
    struct overlay_entry entry;
    assert_false(overlay_peek(shop->overlay, 0, &entry));
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(show_at(shop, shop->bag, 9000, live_at(0, 1000)), 0);
    assert_int_equal(hide_now(shop, "c1", 2000), 0);
    assert_true(overlay_peek(shop->overlay, 0, &entry));
    assert_int_equal(entry.q, 1);
    assert_ptr_equal(entry.product, shop->lipstick);
    assert_true(overlay_peek(shop->overlay, 1, &entry));
    assert_int_equal(entry.q, 2);
    assert_int_equal(entry.kind, OVERLAY_HIDE);
    assert_null(entry.product);
    assert_false(overlay_peek(shop->overlay, 2, &entry));
}

static void prints_an_entry_as_the_journal_does(void **state)
{
    struct shop *shop = *state;
    struct overlay_request request = {OVERLAY_SHOW, .product = shop->lipstick,
                                      .now = true, .for_ms = 5000};
    assert_int_equal(overlay_request(shop->overlay, &request, live_at(0, 1000),
                                     &shop->result, &shop->err),
                     0);
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    struct builder out;
    builder_init(&out, 4096);
    builder_text(&out, "[");
    overlay_print_entry(shop->overlay, &entry, &out);
    builder_text(&out, "]");
    overlay_entry_finish(&entry);
    char *journal = journal_of(shop->overlay, 0);
    assert_text(printed(&out), journal);
    assert_non_null(strstr(journal, "},\"x\":1795334406000,\"m\":1000}]"));
    alloc_free(journal);
}

static void journal_gives_the_next_500_and_what_waits(void **state)
{
    struct shop *shop = *state;
    for (int i = 0; i < 600; i++)
        assert_int_equal(show_now(shop, shop->lipstick, 1000 + i), 0);
    assert_int_equal(show_at(shop, shop->bag, 9000, live_at(0, 1600)), 0);
    char *journal = journal_of(shop->overlay, 50);
    assert_non_null(
        strstr(journal, "[{\"v\":1,\"k\":\"show\",\"s\":\"7Qm2\",\"q\":51,"));
    assert_non_null(strstr(journal, "\"q\":550,"));
    assert_null(strstr(journal, "\"q\":551,"));
    assert_non_null(strstr(journal, "\"q\":null,\"r\":1,"));
    alloc_free(journal);
}

static void prints_a_product_as_cues_do(void **state)
{
    struct shop *shop = *state;
    struct builder out;
    builder_init(&out, 4096);
    overlay_print_product(shop->bag, &out);
    assert_text(printed(&out), "{\"i\":\"BAG\",\"t\":\"Lipstick BAG\",\"u\":\"/p/BAG\","
                               "\"a\":9900,\"y\":\"EUR\"}");
}

static void what_does_not_fit_a_part_goes_to_the_next(void **state)
{
    struct shop *shop = *state;
    for (int i = 0; i < OVERLAY_MARKERS_MAX + 5; i++)
        assert_int_equal(show_now(shop, shop->lipstick, 1000 + i), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    size_t n = overlay_air(shop->overlay, MS(1000), MS(1334), true, markers);
    assert_int_equal(n, OVERLAY_MARKERS_MAX);
    drop_markers(markers, n);
    n = overlay_air(shop->overlay, MS(1334), MS(1667), false, markers);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(markers[i].time, MS(1334));
    char *text = text_of(&markers[5]);
    assert_non_null(strstr(text, "\"q\":37,\"r\":37,\"w\":1795334401036,"));
    alloc_free(text);
    drop_markers(markers, n);
}

/* Deltas have their q as id, snapshots a range of their own. */
static void boxes_have_ids_of_their_own(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(1000), MS(1334), true, markers), 2);
    assert_memory_equal(buf_bytes(markers[0].box).data + 28, "\x80\0\0\x01", 4);
    assert_memory_equal(buf_bytes(markers[1].box).data + 28, "\0\0\0\x01", 4);
    assert_memory_equal(buf_bytes(markers[1].box).data + 16, "\0\0\0\0\0\x01\x5f\x90",
                        8);
    drop_markers(markers, 2);
}

/* While the host is away: told in time, and in band as a state when media comes again. */
static void a_cue_airs_while_no_media_flows(void **state)
{
    struct shop *shop = *state;
    struct overlay_entry entry;
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(show_at(shop, shop->lipstick, 5000, live_at(0, 100)), 0);
    overlay_pass(shop->overlay, MS(4000), MS(5000));
    assert_int_equal(overlay_last_q(shop->overlay), 0);
    while (overlay_next(shop->overlay, &entry))
        overlay_entry_finish(&entry);
    overlay_pass(shop->overlay, MS(5000), MS(5334));
    assert_int_equal(overlay_last_q(shop->overlay), 1);
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.q, 1);
    assert_int_equal(entry.time, MS(5000));
    overlay_entry_finish(&entry);
    assert_int_equal(overlay_air(shop->overlay, MS(5334), MS(5667), true, markers), 1);
    char *text = text_of(&markers[0]);
    assert_non_null(strstr(text, "\"k\":\"snap\""));
    assert_non_null(strstr(text, "\"b\":1"));
    alloc_free(text);
    drop_markers(markers, 1);
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
        SHOP_TEST(announces_what_changed_again_and_in_order_of_q),
        SHOP_TEST(reads_the_journal_on),
        SHOP_TEST(prints_an_entry_as_the_journal_does),
        SHOP_TEST(journal_gives_the_next_500_and_what_waits),
        SHOP_TEST(prints_a_product_as_cues_do),
        SHOP_TEST(what_does_not_fit_a_part_goes_to_the_next),
        SHOP_TEST(boxes_have_ids_of_their_own),
        SHOP_TEST(a_cue_airs_while_no_media_flows),
    };
    return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
