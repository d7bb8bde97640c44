/* overlay_print_*(): state and journal as text for the HTTP interface. */
#include <string.h>

#include "core/builder.h"
#include "overlay/overlay.h"
#include "overlay/state.h"

enum { PRINT_JOURNAL_MAX = 500 }; /* cues of one answer: below half a megabyte */

void overlay_print_state(const struct overlay *overlay, int64_t time,
                         struct builder *out)
{
    uint32_t q;
    struct cue_board board = cue_journal_state(&overlay->journal, time, &q);
    builder_text(out, ",");
    cue_text_state(out, &overlay->text, &board, q);
}

void overlay_print_journal(const struct overlay *overlay, uint32_t since,
                           struct builder *out)
{
    size_t first = cue_journal_until_q(&overlay->journal, since);
    size_t n = cue_journal_count(&overlay->journal) - first;
    if (n > PRINT_JOURNAL_MAX)
        n = PRINT_JOURNAL_MAX;
    builder_text(out, "[");
    for (size_t i = 0; i < n; i++) {
        builder_text(out, i ? "," : "");
        cue_text_event(out, &overlay->text,
                       cue_journal_at(&overlay->journal, first + i));
    }
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        builder_text(out, n + i ? "," : "");
        cue_text_event(out, &overlay->text, cue_schedule_at(&overlay->schedule, i));
    }
    builder_text(out, "]");
}

void overlay_print_entry(const struct overlay *overlay,
                         const struct overlay_entry *entry, struct builder *out)
{
    struct cue_entry cue = {
        .kind = (enum cue_kind)entry->kind,
        .q = entry->q,
        .revision = entry->revision,
        .time = entry->time,
        .expires = CUE_NEVER,
        .item = overlay_state_item(entry->product),
    };
    memcpy(cue.card, entry->card, sizeof cue.card);
    if (entry->expires_ms != 0)
        cue.expires = (entry->expires_ms - overlay->text.anchor_ms) * CUE_TICKS_PER_MS;
    cue_text_event(out, &overlay->text, &cue);
}

void overlay_print_product(struct product *product, struct builder *out)
{
    struct cue_item item = overlay_state_item(product);
    cue_item_put(out, &item, CUE_ITEM_FULL);
}
