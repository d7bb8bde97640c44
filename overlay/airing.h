/* How cues get into the journal: in order of media time, cards that expire and cards that
 * have to make room included. */
#ifndef OVERLAY_AIRING_H
#define OVERLAY_AIRING_H

#include "overlay/state.h"

/* Airs everything that waits or expires at or before limit; what is late gets the time
 * floor. */
void overlay_airing_until(struct overlay *overlay, int64_t limit, int64_t floor);
/* Airs this cue at a time, behind everything that was to air before it. The cue is in no
 * list. False: it had become pointless (its card is not up, the journal is full), and was
 * cancelled. */
bool overlay_airing_put(struct overlay *overlay, struct cue_entry *entry, int64_t time);
/* Is there room in the journal for a cue of this kind? Hiding what is up always fits. */
bool overlay_airing_has_room(const struct overlay *overlay, enum cue_kind kind);

/* The earliest time that a cue made now may have. */
int64_t overlay_airing_now(const struct overlay *overlay,
                           const struct overlay_clock *clock);
bool overlay_airing_is_up(const struct overlay *overlay, const char *card);
/* The cue waits until time. Not when the schedule is full. */
void overlay_airing_wait(struct overlay *overlay, struct cue_entry *entry,
                         int64_t time);

#endif
