/* What was called and has not been worked off: packets, beginnings, ticks and the end, in their
 * order. The work itself is done when events are pulled.
 *
 * Ownership: init by zeroes, finish; holds what the arrivals hold.
 * Limits:    INBOX_MAX; callers pull after each call, so there is one as a rule. */
#ifndef INBOX_H
#define INBOX_H

#include "packager/rendition.h"

enum { INBOX_MAX = 4096 };

enum arrival_type {
    ARRIVAL_PACKET,
    ARRIVAL_BEGIN,
    ARRIVAL_RESUME,
    ARRIVAL_TICK,
    ARRIVAL_END
};

struct arrival {
    enum arrival_type type;
    int64_t now_ms;
    struct packet packet;          /* ARRIVAL_PACKET */
    struct rendition_media *media; /* ARRIVAL_BEGIN: RENDITIONS_MAX of them, by id */
};

struct inbox {
    /* private */
    struct arrival *arrivals;
    size_t first, n, cap;
};

void packager_inbox_finish(struct inbox *inbox);
bool packager_inbox_is_full(const struct inbox *inbox); /* for packets */
/* Takes what the arrival holds. */
void packager_inbox_put(struct inbox *inbox, const struct arrival *arrival);
struct arrival *packager_inbox_peek(struct inbox *inbox); /* NULL: empty */
/* Removes the front one, whose contents were taken. */
void packager_inbox_drop(struct inbox *inbox);
/* Gives back what an arrival holds. */
void packager_inbox_discard(struct arrival *arrival);

#endif
