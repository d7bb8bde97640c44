/* A show in which everything happens that can: hosts show, change, hide and plan, shops
 * change prices, publishers go and come back. The same seed gives the same show. */
#ifndef OVERLAY_RANDOM_SHOW_H
#define OVERLAY_RANDOM_SHOW_H

#include <limits.h>

#include "tests/unit/overlay/shop.h"

enum {
    RANDOM_PRODUCTS = 6,
    RANDOM_PART = 30000,
    RANDOM_PARTS = 400,
    RANDOM_HEARD_MAX = 8192,
    RANDOM_KEPT_MAX = 8192,
};

/* A marker as a player gets it. */
struct heard {
    int64_t time;
    char *text;
};

struct random_show {
    uint64_t dice;
    struct overlay *overlay;
    struct product *products[RANDOM_PRODUCTS];
    struct overlay_clock clock;
    struct heard heard[RANDOM_HEARD_MAX];
    size_t n_heard;
    struct overlay_entry kept[RANDOM_KEPT_MAX]; /* by id, as a store has them */
    size_t n_kept;
};

/* xorshift64*; 0 to n - 1. */
static inline uint32_t roll(struct random_show *show, uint32_t n)
{
    show->dice ^= show->dice >> 12;
    show->dice ^= show->dice << 25;
    show->dice ^= show->dice >> 27;
    return (uint32_t)((show->dice * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static inline void random_price(struct random_show *show, size_t i)
{
    char sku[8];
    (void)snprintf(sku, sizeof sku, "P%zu", i);
    catalogue_product_unref(show->products[i]);
    show->products[i] = simple_product(sku, (int)roll(show, 4) * 500);
}

static inline struct random_show *random_show_create(uint64_t seed)
{
    struct random_show *show = alloc_zero(sizeof *show);
    show->dice = seed * 0x9e3779b97f4a7c15ULL + 1;
    show->overlay = overlay_create("7Qm2", ANCHOR_MS);
    for (size_t i = 0; i < RANDOM_PRODUCTS; i++)
        random_price(show, i);
    return show;
}

static inline void random_show_destroy(struct random_show *show)
{
    overlay_destroy(show->overlay);
    for (size_t i = 0; i < RANDOM_PRODUCTS; i++)
        catalogue_product_unref(show->products[i]);
    for (size_t i = 0; i < show->n_heard; i++)
        alloc_free(show->heard[i].text);
    for (size_t i = 0; i < show->n_kept; i++)
        overlay_entry_finish(&show->kept[i]);
    alloc_free(show);
}

static inline void random_request(struct random_show *show)
{
    static const char *const cards[] = {"c1", "c2", "c3", "x", "y", "z"};
    struct overlay_request request = {
        .kind = (enum overlay_kind)roll(show, 3),
        .card = roll(show, 2) ? cards[roll(show, 6)] : NULL,
        .product = roll(show, 5) ? show->products[roll(show, RANDOM_PRODUCTS)] : NULL,
        .now = roll(show, 2),
        .time = show->clock.newest_time + (int64_t)roll(show, 900000) - 200000,
    };
    if (request.kind == OVERLAY_SHOW && roll(show, 3) == 0)
        request.for_ms = roll(show, 4000);
    struct overlay_result result;
    (void)overlay_request(show->overlay, &request, show->clock, &result, NULL);
}

/* What a store does with what the overlay announces. */
static inline void random_keep(struct random_show *show)
{
    struct overlay_entry entry;
    while (overlay_next(show->overlay, &entry)) {
        assert_in_range(entry.id, 1, RANDOM_KEPT_MAX);
        if (entry.id > show->n_kept)
            show->n_kept = entry.id;
        overlay_entry_finish(&show->kept[entry.id - 1]);
        show->kept[entry.id - 1] = entry;
    }
}

static inline void random_part(struct random_show *show, int64_t start)
{
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    size_t n = overlay_air(show->overlay, start, start + RANDOM_PART,
                           roll(show, 6) == 0, markers);
    for (size_t i = 0; i < n; i++) {
        assert_in_range(markers[i].time, start, start + RANDOM_PART - 1);
        assert_true(show->n_heard < RANDOM_HEARD_MAX);
        show->heard[show->n_heard++] =
            (struct heard){markers[i].time, text_of(&markers[i])};
    }
    drop_markers(markers, n);
}

static inline void random_event(struct random_show *show)
{
    static const char *const cards[] = {"c1", "c2", "x", "y"};
    struct overlay_result result;
    size_t i = roll(show, RANDOM_PRODUCTS);
    switch (roll(show, 10)) {
    case 0:
        (void)overlay_remove(show->overlay, cards[roll(show, 4)], show->clock, &result,
                             NULL);
        break;
    case 1:
    case 2:
        random_price(show, i);
        overlay_product_changed(show->overlay, show->products[i], show->clock);
        break;
    default:
        random_request(show);
    }
    if (roll(show, 2))
        random_keep(show);
}

static inline void random_advance(struct random_show *show)
{
    random_part(show, show->clock.open_time);
    show->clock.open_time += RANDOM_PART;
}

/* The publisher goes, and all media that came in has its part; then it comes back. */
static inline void random_hole(struct random_show *show)
{
    while (show->clock.open_time <= show->clock.newest_time)
        random_advance(show);
    show->clock.live = false;
    for (uint32_t n = roll(show, 4); n > 0; n--)
        random_event(show);
    show->clock.live = true;
    show->clock.open_time += (int64_t)roll(show, 10) * RANDOM_PART;
    show->clock.newest_time = show->clock.open_time;
}

/* One part of media and what people do meanwhile. */
static inline void random_step(struct random_show *show)
{
    if (roll(show, 20) == 0)
        random_hole(show);
    show->clock.live = true;
    for (uint32_t n = roll(show, 4); n > 0; n--) {
        show->clock.newest_time += roll(show, 9000);
        random_event(show);
    }
    random_advance(show);
    if (show->clock.newest_time < show->clock.open_time)
        show->clock.newest_time = show->clock.open_time;
}

#endif
