/* A live show and its keys: who has one-time keys written down before they open, who notes
 * when a key was used, and how the host sends an encoder away.
 *
 * Threads: the show's loop. */
#ifndef SHOW_KEYS_H
#define SHOW_KEYS_H

#include "server/show/show.h"

struct show_passport;

/* May the holder of this passport come in? KEY_NEEDS_CLAIM: after show_keys_claim(). fed:
 * the show that it will feed; NULL: not known yet. */
enum show_key_use_verdict show_keys_check(struct show *show,
                                          const struct store_key *key,
                                          const struct show_passport *passport,
                                          const char *fed, struct err *err);
/* Has the key marked as used. show_publishers_answer() comes for the passport's session,
 * and says yes when the mark is on the disk. */
void show_keys_claim(struct show *show, const struct show_passport *passport);
/* The key of a publisher of this show, as it is now: a guest's is another show's. NULL: it
 * was forgotten. */
const struct store_key *show_keys_find(const struct show *show,
                                       const struct show_passport *passport);
/* A publisher got in with its key, which a guest has from another show: the record is told,
 * once a minute at most. */
void show_keys_note_use(struct show *show, const struct show_passport *passport);
/* Keys of runs that the process before left going on work again. */
void show_keys_resume(struct show *show);
/* The show is off the air for good: one-time keys are used up. */
void show_keys_end_run(struct show *show);
/* The record is another one: publishers whose key was revoked are cut. */
void show_keys_follow(struct show *show);

/* Cuts the publisher (the one that stands by or rehearses, when nobody is on air), and
 * whoever else publishes with its key, and refuses the key for a while. reason: ASCII, or
 * NULL. ERR_CONFLICT: nobody publishes. */
int show_keys_kick(struct show *show, const char *reason, struct err *err);

#endif
