/* What the tests of the overlay's front door share: products, clocks and a look into
 * markers. */
#ifndef OVERLAY_SHOP_H
#define OVERLAY_SHOP_H

#include "overlay/catalogue/product.h"
#include "overlay/overlay.h"
#include "tests/unit/overlay/fixture.h"

#define ANCHOR_MS 1795334400000LL

static inline struct product *product_of(const char *sku, const char *json)
{
    struct product *product = NULL;
    struct err err = {0};
    if (catalogue_product_parse(bytes_text(json), bytes_text(sku), &product, &err))
        fail_msg("%s", err.text);
    return product;
}

static inline struct product *simple_product(const char *sku, int price)
{
    char json[256];
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"Lipstick %s\",\"url\":\"/p/%s\",\"price_minor\":%d,"
                   "\"currency\":\"EUR\"}",
                   sku, sku, price);
    return product_of(sku, json);
}

/* Media goes to newest_ms; markers may start at open_ms. */
static inline struct overlay_clock live_at(int64_t open_ms, int64_t newest_ms)
{
    return (struct overlay_clock){true, MS(open_ms), MS(newest_ms)};
}

/* Text of the TXXX frame in a marker's box; freed with alloc_free(). */
static inline char *text_of(const struct overlay_marker *marker)
{
    struct bytes box = buf_bytes(marker->box);
    size_t head = 32 + sizeof "https://aomedia.org/emsg/ID3" + sizeof "shop.cue.v1";
    size_t frame = 10 + 10 + 1 + sizeof "shop.cue.v1";
    assert_true(box.len > head + frame);
    return bytes_to_text(bytes_from(box, head + frame));
}

static inline char *state_of(const struct overlay *overlay, int64_t time)
{
    struct builder out;
    builder_init(&out, 65536);
    overlay_print_state(overlay, time, &out);
    return printed(&out);
}

static inline char *journal_of(const struct overlay *overlay, uint32_t since)
{
    struct builder out;
    builder_init(&out, 1 << 22);
    overlay_print_journal(overlay, since, &out);
    return printed(&out);
}

static inline void drop_markers(struct overlay_marker *markers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_unref(markers[i].box);
}

/* A show with two products. */
struct shop {
    struct overlay *overlay;
    struct product *lipstick;
    struct product *bag;
    struct overlay_result result;
    struct err err;
};

static inline int open_shop(void **state)
{
    struct shop *shop = alloc_zero(sizeof *shop);
    shop->overlay = overlay_create("7Qm2", ANCHOR_MS);
    shop->lipstick = simple_product("LIP", 2800);
    shop->bag = simple_product("BAG", 9900);
    *state = shop;
    return 0;
}

static inline int close_shop(void **state)
{
    struct shop *shop = *state;
    overlay_destroy(shop->overlay);
    catalogue_product_unref(shop->lipstick);
    catalogue_product_unref(shop->bag);
    alloc_free(shop);
    return 0;
}

static inline int show_now(struct shop *shop, struct product *product,
                           int64_t newest_ms)
{
    struct overlay_request request = {OVERLAY_SHOW, .product = product, .now = true};
    return overlay_request(shop->overlay, &request, live_at(0, newest_ms),
                           &shop->result, &shop->err);
}

static inline int show_at(struct shop *shop, struct product *product, int64_t at_ms,
                          struct overlay_clock clock)
{
    struct overlay_request request = {OVERLAY_SHOW, .product = product,
                                      .time = MS(at_ms)};
    return overlay_request(shop->overlay, &request, clock, &shop->result, &shop->err);
}

static inline int hide_now(struct shop *shop, const char *card, int64_t newest_ms)
{
    struct overlay_request request = {OVERLAY_HIDE, .card = card, .now = true};
    return overlay_request(shop->overlay, &request, live_at(0, newest_ms),
                           &shop->result, &shop->err);
}

/* Entries that were announced and are of no interest; how many. */
static inline size_t drain(struct overlay *overlay)
{
    size_t n = 0;
    struct overlay_entry entry;
    for (; overlay_next(overlay, &entry); n++)
        overlay_entry_finish(&entry);
    return n;
}

/* Names of the cards that are up at a time, and their revisions: "c1:1 c2:4". */
static inline const char *cards_at(const struct overlay *overlay, int64_t time)
{
    static char cards[256];
    char *state = state_of(overlay, time);
    size_t n = 0;
    cards[0] = '\0';
    for (const char *at = state; (at = strstr(at, "{\"c\":\"")); at++) {
        char card[32];
        unsigned revision;
        assert_int_equal(sscanf(at, "{\"c\":\"%31[^\"]\",\"r\":%u", card, &revision),
                         2);
        n += (size_t)snprintf(cards + n, sizeof cards - n, "%s%s:%u", n ? " " : "",
                              card, revision);
    }
    alloc_free(state);
    return cards;
}

#define SHOP_TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)

#endif
