/* What publishers that are gone had sent beyond what they were allowed (server/show/terms.h),
 * for when they come back: a new connection is no new account. An entry is by key and part,
 * so that a backup which has its primary's key has an account of its own.
 *
 * Time that passes pays a debt off at the allowed rate, so none has to be forgotten; a
 * restart of the process forgets all of them.
 *
 * Ownership: embedded in the show; zeroed, nobody owes anything.
 * Threads:   the show's loop. Time: monotonic, passed in.
 * Limits:    SHOW_DEBTS_MAX; above, the one that was left first goes, which has been paid
 *   off the longest. */
#ifndef SHOW_DEBTS_H
#define SHOW_DEBTS_H

#include "server/show/admission.h"

enum {
    SHOW_DEBTS_MAX = STORE_KEYS_MAX, /* of a show's own keys each may have left */
};

struct show_debt {
    int64_t bits;  /* 0: none */
    int64_t at_ms; /* as of then */
};

struct show_debts {
    /* private */
    struct {
        uint8_t key_hash[AUTH_HASH_SIZE];
        enum show_role role;
        struct show_debt debt; /* of 0 bits: a free entry */
    } entries[SHOW_DEBTS_MAX];
};

/* This one leaves with a debt, or without. */
void show_debts_leave(struct show_debts *debts, const struct show_passport *passport,
                      struct show_debt debt);
/* What it left with, which is no longer kept here: it has come back. */
struct show_debt show_debts_take(struct show_debts *debts,
                                 const struct show_passport *passport);

#endif
