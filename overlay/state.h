/* What the files of the overlay's front door share; nobody else includes it. */
#ifndef OVERLAY_STATE_H
#define OVERLAY_STATE_H

#include "core/list.h"
#include "overlay/cue/journal.h"
#include "overlay/cue/schedule.h"
#include "overlay/cue/text.h"
#include "overlay/overlay.h"

struct overlay {
    char token[OVERLAY_TOKEN_MAX + 1];
    struct cue_text_show text; /* points to token */
    uint64_t last_id;
    struct overlay_names *names;
    struct cue_journal journal;
    struct cue_schedule schedule;
    size_t n_marked;     /* cues of the journal that have gone out as markers */
    struct list changed; /* of cue_entry.changed: to be announced; those of the journal
                            in order of q */
};

/* The product as a cue shows it; borrows from it. NULL gives no item. */
struct cue_item overlay_state_item(struct product *product);
/* A new cue with the next id; takes a reference to the product, which may be NULL. The
 * card gets a revision promised. */
struct cue_entry *overlay_state_make(struct overlay *overlay, enum cue_kind kind,
                                     const char *card, struct product *product);
/* Gives the item another product, which may be NULL. */
void overlay_state_set_product(struct cue_entry *entry, struct product *product);
/* The reference as well. */
void overlay_state_destroy(struct cue_entry *entry);
/* To be announced, behind everything that is. */
void overlay_state_changed(struct overlay *overlay, struct cue_entry *entry);
/* A cue that is neither in the schedule nor in the journal will never air: it lives until
 * it has been announced. */
void overlay_state_cancel(struct overlay *overlay, struct cue_entry *entry);
struct overlay_entry overlay_state_entry(const struct overlay *overlay,
                                         const struct cue_entry *entry);
/* wanted: the time that was asked for. */
struct overlay_result overlay_state_result(const struct cue_entry *entry,
                                           int64_t wanted);
bool overlay_state_shows(const struct cue_entry *entry, const char *sku);

#endif
