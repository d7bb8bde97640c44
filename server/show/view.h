/* A show as every loop sees it: its state and the newest snapshots of its renditions.
 * Immutable once made. The show's owner makes a new one with each part and hands it to
 * all loops; HTTP serves from it and never touches the owner.
 *
 * Ownership: counted. Threads: ref, unref and reading from any thread. */
#ifndef SHOW_VIEW_H
#define SHOW_VIEW_H

#include "core/counter.h"
#include "core/refs.h"
#include "packager/packager.h"
#include "server/show/figures.h"

enum show_state {
    SHOW_DRAFT, /* known, nothing to sell yet */
    SHOW_READY, /* a publisher may come */
    SHOW_LIVE,  /* on air: a publisher feeds it, or is awaited */
    SHOW_ENDED, /* was live, is off the air */
};
const char *show_view_state_text(enum show_state state);

/* Numbers of one show that all loops add to. */
struct show_tally {
    struct refs refs;       /* private */
    struct counter viewers; /* open event streams, consoles left out */
};
struct show_tally *show_view_tally_create(void);
struct show_tally *show_view_tally_ref(struct show_tally *tally);
void show_view_tally_unref(struct show_tally *tally); /* NULL: nothing */

struct show_view {
    struct refs refs; /* private */
    enum show_state state;
    struct show_tally *tally;
    struct snapshot *renditions[RENDITIONS_MAX]; /* by id; NULL: none (yet) */
    struct buf *multivariant;                    /* NULL: none yet */
    struct buf *publisher;                       /* JSON of the publisher, or NULL */
    struct buf *backup;                          /* JSON of who stands by, or NULL */
    struct buf *health;                          /* JSON of the health */
    struct show_figures *figures;                /* of the publisher, or NULL */
    int64_t live_since_ms;                       /* wall clock; 0: not live */
    int64_t away_since_ms;   /* wall clock: live, but without media; 0: not so */
    int64_t rivals_until_ms; /* wall clock: other encoders are refused; 0: not so */
};

/* Fields are moved in. */
struct show_view *show_view_create(struct show_view fields);
struct show_view *show_view_ref(struct show_view *view);
void show_view_unref(struct show_view *view); /* NULL: nothing */

#endif
