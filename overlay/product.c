/* overlay_product_changed(): the shop changed a product that cards show, or will. */
#include "overlay/catalogue/product.h"
#include "overlay/airing.h"
#include "overlay/overlay.h"

enum {
    /* A shop that sells fast changes its stock many times a second; in band it is told
     * once a second at most, and seldom once half of the journal is used up. The last
     * quarter belongs to the host. */
    CHANGE_PAUSE_MS = 1000,
    CHANGE_LONG_PAUSE_MS = 10000,
    CHANGE_SELDOM_FROM = OVERLAY_JOURNAL_MAX / 2,
    CHANGE_NEVER_FROM = OVERLAY_JOURNAL_MAX / 4 * 3,
};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Shows that wait get the product as it is now. */
static void change_waiting(struct overlay *overlay, struct product *product)
{
    struct cue_item item = overlay_state_item(product);
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (!overlay_state_shows(entry, product->sku) ||
            cue_item_equal(&entry->item, &item))
            continue;
        overlay_state_set_product(entry, product);
        overlay_state_changed(overlay, entry);
    }
}

static bool has_follower(const struct overlay *overlay, const char *card)
{
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        const struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (entry->follows_product && cue_entry_is_of(entry, card))
            return true;
    }
    return false;
}

static void change_card(struct overlay *overlay, const struct cue_entry *card,
                        struct product *product, const struct overlay_clock *clock)
{
    size_t n = cue_journal_count(&overlay->journal);
    if (n >= CHANGE_NEVER_FROM || has_follower(overlay, card->card))
        return;
    int64_t pause_ms = n < CHANGE_SELDOM_FROM ? CHANGE_PAUSE_MS : CHANGE_LONG_PAUSE_MS;
    int64_t now = overlay_airing_now(overlay, clock);
    int64_t time = card->kind == CUE_UPD
                       ? larger(now, card->time + pause_ms * CUE_TICKS_PER_MS)
                       : now;
    bool airs = clock->live && time == now;
    if (!airs && cue_schedule_is_full(&overlay->schedule))
        return;
    struct cue_entry *entry = overlay_state_make(overlay, CUE_UPD, card->card, product);
    entry->follows_product = true;
    if (airs)
        (void)overlay_airing_put(overlay, entry, time);
    else
        overlay_airing_wait(overlay, entry, time);
}

void overlay_product_changed(struct overlay *overlay, struct product *product,
                             struct overlay_clock clock)
{
    if (clock.live)
        overlay_airing_until(overlay, overlay_airing_now(overlay, &clock),
                             clock.open_time);
    change_waiting(overlay, product);
    struct cue_item item = overlay_state_item(product);
    struct cue_board board = cue_journal_latest(&overlay->journal);
    for (size_t i = 0; i < board.n; i++)
        if (overlay_state_shows(board.cards[i], product->sku) &&
            !cue_item_equal(&board.cards[i]->item, &item))
            change_card(overlay, board.cards[i], product, &clock);
}
