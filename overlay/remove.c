/* overlay_remove(): a card goes, and so does what was planned for it. */
#include "core/err.h"
#include "overlay/airing.h"
#include "overlay/overlay.h"

/* True when there was something; ret is of the first. */
static bool cancel_waiting(struct overlay *overlay, const char *card,
                           struct overlay_result *ret)
{
    bool found = false;
    size_t i = 0;
    while (i < cue_schedule_count(&overlay->schedule)) {
        struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (!cue_entry_is_of(entry, card)) {
            i++;
            continue;
        }
        if (!found)
            *ret = overlay_state_result(entry, entry->time);
        found = true;
        cue_schedule_remove(&overlay->schedule, entry);
        overlay_state_cancel(overlay, entry);
    }
    return found;
}

int overlay_remove(struct overlay *overlay, const char *card,
                   struct overlay_clock clock, struct overlay_result *ret,
                   struct err *err)
{
    if (!cue_entry_is_name(bytes_text(card)))
        return err_set(err, ERR_NOT_FOUND, "There is no such card.");
    int64_t now = overlay_airing_now(overlay, &clock);
    if (clock.live)
        overlay_airing_until(overlay, now, clock.open_time);
    bool cancelled = cancel_waiting(overlay, card, ret);
    if (!overlay_airing_is_up(overlay, card))
        return cancelled
                   ? 0
                   : err_set(err, ERR_NOT_FOUND,
                             "There is no card %s, neither up nor scheduled.", card);
    if (!clock.live && cue_schedule_is_full(&overlay->schedule))
        return err_set(err, ERR_LIMIT, "%d cues wait already: cancel one first.",
                       OVERLAY_SCHEDULED_MAX);
    struct cue_entry *entry = overlay_state_make(overlay, CUE_HIDE, card, NULL);
    if (clock.live)
        (void)overlay_airing_put(overlay, entry, now);
    else
        overlay_airing_wait(overlay, entry,
                            now); /* goes with the first media that comes again */
    *ret = overlay_state_result(entry, now);
    return 0;
}
