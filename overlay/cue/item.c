#include "overlay/cue/item.h"

#include <inttypes.h>
#include <string.h>

#include "core/builder.h"
#include "core/json.h"

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool cue_item_equal(const struct cue_item *a, const struct cue_item *b)
{
    return same_text(a->sku, b->sku) && same_text(a->title, b->title) &&
           same_text(a->url, b->url) && same_text(a->image, b->image) &&
           same_text(a->currency, b->currency) && a->price_minor == b->price_minor &&
           a->list_price_minor == b->list_price_minor && a->stock == b->stock;
}

static void put_text(struct builder *out, const char *name, const char *text)
{
    builder_printf(out, ",\"%s\":", name);
    json_put_text(out, text);
}

static void put_number(struct builder *out, const char *name, int64_t number)
{
    builder_printf(out, ",\"%s\":%" PRId64, name, number);
}

void cue_item_put(struct builder *out, const struct cue_item *item,
                  enum cue_item_detail detail)
{
    builder_text(out, "{\"i\":");
    json_put_text(out, item->sku);
    if (detail < CUE_ITEM_SKU) {
        put_text(out, "t", item->title);
        if (detail < CUE_ITEM_NO_LINKS)
            put_text(out, "u", item->url);
        if (detail < CUE_ITEM_NO_IMAGE && item->image)
            put_text(out, "m", item->image);
        put_number(out, "a", item->price_minor);
        if (item->list_price_minor != CUE_ITEM_NONE)
            put_number(out, "l", item->list_price_minor);
        put_text(out, "y", item->currency);
        if (item->stock != CUE_ITEM_NONE)
            put_number(out, "n", item->stock);
    }
    builder_text(out, "}");
}
