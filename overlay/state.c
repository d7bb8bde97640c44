#include "overlay/state.h"

#include <string.h>

#include "core/require.h"
#include "overlay/catalogue/product.h"
#include "overlay/names.h"

static int64_t number_of(int64_t number, int64_t none)
{
    return number == none ? CUE_ITEM_NONE : number;
}

struct cue_item overlay_state_item(struct product *product)
{
    if (!product)
        return (struct cue_item){0};
    return (struct cue_item){
        .product = product,
        .sku = product->sku,
        .title = product->title,
        .url = product->url,
        .image = product->image,
        .currency = product->currency,
        .price_minor = product->price_minor,
        .list_price_minor = number_of(product->list_price_minor, PRODUCT_NO_PRICE),
        .stock = number_of(product->stock, PRODUCT_NO_STOCK),
    };
}

struct cue_entry *overlay_state_make(struct overlay *overlay, enum cue_kind kind,
                                     const char *card, struct product *product)
{
    struct cue_entry *entry = cue_entry_create(kind, bytes_text(card));
    entry->id = ++overlay->last_id;
    entry->revision = overlay_names_promise(overlay->names, card);
    overlay_state_set_product(entry, product);
    return entry;
}

void overlay_state_set_product(struct cue_entry *entry, struct product *product)
{
    struct product *before = entry->item.product;
    entry->item = overlay_state_item(catalogue_product_ref(product));
    catalogue_product_unref(before);
}

void overlay_state_destroy(struct cue_entry *entry)
{
    if (!entry)
        return;
    overlay_state_set_product(entry, NULL);
    cue_entry_destroy(entry);
}

void overlay_state_changed(struct overlay *overlay, struct cue_entry *entry)
{
    list_remove(&entry->changed);
    list_push(&overlay->changed, &entry->changed);
}

void overlay_state_cancel(struct overlay *overlay, struct cue_entry *entry)
{
    require(entry->q == 0);
    entry->cancelled = true;
    overlay_names_forget(overlay->names, entry->card);
    overlay_state_changed(overlay, entry);
}

struct overlay_entry overlay_state_entry(const struct overlay *overlay,
                                         const struct cue_entry *entry)
{
    struct overlay_entry out = {
        .id = entry->id,
        .q = entry->q,
        .cancelled = entry->cancelled,
        .kind = (enum overlay_kind)entry->kind,
        .revision = entry->revision,
        .time = entry->time,
        .product = entry->item.product,
    };
    memcpy(out.card, entry->card, sizeof out.card);
    if (entry->expires != CUE_NEVER)
        out.expires_ms = cue_text_wall_ms(&overlay->text, entry->expires);
    return out;
}

struct overlay_result overlay_state_result(const struct cue_entry *entry,
                                           int64_t wanted)
{
    struct overlay_result result = {
        .revision = entry->revision,
        .q = entry->q,
        .time = entry->time,
        .late_ms = (entry->time - wanted) / CUE_TICKS_PER_MS,
    };
    memcpy(result.card, entry->card, sizeof result.card);
    return result;
}

bool overlay_state_shows(const struct cue_entry *entry, const char *sku)
{
    return entry->item.product && strcmp(entry->item.sku, sku) == 0;
}
