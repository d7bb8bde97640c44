#include "tests/unit/overlay/shop.h"

struct ranges {
    struct overlay_range list[OVERLAY_RANGES_MAX];
    size_t n;
};

static struct ranges ranges_from(const struct overlay *overlay, int64_t from_ms)
{
    struct ranges ranges = {.n = 0};
    ranges.n = overlay_ranges(overlay, MS(from_ms), ranges.list);
    return ranges;
}

static void finish(struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->n; i++) {
        buf_unref(ranges->list[i].line);
        buf_unref(ranges->list[i].line_closed);
    }
}

static bool starts_with(struct buf *line, const char *start)
{
    return bytes_has_prefix(buf_bytes(line), start);
}

static void card_that_is_up_is_an_open_range(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    struct ranges ranges = ranges_from(shop->overlay, 500000);
    assert_int_equal(ranges.n, 1);
    assert_int_equal(ranges.list[0].start, MS(1000));
    assert_true(ranges.list[0].end == OVERLAY_OPEN);
    assert_null(ranges.list[0].line_closed);
    assert_true(starts_with(
        ranges.list[0].line,
        "#EXT-X-DATERANGE:ID=\"7Qm2-c1-1\",CLASS=\"live.vitrine.card\",START-DATE="
        "\"2026-"
        "11-22T08:00:01.000Z\",X-LIVE-VITRINE-CUE=\"eyJ2IjoxLCJrIjoic2hvdyIs"));
    finish(&ranges);
}

static void next_revision_closes_the_range(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(show_now(shop, shop->lipstick, 2000), 0);
    assert_int_equal(hide_now(shop, "c1", 3000), 0);
    struct ranges ranges = ranges_from(shop->overlay, 0);
    assert_int_equal(ranges.n, 2);
    assert_int_equal(ranges.list[0].end, MS(2000));
    assert_true(starts_with(ranges.list[0].line_closed,
                            "#EXT-X-DATERANGE:ID=\"7Qm2-c1-1\",CLASS=\"live.vitrine."
                            "card\",START-DATE=\"2026-11-22T08:00:01.000Z\",END-DATE="
                            "\"2026-11-22T08:00:02.000Z\",X-LIVE-VITRINE-CUE=\""));
    assert_int_equal(ranges.list[1].start, MS(2000));
    assert_int_equal(ranges.list[1].end, MS(3000));
    assert_true(
        starts_with(ranges.list[1].line_closed, "#EXT-X-DATERANGE:ID=\"7Qm2-c1-2\","));
    finish(&ranges);
}

static void ranges_before_the_window_are_left_out(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(hide_now(shop, "c1", 3000), 0);
    struct ranges ranges = ranges_from(shop->overlay, 2999);
    assert_int_equal(ranges.n, 1);
    finish(&ranges);
    ranges = ranges_from(shop->overlay, 3000);
    assert_int_equal(ranges.n, 0);
}

static void range_without_length_is_left_out(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->lipstick, 1000), 0);
    assert_int_equal(hide_now(shop, "c1", 1000), 0);
    struct overlay_request request = {OVERLAY_SHOW, .product = shop->bag, .now = true};
    struct overlay_clock clock = {true, 0, MS(2000)};
    assert_int_equal(
        overlay_request(shop->overlay, &request, clock, &shop->result, &shop->err), 0);
    clock.newest_time += 89; /* less than a millisecond */
    assert_int_equal(overlay_remove(shop->overlay, "c2", clock, &shop->result, NULL),
                     0);
    struct ranges ranges = ranges_from(shop->overlay, 0);
    assert_int_equal(ranges.n, 0);
}

static void open_ranges_stay_when_others_are_many(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(show_now(shop, shop->bag, 500), 0);
    for (int64_t i = 1; i <= 20; i++)
        assert_int_equal(show_now(shop, shop->lipstick, 1000 * i), 0);
    struct ranges ranges = ranges_from(shop->overlay, 0);
    assert_int_equal(ranges.n, OVERLAY_RANGES_MAX);
    assert_int_equal(ranges.list[0].start, MS(500));
    assert_true(ranges.list[0].end == OVERLAY_OPEN);
    for (size_t i = 1; i < OVERLAY_RANGES_MAX; i++)
        assert_int_equal(ranges.list[i].start, MS(1000 * (13 + (int64_t)i)));
    assert_true(ranges.list[OVERLAY_RANGES_MAX - 1].end == OVERLAY_OPEN);
    finish(&ranges);
}

/* Four cards of the longest product there is. */
static void all_lines_stay_within_six_kilobytes(void **state)
{
    struct shop *shop = *state;
    struct builder json;
    builder_init(&json, PRODUCT_BODY_MAX);
    builder_text(&json, "{\"title\":\"");
    for (int i = 0; i < PRODUCT_TITLE_MAX; i++)
        builder_text(&json, "\xf0\x9f\x92\x84");
    builder_printf(&json,
                   "\",\"url\":\"/%0199d\",\"image\":\"/%0199d\",\"price_minor\":"
                   "1000000000000,\"list_price_minor\":1000000000000,\"stock\":"
                   "1000000000,\"currency\":\"EUR\"}",
                   0, 0);
    char sku[PRODUCT_SKU_MAX + 1];
    memset(sku, 'S', PRODUCT_SKU_MAX);
    sku[PRODUCT_SKU_MAX] = '\0';
    char *text = printed(&json);
    struct product *product = product_of(sku, text);
    alloc_free(text);
    for (int i = 0; i < 3 * OVERLAY_CARDS_MAX; i++) {
        char card[OVERLAY_CARD_MAX + 1];
        (void)snprintf(card, sizeof card, "card-with-name-%c", 'a' + i);
        struct overlay_request request = {OVERLAY_SHOW, .card = card,
                                          .product = product, .now = true};
        assert_int_equal(overlay_request(shop->overlay, &request,
                                         live_at(0, 1000 * (int64_t)i), &shop->result,
                                         &shop->err),
                         0);
    }
    struct ranges ranges = ranges_from(shop->overlay, 0);
    size_t size = 0;
    size_t n_open = 0;
    for (size_t i = 0; i < ranges.n; i++) {
        struct overlay_range *range = &ranges.list[i];
        size +=
            buf_bytes(range->line_closed ? range->line_closed : range->line).len + 1;
        n_open += range->end == OVERLAY_OPEN;
    }
    assert_int_equal(n_open, OVERLAY_CARDS_MAX);
    assert_in_range(size, 4096, 6144);
    finish(&ranges);
    catalogue_product_unref(product);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(card_that_is_up_is_an_open_range),
        SHOP_TEST(next_revision_closes_the_range),
        SHOP_TEST(ranges_before_the_window_are_left_out),
        SHOP_TEST(range_without_length_is_left_out),
        SHOP_TEST(open_ranges_stay_when_others_are_many),
        SHOP_TEST(all_lines_stay_within_six_kilobytes),
    };
    return cmocka_run_group_tests_name("overlay/ranges", tests, NULL, NULL);
}
