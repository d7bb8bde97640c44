/* What a card shows, as cues tell it. */
#ifndef CUE_ITEM_H
#define CUE_ITEM_H

#include "core/bytes.h"

struct builder;
struct product;

#define CUE_ITEM_NONE INT64_MIN /* a number that is not shown */

/* The texts live as long as the product behind them. */
struct cue_item {
    struct product *product; /* NULL: no item. Opaque here */
    const char *sku;
    const char *title;
    const char *url;
    const char *image; /* NULL: none */
    const char *currency;
    int64_t price_minor;
    int64_t list_price_minor; /* CUE_ITEM_NONE: none */
    int64_t stock;            /* CUE_ITEM_NONE: not shown */
};

/* How much of an item is written. A player that misses something knows the item by its
 * sku from the show's list of products. */
enum cue_item_detail {
    CUE_ITEM_FULL,
    CUE_ITEM_NO_IMAGE,
    CUE_ITEM_NO_LINKS, /* neither image nor url */
    CUE_ITEM_SKU,      /* the sku alone */
};

/* The same on the screen, whatever the products behind them. Not of "no item". */
bool cue_item_equal(const struct cue_item *a, const struct cue_item *b);

/* {"i":…,"t":…,"u":…,"m":…,"a":…,"l":…,"y":…,"n":…}: "p" of a cue. */
void cue_item_put(struct builder *out, const struct cue_item *item,
                  enum cue_item_detail detail);

#endif
