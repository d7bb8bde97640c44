/* Names of a show's cards and the revisions they have reached. A card's revisions grow
 * for ever: a viewer who missed a hide must not take an old cue for a new one, so names
 * of cards that are gone stay.
 *
 * Ownership: create/destroy. Threads: one at a time.
 * Limits:    those of journal and schedule: a name without a cue in them goes. */
#ifndef OVERLAY_NAMES_H
#define OVERLAY_NAMES_H

#include "overlay/overlay.h"

struct overlay_names;

struct overlay_names *overlay_names_create(void);
void overlay_names_destroy(struct overlay_names *names); /* NULL: nothing */

/* A cue of the card was made, and waits: the revision it will most likely have. */
uint32_t overlay_names_promise(struct overlay_names *names, const char *card);
/* That cue airs: its revision, which is the one promised unless a later cue of the card
 * aired before. */
uint32_t overlay_names_air(struct overlay_names *names, const char *card,
                           uint32_t promised);
/* That cue will never air. */
void overlay_names_forget(struct overlay_names *names, const char *card);
/* Both again, for a cue that was kept: revision is what it had. */
void overlay_names_restore(struct overlay_names *names, const char *card,
                           uint32_t revision, bool aired, bool cancelled);

/* c1, c2, …: the next that no card ever had. */
void overlay_names_invent(struct overlay_names *names, char ret[OVERLAY_CARD_MAX + 1]);

#endif
