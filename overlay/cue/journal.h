/* Every cue that aired, in order of q, which is the order of media time. With each cue it
 * keeps which cards are up behind it, so the state at any time is one binary search.
 *
 * This is the reducer of docs/CUES.md, seen from the side that numbers the cues: q, time
 * and the revisions of a card only grow, so every cue applies.
 *   show  puts the card in front of all others, whether it was up or not
 *   upd   changes a card that is up where it stands
 *   hide  takes it down
 * An expiry is not an event of the journal: a card that has expired at the time asked for
 * is left out of the answer.
 *
 * Ownership: holds entries, owns none. Threads: one at a time.
 * Limits:    the caller's, on the number of entries. */
#ifndef CUE_JOURNAL_H
#define CUE_JOURNAL_H

#include "overlay/cue/entry.h"

struct cue_journal {
    /* private */
    struct cue_entry **entries;
    size_t n;
    size_t cap;
};

/* Cards that are up, the newest shown last; each by the cue that made it what it is. */
struct cue_board {
    size_t n;
    struct cue_entry *cards[CUE_CARDS_MAX];
};

void cue_journal_init(struct cue_journal *journal);
void cue_journal_finish(struct cue_journal *journal);

/* Appends: gives the entry the next q. Its time must not lie before the last one. A show
 * needs a free place: hide a card first when CUE_CARDS_MAX are up. */
void cue_journal_add(struct cue_journal *journal, struct cue_entry *entry);
/* Puts an entry that has its q where it belongs. False, and nothing is changed, when that
 * q is taken or its time contradicts its neighbours'. */
bool cue_journal_restore(struct cue_journal *journal, struct cue_entry *entry);

size_t cue_journal_count(const struct cue_journal *journal);
struct cue_entry *cue_journal_at(const struct cue_journal *journal, size_t index);
/* How many of the first entries lie at or before a time; have a q at or below. */
size_t cue_journal_until(const struct cue_journal *journal, int64_t time);
size_t cue_journal_until_q(const struct cue_journal *journal, uint32_t q);

/* State after all entries: expired cards included. */
struct cue_board cue_journal_latest(const struct cue_journal *journal);
/* State at a time: without what has expired by then. ret_q: last cue in it, or 0. */
struct cue_board cue_journal_state(const struct cue_journal *journal, int64_t time,
                                   uint32_t *ret_q);
/* NULL: the card is not up. */
struct cue_entry *cue_journal_find(const struct cue_board *board, const char *card);

uint32_t cue_journal_last_q(const struct cue_journal *journal);   /* 0: empty */
int64_t cue_journal_last_time(const struct cue_journal *journal); /* 0: empty */

#endif
