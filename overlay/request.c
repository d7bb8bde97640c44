/* overlay_request(): what a host wants, turned into a cue. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "overlay/airing.h"
#include "overlay/catalogue/product.h"
#include "overlay/names.h"
#include "overlay/overlay.h"
#include "overlay/state.h"

static const int64_t FOR_MAX_MS = 86400000; /* a day: the longest show */
/* Thirty days of media; times in ms stay exact in every JSON reader. */
static const int64_t TIME_MAX = 30 * 86400000LL * CUE_TICKS_PER_MS;

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int check_request(const struct overlay_request *request,
                         const struct overlay_clock *clock, struct err *err)
{
    if (request->card && !cue_entry_is_name(bytes_text(request->card)))
        return err_set(err, ERR_INVALID,
                       "c: must be 1 to %d letters, digits, dashes or underscores",
                       OVERLAY_CARD_MAX);
    if (request->kind == OVERLAY_SHOW && !request->product)
        return err_set(err, ERR_INVALID, "sku: a card needs a product to show");
    if (request->kind != OVERLAY_SHOW && !request->card && !request->product)
        return err_set(err, ERR_INVALID, "c: is missing; which card is meant?");
    if (request->for_ms < 0 || request->for_ms > FOR_MAX_MS)
        return err_set(err, ERR_INVALID, "for_ms: must be 0 (until hidden) to %" PRId64,
                       FOR_MAX_MS);
    if (request->for_ms > 0 && request->kind != OVERLAY_SHOW)
        return err_set(err, ERR_INVALID, "for_ms: belongs to a show cue");
    if (!request->now && (request->time < 0 || request->time > TIME_MAX))
        return err_set(err, ERR_INVALID,
                       "at: must lie within thirty days from the start of the show");
    if (request->now && !clock->live)
        return err_set(err, ERR_CONFLICT,
                       "The show is not live yet: nobody could see the card. Schedule "
                       "it, or go live first.");
    return 0;
}

/* The card that carries a product: one that is up, or one that will be. */
static const struct cue_entry *find_carrier(const struct overlay *overlay,
                                            const char *sku)
{
    struct cue_board board = cue_journal_latest(&overlay->journal);
    for (size_t i = board.n; i > 0; i--)
        if (overlay_state_shows(board.cards[i - 1], sku))
            return board.cards[i - 1];
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        const struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (entry->kind == CUE_SHOW && overlay_state_shows(entry, sku))
            return entry;
    }
    return NULL;
}

/* The card that is meant; empty: none yet. */
static void find_card(const struct overlay *overlay,
                      const struct overlay_request *request,
                      char ret[OVERLAY_CARD_MAX + 1])
{
    const struct cue_entry *carrier =
        request->card ? NULL : find_carrier(overlay, request->product->sku);
    const char *card = request->card ? request->card : carrier ? carrier->card : "";
    (void)snprintf(ret, OVERLAY_CARD_MAX + 1, "%s", card);
}

static bool will_be_up(const struct overlay *overlay, const char *card, int64_t time)
{
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        const struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (entry->kind == CUE_SHOW && entry->time <= time &&
            cue_entry_is_of(entry, card))
            return true;
    }
    return false;
}

/* Does it make sense, and is there room? */
static int check_state(const struct overlay *overlay,
                       const struct overlay_request *request, const char *card,
                       bool airs, struct err *err)
{
    if (request->kind != OVERLAY_SHOW && !overlay_airing_is_up(overlay, card) &&
        (airs || !will_be_up(overlay, card, request->time)))
        return card[0] ? err_set(err, ERR_NOT_FOUND, "There is no card %s.", card)
                       : err_set(err, ERR_NOT_FOUND, "No card shows this product.");
    if (!airs && cue_schedule_is_full(&overlay->schedule))
        return err_set(err, ERR_LIMIT,
                       "%d cues wait already: hide or cancel some before you schedule "
                       "more.",
                       OVERLAY_SCHEDULED_MAX);
    if (!overlay_airing_has_room(overlay, (enum cue_kind)request->kind))
        return err_set(err, ERR_LIMIT, "This show has used up its %d cues.",
                       OVERLAY_JOURNAL_MAX);
    return 0;
}

int overlay_request(struct overlay *overlay, const struct overlay_request *request,
                    struct overlay_clock clock, struct overlay_result *ret,
                    struct err *err)
{
    int failed = check_request(request, &clock, err);
    if (failed)
        return failed;
    int64_t now = overlay_airing_now(overlay, &clock);
    bool airs = request->now || (clock.live && request->time <= now);
    int64_t time = request->now ? now : request->time;
    if (airs) {
        int64_t earliest =
            larger(clock.open_time, cue_journal_last_time(&overlay->journal));
        time = larger(time, earliest);
        overlay_airing_until(overlay, time, clock.open_time);
    }
    char card[OVERLAY_CARD_MAX + 1];
    find_card(overlay, request, card);
    failed = check_state(overlay, request, card, airs, err);
    if (failed)
        return failed;
    if (card[0] == '\0')
        overlay_names_invent(overlay->names, card);
    struct cue_entry *entry =
        overlay_state_make(overlay, (enum cue_kind)request->kind, card,
                           request->kind == OVERLAY_HIDE ? NULL : request->product);
    entry->for_ms = request->for_ms;
    if (airs)
        (void)overlay_airing_put(overlay, entry, time);
    else
        overlay_airing_wait(overlay, entry, time);
    *ret = overlay_state_result(entry, request->now ? time : request->time);
    return 0;
}
