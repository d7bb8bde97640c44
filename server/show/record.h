/* What is known of a show whether it is live or not: the row that the store keeps.
 * Immutable once made; a change makes a new one.
 *
 * Ownership: counted. Threads: ref, unref and reading from any thread. */
#ifndef SHOW_RECORD_H
#define SHOW_RECORD_H

#include "core/refs.h"
#include "server/store/store.h"

enum {
    SHOW_ID_MAX = 32,                      /* bytes; stands in URLs that people type */
    SHOW_PUBLIC_ID_MAX = SHOW_ID_MAX + 17, /* with '~' and letters: a rehearsal's */
    SHOW_TITLE_MAX = 120,                  /* characters */
    SHOW_HOST_MAX = 80,                    /* characters */
    SHOW_RUN_SHEET_MAX = 200,              /* products of one show */
};

struct show_record {
    struct refs refs; /* private */
    struct store_show row;
};

/* Copies row and its texts. */
struct show_record *show_record_create(const struct store_show *row);
struct show_record *show_record_ref(struct show_record *record);
void show_record_unref(struct show_record *record); /* NULL: nothing */

/* [a-z0-9-], first a letter or digit, at most SHOW_ID_MAX. */
bool show_record_is_id(struct bytes id);
/* The product belongs to the show: it is on its run sheet, or there is none. */
bool show_record_lists(const struct show_record *record, const char *sku);
/* "takeover", "reject"; parse: false for other words. */
const char *show_record_policy_text(enum store_policy policy);
bool show_record_parse_policy(struct bytes text, enum store_policy *ret_policy);
/* A store change that keeps this row; done may be NULL. */
struct store_change *show_record_change(const struct show_record *record);

#endif
