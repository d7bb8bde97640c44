/* One cue as the journal and the schedule hold it.
 *
 * Ownership: create/destroy; the item's product is the business of whoever made the
 * entry: this room only looks at the texts.
 * Threads:   one at a time.
 * Time:      90 kHz ticks on the show's media axis. */
#ifndef CUE_ENTRY_H
#define CUE_ENTRY_H

#include "core/bytes.h"
#include "core/list.h"
#include "overlay/cue/item.h"

enum {
    CUE_TICKS_PER_MS = 90,
    CUE_CARD_MAX = 16, /* bytes of a card's name */
    CUE_CARDS_MAX = 4, /* cards up at once */
};

#define CUE_NEVER INT64_MAX /* an end that is not known, an expiry that there is not */

enum cue_kind { CUE_SHOW, CUE_UPD, CUE_HIDE };

struct cue_entry {
    uint64_t id; /* in order of request */
    uint32_t q;  /* place in the journal from 1 on; 0: has not aired */
    bool cancelled;
    bool follows_product; /* made because a product changed, not because a host asked */
    enum cue_kind kind;
    char card[CUE_CARD_MAX + 1];
    uint32_t revision;
    int64_t time;
    int64_t for_ms;  /* show that waits: how long the card stays; 0: until hidden */
    int64_t expires; /* show and upd: when the card goes by itself, or CUE_NEVER */
    int64_t until;   /* aired: when a later cue of the card took over, or CUE_NEVER */
    struct cue_item item;
    struct list changed; /* in overlay.changed */

    /* Cards that are up once this cue has aired, as places in the journal, the one that
     * came first in front. The journal fills it in. */
    uint32_t up[CUE_CARDS_MAX];
    uint8_t n_up;
};

struct cue_entry *cue_entry_create(enum cue_kind kind, struct bytes card);
void cue_entry_destroy(struct cue_entry *entry); /* NULL: nothing */

/* 1 to CUE_CARD_MAX characters of [A-Za-z0-9_-]: safe in a playlist's quoted string. */
bool cue_entry_is_name(struct bytes name);
bool cue_entry_is_of(const struct cue_entry *entry, const char *card);

#endif
