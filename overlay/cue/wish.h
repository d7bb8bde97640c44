/* A cue that somebody wishes for and is not trusted with: which kind, which card, which
 * product, and nothing else. It is read from the JSON of shop.cue.v1 or from single
 * fields; titles, prices, links and times in it are left unread, so that whoever can send
 * a stream cannot change what things cost or where a click leads.
 *
 * Ownership: plain values. Threads: any. Time: none; when it is wished for is not said.
 * Errors:    ERR_INVALID, words for the host that name the field.
 * Limits:    CUE_WISH_JSON_MAX; names as the overlay has them. */
#ifndef CUE_WISH_H
#define CUE_WISH_H

#include "overlay/cue/entry.h"

struct err;

enum {
    CUE_WISH_SKU_MAX = 64, /* as products have them */
    /* The same limit as the message that brings it: whole cues have 1,000 bytes. */
    CUE_WISH_JSON_MAX = 16 * 1024,
};

struct cue_wish {
    bool has_kind;
    enum cue_kind kind;
    char card[CUE_CARD_MAX + 1];    /* "c"; empty: not said */
    char sku[CUE_WISH_SKU_MAX + 1]; /* "sku" or "p.i"; empty: not said */
};

/* Text that is meant as a cue: an object, and not words for people. */
bool cue_wish_is_json(struct bytes text);
/* The whole wish; ret is written on success only. */
int cue_wish_parse(struct bytes json, struct cue_wish *ret, struct err *err);

/* Single fields: "v" as text, "k", "c", "sku". Others are left unread. */
int cue_wish_set(struct cue_wish *wish, const char *field, struct bytes value,
                 struct err *err);
/* Is it complete? */
int cue_wish_check(const struct cue_wish *wish, struct err *err);

#endif
