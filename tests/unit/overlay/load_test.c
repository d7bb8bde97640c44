#include "tests/unit/overlay/random_show.h"

static struct overlay *load(const struct random_show *show)
{
    struct overlay *overlay = overlay_create("7Qm2", ANCHOR_MS);
    for (size_t i = 0; i < show->n_kept; i++) {
        struct err err = {0};
        if (show->kept[i].id && overlay_load(overlay, &show->kept[i], &err))
            fail_msg("%s", err.text);
    }
    return overlay;
}

static void assert_same_ranges(const struct overlay *a, const struct overlay *b,
                               int64_t from)
{
    struct overlay_range of_a[OVERLAY_RANGES_MAX];
    struct overlay_range of_b[OVERLAY_RANGES_MAX];
    size_t n = overlay_ranges(a, from, of_a);
    assert_int_equal(overlay_ranges(b, from, of_b), n);
    for (size_t i = 0; i < n; i++) {
        assert_true(bytes_equal(buf_bytes(of_a[i].line), buf_bytes(of_b[i].line)));
        assert_true(bytes_equal(buf_bytes(of_a[i].line_closed),
                                buf_bytes(of_b[i].line_closed)));
        assert_true(of_a[i].start == of_b[i].start && of_a[i].end == of_b[i].end);
        buf_unref(of_a[i].line);
        buf_unref(of_a[i].line_closed);
        buf_unref(of_b[i].line);
        buf_unref(of_b[i].line_closed);
    }
}

static void assert_same(const struct overlay *a, const struct overlay *b, int64_t end)
{
    assert_int_equal(overlay_last_q(a), overlay_last_q(b));
    char *journal = journal_of(a, 0);
    assert_text(journal_of(b, 0), journal);
    alloc_free(journal);
    for (int64_t time = 0; time < end; time += 44444) {
        char *state = state_of(a, time);
        assert_text(state_of(b, time), state);
        alloc_free(state);
        assert_same_ranges(a, b, time);
    }
}

static void show_that_was_put_back_is_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random_show *show = random_show_create(seed);
        for (int i = 0; i < RANDOM_PARTS / 4; i++)
            random_step(show);
        random_keep(show);
        struct overlay *again = load(show);
        struct overlay_entry entry;
        assert_false(overlay_next(again, &entry));
        assert_same(show->overlay, again, show->clock.open_time);
        overlay_destroy(again);
        random_show_destroy(show);
    }
}

/* What waits for its product's change, and why, is not kept: so shops are quiet here. */
static void show_that_was_put_back_goes_on_alike(void **state)
{
    struct shop *shop = *state;
    struct overlay_request request = {OVERLAY_SHOW, .product = shop->lipstick,
                                      .time = MS(5000), .for_ms = 3000};
    assert_int_equal(
        overlay_request(shop->overlay, &request, live_at(0, 1000), &shop->result, NULL),
        0);
    assert_int_equal(show_now(shop, shop->bag, 2000), 0);
    struct overlay *again = overlay_create("7Qm2", ANCHOR_MS);
    struct overlay_entry kept[2];
    struct overlay_entry entry;
    while (overlay_next(shop->overlay, &entry))
        kept[entry.id - 1] = entry;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(overlay_load(again, &kept[i], NULL), 0);
        overlay_entry_finish(&kept[i]);
    }
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    struct overlay_marker others[OVERLAY_MARKERS_MAX];
    /* What aired before is not marked again: the snapshot tells of it. */
    assert_int_equal(overlay_air(again, MS(4000), MS(9000), true, others), 3);
    assert_int_equal(overlay_air(shop->overlay, MS(4000), MS(9000), true, markers), 4);
    char *text = text_of(&others[0]);
    assert_non_null(strstr(text, "\"c\":\"c2\",\"r\":1"));
    alloc_free(text);
    drop_markers(others, 3);
    drop_markers(markers, 4);
    assert_string_equal(cards_at(again, MS(5000)), "c2:1 c1:1");
    assert_string_equal(cards_at(again, MS(8000)), "c2:1");
    assert_same(shop->overlay, again, MS(9000));
    overlay_destroy(again);
}

