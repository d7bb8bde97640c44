#include "overlay/cue/text.h"

#include <inttypes.h>

#include "core/builder.h"
#include "core/require.h"
#include "overlay/cue/item.h"

static const char *kind_text(enum cue_kind kind)
{
    switch (kind) {
    case CUE_SHOW:
        return "show";
    case CUE_UPD:
        return "upd";
    case CUE_HIDE:
        break;
    }
    return "hide";
}

int64_t cue_text_wall_ms(const struct cue_text_show *show, int64_t time)
{
    return show->anchor_ms + time / CUE_TICKS_PER_MS;
}

static void put_expiry(struct builder *out, const struct cue_text_show *show,
                       const struct cue_entry *entry)
{
    if (entry->expires != CUE_NEVER)
        builder_printf(out, ",\"x\":%" PRId64, cue_text_wall_ms(show, entry->expires));
}

static void put_item(struct builder *out, const struct cue_entry *entry,
                     enum cue_item_detail detail)
{
    if (!entry->item.product)
        return;
    builder_text(out, ",\"p\":");
    cue_item_put(out, &entry->item, detail);
}

/* A delta without its closing brace. */
static void put_delta(struct builder *out, const struct cue_text_show *show,
                      const struct cue_entry *entry, enum cue_item_detail detail)
{
    builder_printf(out, "{\"v\":1,\"k\":\"%s\",\"s\":\"%s\",", kind_text(entry->kind),
                   show->token);
    if (entry->q > 0)
        builder_printf(out, "\"q\":%" PRIu32, entry->q);
    else
        builder_text(out, "\"q\":null");
    builder_printf(out, ",\"r\":%" PRIu32 ",\"w\":%" PRId64 ",\"c\":\"%s\"",
                   entry->revision, cue_text_wall_ms(show, entry->time), entry->card);
    if (entry->kind != CUE_HIDE) {
        put_item(out, entry, detail);
        put_expiry(out, show, entry);
    }
}

/* The delta in as much detail as the limit allows, still without its brace. */
static void fit_delta(struct builder *text, const struct cue_text_show *show,
                      const struct cue_entry *entry)
{
    builder_init(text, CUE_TEXT_MAX - 1);
    enum cue_item_detail detail = CUE_ITEM_FULL;
    put_delta(text, show, entry, detail);
    while (builder_failed(text) && detail < CUE_ITEM_SKU) {
        builder_clear(text);
        put_delta(text, show, entry, ++detail);
    }
    require(!builder_failed(text));
}

void cue_text_delta(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry)
{
    struct builder text;
    fit_delta(&text, show, entry);
    builder_put(out, builder_bytes(&text));
    builder_text(out, "}");
    builder_finish(&text);
}

void cue_text_event(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry)
{
    struct builder text;
    fit_delta(&text, show, entry);
    builder_put(out, builder_bytes(&text));
    builder_printf(out, ",\"m\":%" PRId64 "}", entry->time / CUE_TICKS_PER_MS);
    builder_finish(&text);
}

static void put_snapshot(struct builder *out, const struct cue_text_show *show,
                         const struct cue_board *board, uint32_t q, int64_t time,
                         const enum cue_item_detail *details)
{
    builder_printf(out,
                   "{\"v\":1,\"k\":\"snap\",\"s\":\"%s\",\"b\":%" PRIu32
                   ",\"w\":%" PRId64 ",\"a\":[",
                   show->token, q, cue_text_wall_ms(show, time));
    for (size_t i = 0; i < board->n; i++) {
        const struct cue_entry *card = board->cards[i];
        builder_printf(out, "%s{\"c\":\"%s\",\"r\":%" PRIu32, i ? "," : "", card->card,
                       card->revision);
        put_item(out, card, details[i]);
        put_expiry(out, show, card);
        builder_text(out, "}");
    }
    builder_text(out, "]}");
}

/* One step less: first all links, of the oldest card first, then everything but names. */
static bool say_less(enum cue_item_detail *details, size_t n)
{
    const enum cue_item_detail floors[] = {CUE_ITEM_NO_LINKS, CUE_ITEM_SKU};
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < n; i++)
            if (details[i] < floors[round]) {
                details[i]++;
                return true;
            }
    return false;
}

void cue_text_snapshot(struct builder *out, const struct cue_text_show *show,
                       const struct cue_board *board, uint32_t q, int64_t time)
{
    enum cue_item_detail details[CUE_CARDS_MAX] = {CUE_ITEM_FULL};
    struct builder text;
    builder_init(&text, CUE_TEXT_MAX);
    put_snapshot(&text, show, board, q, time, details);
    while (builder_failed(&text) && say_less(details, board->n)) {
        builder_clear(&text);
        put_snapshot(&text, show, board, q, time, details);
    }
    require(!builder_failed(&text));
    builder_put(out, builder_bytes(&text));
    builder_finish(&text);
}

static void put_range(struct builder *out, const struct cue_text_show *show,
                      const struct cue_entry *entry, enum cue_item_detail detail)
{
    builder_printf(out,
                   "{\"v\":1,\"k\":\"show\",\"s\":\"%s\",\"q\":%" PRIu32
                   ",\"c\":\"%s\",\"r\":%" PRIu32,
                   show->token, entry->q, entry->card, entry->revision);
    put_item(out, entry, detail);
    builder_text(out, "}");
}

void cue_text_range(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry)
{
    struct builder text;
    builder_init(&text, CUE_TEXT_MAX);
    enum cue_item_detail detail = CUE_ITEM_FULL;
    put_range(&text, show, entry, detail);
    while (builder_failed(&text) && detail < CUE_ITEM_SKU) {
        builder_clear(&text);
        put_range(&text, show, entry, ++detail);
    }
    require(!builder_failed(&text));
    builder_put(out, builder_bytes(&text));
    builder_finish(&text);
}

void cue_text_state(struct builder *out, const struct cue_text_show *show,
                    const struct cue_board *board, uint32_t q)
{
    builder_printf(out, "\"b\":%" PRIu32 ",\"cards\":[", q);
    for (size_t i = 0; i < board->n; i++) {
        const struct cue_entry *card = board->cards[i];
        builder_printf(out, "%s{\"c\":\"%s\",\"r\":%" PRIu32 ",\"m\":%" PRId64,
                       i ? "," : "", card->card, card->revision,
                       card->time / CUE_TICKS_PER_MS);
        put_expiry(out, show, card);
        put_item(out, card, CUE_ITEM_FULL);
        builder_text(out, "}");
    }
    builder_text(out, "]");
}
