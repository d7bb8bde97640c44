/* Two encoders that take a show from each other: an encoder that is cut off comes back by
 * itself, takes the show from the one that cut it, and so on without end, with viewers
 * between the two. After the third time in half a minute the one that is on air keeps the
 * show for half a minute, and the other one is told so.
 *
 * An encoder is known by its address and its name, so that a phone and a computer behind
 * one address are two. One that takes over from itself, because its line broke without a
 * word, is no rival.
 *
 * Ownership: embedded in the show; zeroed, nothing has happened.
 * Threads:   the show's loop. Time: monotonic, passed in. */
#ifndef SHOW_RIVALS_H
#define SHOW_RIVALS_H

#include <stdbool.h>
#include <stdint.h>

struct show_passport;

enum {
    RIVALS_MAX = 3, /* takeovers */
    RIVALS_WITHIN_MS = 30000,
    RIVALS_HOLD_MS = 30000,
};

struct show_rivals {
    /* private */
    int64_t taken_ms[RIVALS_MAX]; /* the newest takeovers, oldest first */
    unsigned n_taken;
    int64_t hold_until_ms; /* whoever is on air keeps the show */
};

/* A newcomer took over from whoever was on air. */
void show_rivals_note(struct show_rivals *rivals, const struct show_passport *before,
                      const struct show_passport *now, int64_t now_ms);
bool show_rivals_lets_in(const struct show_rivals *rivals,
                         const struct show_passport *on_air,
                         const struct show_passport *newcomer, int64_t now_ms);
/* For how much longer whoever is on air keeps the show; 0: not so. */
int64_t show_rivals_hold_left_ms(const struct show_rivals *rivals, int64_t now_ms);

#endif