static void revisions_and_names_go_on_behind_those_kept(void **state)
{
    struct shop *shop = *state;
    const struct overlay_entry kept[] = {
        {.id = 3,
         .q = 1,
         .kind = OVERLAY_SHOW,
         .card = "c1",
         .revision = 7,
         .time = MS(1000),
         .product = shop->bag},
        {.id = 4,
         .q = 2,
         .kind = OVERLAY_HIDE,
         .card = "c1",
         .revision = 8,
         .time = MS(2000)},
        {.id = 6,
         .cancelled = true,
         .kind = OVERLAY_SHOW,
         .card = "c2",
         .revision = 1,
         .time = MS(9000),
         .product = shop->bag},
    };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(overlay_load(shop->overlay, &kept[i], &shop->err), 0);
    struct overlay_request request = {OVERLAY_SHOW, .card = "c1", .product = shop->bag,
                                      .now = true};
    assert_int_equal(
        overlay_request(shop->overlay, &request, live_at(0, 3000), &shop->result, NULL),
        0);
    assert_int_equal(shop->result.revision, 9);
    assert_int_equal(shop->result.q, 3);
    assert_int_equal(show_now(shop, shop->lipstick, 3000), 0);
    assert_string_equal(shop->result.card, "c3");
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.id, 7);
    overlay_entry_finish(&entry);
}

static void damaged_entries_are_refused(void **state)
{
    struct shop *shop = *state;
    const struct overlay_entry good = {.id = 2,
                                       .q = 1,
                                       .kind = OVERLAY_SHOW,
                                       .card = "c1",
                                       .revision = 1,
                                       .time = MS(1000),
                                       .product = shop->bag};
    assert_int_equal(overlay_load(shop->overlay, &good, &shop->err), 0);
    struct overlay_entry bad[10];
    for (size_t i = 0; i < 10; i++) {
        bad[i] = good;
        bad[i].id = 3;
        bad[i].q = 2;
    }
    bad[0].id = 2;
    bad[1].card[0] = '"';
    bad[2].revision = 0;
    bad[3].time = -1;
    bad[4].time = INT64_MAX;
    bad[5].expires_ms = INT64_MIN;
    bad[6].product = NULL;
    bad[7].q = 1;
    bad[8].time = MS(999);
    bad[9].cancelled = true;
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(overlay_load(shop->overlay, &bad[i], &shop->err),
                         -ERR_INVALID);
    assert_int_equal(overlay_last_q(shop->overlay), 1);
    bad[0] = good;
    bad[0].id = 3;
    bad[0].q = 2;
    assert_int_equal(overlay_load(shop->overlay, &bad[0], &shop->err), 0);
}

static void anchor_moves_all_wall_clock_times(void **state)
{
    struct shop *shop = *state;
    struct overlay_request request = {OVERLAY_SHOW, .product = shop->bag,
                                      .time = MS(5000), .for_ms = 3000};
    assert_int_equal(overlay_request(shop->overlay, &request, (struct overlay_clock){0},
                                     &shop->result, NULL),
                     0);
    drain(shop->overlay);
    overlay_set_anchor(shop->overlay, ANCHOR_MS);
    assert_int_equal(drain(shop->overlay), 0);
    overlay_set_anchor(shop->overlay, ANCHOR_MS + 100000);
    struct overlay_entry entry;
    assert_true(overlay_next(shop->overlay, &entry));
    assert_int_equal(entry.expires_ms, ANCHOR_MS + 108000);
    overlay_entry_finish(&entry);
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    assert_int_equal(overlay_air(shop->overlay, MS(5000), MS(5334), false, markers), 1);
    char *text = text_of(&markers[0]);
    assert_non_null(strstr(text, "\"w\":1795334505000,"));
    assert_non_null(strstr(text, "\"x\":1795334508000}"));
    alloc_free(text);
    drop_markers(markers, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(show_that_was_put_back_is_the_same),
        SHOP_TEST(show_that_was_put_back_goes_on_alike),
        SHOP_TEST(revisions_and_names_go_on_behind_those_kept),
        SHOP_TEST(damaged_entries_are_refused),
        SHOP_TEST(anchor_moves_all_wall_clock_times),
    };
    return cmocka_run_group_tests_name("overlay/load", tests, NULL, NULL);
}
