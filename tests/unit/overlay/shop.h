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

#endif
