/* What a show's keys have done in the run that is going on: one-time keys that let
 * somebody in, and keys that the host has sent away for a while.
 *
 * A run begins with the first publisher and ends when the show is off the air for good:
 * its linger is over, or the host ended it. A one-time key belongs to the run that it was
 * first used in, so a phone that lost its network comes back with it; when the run is
 * over, it opens nothing more. A run goes on over a restart: the row says which keys are
 * of it (show_key_use_resume()).
 *
 * First use goes through CLAIMING: the store must have it before the publisher gets in.
 *
 * Ownership: embedded in the show; zeroed, nothing has happened.
 * Threads:   the show's loop, which makes two that come at once a first and a second.
 * Limits:    an entry for each valid key, see show_key_use_follow(). */
#ifndef SHOW_KEY_USE_H
#define SHOW_KEY_USE_H

#include "server/show/key_rules.h"

enum {
    SHOW_KEY_COLD_MS =
        60000, /* encoders that were cut come back for a minute or more */
    SHOW_KEY_REASON_MAX = 100, /* bytes; with the words around it under 200 */
};

enum show_key_use_state {
    KEY_UNTOUCHED, /* a one-time key nobody has used in this run */
    KEY_CLAIMING,  /* somebody is at the door, and the store is writing it down */
    KEY_CLAIMED,   /* has let somebody in */
};

enum show_key_use_verdict {
    KEY_PASSES,
    KEY_NEEDS_CLAIM, /* passes when it has been claimed */
    KEY_IS_REFUSED,
};

struct show_key_use {
    /* private */
    struct {
        uint32_t number;                       /* 0: a free entry */
        enum show_key_use_state state, before; /* before: a claim that began */
        int64_t cold_until_ms;
        char reason[SHOW_KEY_REASON_MAX + 1];
    } entries[STORE_KEYS_MAX];
};

/* The key is valid now (show_key_rules_check()). busy: another encoder that is well sends
 * media with it. */
enum show_key_use_verdict show_key_use_check(const struct show_key_use *use,
                                             const struct store_key *key, bool busy,
                                             int64_t now_ms, struct err *err);
void show_key_use_begin_claim(struct show_key_use *use, uint32_t number);
/* kept: the store has it; otherwise it is as if nobody had come. A claimed key may be
 * claimed anew, for another show's run. */
void show_key_use_finish_claim(struct show_key_use *use, uint32_t number, bool kept);
/* Of the run before a restart, which goes on. */
void show_key_use_resume(struct show_key_use *use, uint32_t number);
/* Those of guests (store_key.run_show) are of another show's run. */
void show_key_use_end_run(struct show_key_use *use, const struct store_show *row);
/* The same for one key, a guest's. */
void show_key_use_end_key(struct show_key_use *use, uint32_t number);

/* Refused from now on for SHOW_KEY_COLD_MS. reason: ASCII, may be NULL or empty. */
void show_key_use_cool(struct show_key_use *use, uint32_t number, const char *reason,
                       int64_t now_ms);
/* The keys are these now: what was known of others is forgotten. */
void show_key_use_follow(struct show_key_use *use, const struct store_show *row);
/* "The host stopped this encoder: wrong camera." */
void show_key_use_print_reason(const char *reason, char *out, size_t size);

#endif
