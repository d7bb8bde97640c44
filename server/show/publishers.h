/* All publishers' connections of one hub: how they come, and what is meant for one that
 * has to be found first, or for all of them.
 *
 * Ownership: hub.publishers is the list; each of them lives by itself, see publisher.h.
 * Threads:   the loop's of the hub. */
#ifndef SHOW_PUBLISHERS_H
#define SHOW_PUBLISHERS_H

#include <stdbool.h>
#include <stdint.h>

struct hook_terms;
struct loop_parcel;
struct show_hub;

/* A connection has come: takes it. When there are too many of its address, or at all, it
 * is told so; when there are far too many it is closed without words. */
void show_publishers_accept(struct show_hub *hub, struct loop_parcel *parcel);

/* What whoever was asked says about the publisher of that session; words (ASCII) are for
 * a refusal. False, and nothing happens, when that publisher is gone, or waits no more. */
bool show_publishers_answer(struct show_hub *hub, const char *session, bool allowed,
                            const char *words);

/* The yes that follows is bound to these terms. False: as there. */
bool show_publishers_bind(struct show_hub *hub, const char *session,
                          const struct hook_terms *terms);

/* All that publish with the key of this hash, or are let go to do so elsewhere, leave
 * their shows and are cut with the sentence (ASCII). but_session: the one that stays, or
 * NULL. */
void show_publishers_cut_key(struct show_hub *hub, const uint8_t *key_hash,
                             const char *but_session, const char *sentence);
/* Another session than this one publishes with the key, and its media flows. */
bool show_publishers_key_is_busy(const struct show_hub *hub, const uint8_t *key_hash,
                                 const char *session);

#endif
