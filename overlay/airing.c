#include "overlay/airing.h"

#include "overlay/names.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What is up must be able to go at any time: those places are kept. A show may need one
 * more, for the card that makes room for it. */
bool overlay_airing_has_room(const struct overlay *overlay, enum cue_kind kind)
{
    size_t needed = kind == CUE_HIDE   ? 1
                    : kind == CUE_SHOW ? 2 + CUE_CARDS_MAX
                                       : 1 + CUE_CARDS_MAX;
    return cue_journal_count(&overlay->journal) + needed <= OVERLAY_JOURNAL_MAX;
}

static void put_in_journal(struct overlay *overlay, struct cue_entry *entry,
                           int64_t time)
{
    entry->time = time;
    if (entry->for_ms > 0)
        entry->expires = (time / CUE_TICKS_PER_MS + entry->for_ms) * CUE_TICKS_PER_MS;
    entry->revision = overlay_names_air(overlay->names, entry->card, entry->revision);
    cue_journal_add(&overlay->journal, entry);
    overlay_state_changed(overlay, entry);
}

/* A change of the product that waits for a card has no meaning once the card was shown
 * anew or went. */
static void cancel_followers(struct overlay *overlay, const char *card)
{
    size_t i = 0;
    while (i < cue_schedule_count(&overlay->schedule)) {
        struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (entry->follows_product && cue_entry_is_of(entry, card)) {
            cue_schedule_remove(&overlay->schedule, entry);
            overlay_state_cancel(overlay, entry);
        } else {
            i++;
        }
    }
}

static void hide(struct overlay *overlay, const struct cue_entry *card, int64_t time)
{
    struct cue_entry *entry = overlay_state_make(overlay, CUE_HIDE, card->card, NULL);
    (void)overlay_airing_put(overlay, entry, time);
}

static void inherit(struct cue_entry *entry, const struct cue_entry *card)
{
    entry->expires = card->expires;
    if (!entry->item.product)
        overlay_state_set_product(entry, card->item.product);
}

bool overlay_airing_put(struct overlay *overlay, struct cue_entry *entry, int64_t time)
{
    struct cue_board board = cue_journal_latest(&overlay->journal);
    const struct cue_entry *card = cue_journal_find(&board, entry->card);
    if (!overlay_airing_has_room(overlay, entry->kind) ||
        (entry->kind != CUE_SHOW && !card)) {
        overlay_state_cancel(overlay, entry);
        return false;
    }
    if (entry->kind != CUE_UPD)
        cancel_followers(overlay, entry->card);
    else
        inherit(entry, card);
    if (entry->kind == CUE_SHOW && !card && board.n == CUE_CARDS_MAX)
        hide(overlay, board.cards[0], time);
    put_in_journal(overlay, entry, time);
    return true;
}

static struct cue_entry *first_to_expire(const struct overlay *overlay)
{
    struct cue_board board = cue_journal_latest(&overlay->journal);
    struct cue_entry *first = NULL;
    for (size_t i = 0; i < board.n; i++)
        if (!first || board.cards[i]->expires < first->expires)
            first = board.cards[i];
    return first && first->expires != CUE_NEVER ? first : NULL;
}

/* One step; false: nothing is due. */
static bool air_next(struct overlay *overlay, int64_t limit, int64_t floor)
{
    const struct cue_entry *expiring = first_to_expire(overlay);
    struct cue_entry *waiting = cue_schedule_first(&overlay->schedule);
    int64_t earliest = larger(floor, cue_journal_last_time(&overlay->journal));
    if (expiring && expiring->expires <= limit &&
        (!waiting || expiring->expires <= waiting->time)) {
        if (!overlay_airing_has_room(overlay, CUE_HIDE))
            return false;
        hide(overlay, expiring, larger(expiring->expires, earliest));
        return true;
    }
    if (!waiting || waiting->time > limit)
        return false;
    cue_schedule_remove(&overlay->schedule, waiting);
    (void)overlay_airing_put(overlay, waiting, larger(waiting->time, earliest));
    return true;
}

void overlay_airing_until(struct overlay *overlay, int64_t limit, int64_t floor)
{
    while (air_next(overlay, limit, floor))
        ;
}

int64_t overlay_airing_now(const struct overlay *overlay,
                           const struct overlay_clock *clock)
{
    return larger(clock->newest_time,
                  larger(clock->open_time, cue_journal_last_time(&overlay->journal)));
}

bool overlay_airing_is_up(const struct overlay *overlay, const char *card)
{
    struct cue_board board = cue_journal_latest(&overlay->journal);
    return cue_journal_find(&board, card) != NULL;
}

void overlay_airing_wait(struct overlay *overlay, struct cue_entry *entry, int64_t time)
{
    entry->time = time;
    if (entry->for_ms > 0)
        entry->expires = (time / CUE_TICKS_PER_MS + entry->for_ms) * CUE_TICKS_PER_MS;
    cue_schedule_add(&overlay->schedule, entry);
    overlay_state_changed(overlay, entry);
}
