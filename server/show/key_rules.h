/* Stream keys of a show, as rules over its row: which key is it, does it open the door
 * now, and how keys come and go.
 *
 * What a key has done in the running show is not in its row; see server/show/key_use.h.
 *
 * Ownership: a row that is being made (show_key_rules_add() and below) may share its texts
 *   with a record: they are never freed here.
 * Time:      wall clock, passed in. Threads: none of its own.
 * Errors:    the words of ERR_INVALID are a sentence for whoever holds the key. They say
 *   nothing to those who do not: a key that was never one is ERR_NOT_FOUND. */
#ifndef SHOW_KEY_RULES_H
#define SHOW_KEY_RULES_H

#include "server/store/store.h"

enum {
    SHOW_KEYS_VALID_MAX = 8, /* phone, OBS, backup, guests; the rest remembers */
    SHOW_KEY_LABEL_MAX = 40, /* characters */
    SHOW_KEY_NAME_MAX = 12,  /* "k" and a number, with the NUL */
};

/* The key of the row that has this hash, valid or gone; NULL: never was one. Takes the
 * same time wherever it is found. */
const struct store_key *show_key_rules_find(const struct store_show *row,
                                            const uint8_t hash[STORE_KEY_HASH_SIZE]);
const struct store_key *show_key_rules_by_number(const struct store_show *row,
                                                 uint32_t number); /* or NULL */
/* May somebody come in with it at this time? ERR_INVALID: no, and why. */
int show_key_rules_check(const struct store_key *key, int64_t wall_ms, struct err *err);
/* ERR_INVALID, with the sentence for a key whose time is over. */
int show_key_rules_refuse_expired(int64_t expires_ms, struct err *err);

/* "k7". */
void show_key_rules_print_name(uint32_t number, char ret[SHOW_KEY_NAME_MAX]);
/* 0: not a name. */
uint32_t show_key_rules_parse_name(struct bytes name);

size_t show_key_rules_count_valid(const struct store_show *row);
/* A new valid key with the next number; a place is made by forgetting the oldest one that
 * is gone. ERR_LIMIT: SHOW_KEYS_VALID_MAX are valid. */
int show_key_rules_add(struct store_show *row, struct bytes key, int64_t wall_ms,
                       struct store_key **ret_key, struct err *err);
/* All valid keys are replaced; a new one may follow. */
void show_key_rules_replace_all(struct store_show *row);
/* False: there is no such valid key. */
bool show_key_rules_revoke(struct store_show *row, uint32_t number);

#endif
