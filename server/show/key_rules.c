#include "server/show/key_rules.h"

#include <stdio.h>
#include <string.h>

#include "core/iso8601.h"
#include "core/parse.h"
#include "core/require.h"
#include "server/auth/stream_key.h"

const struct store_key *show_key_rules_find(const struct store_show *row,
                                            const uint8_t hash[STORE_KEY_HASH_SIZE])
{
    const struct store_key *found = NULL;
    for (size_t i = 0; i < row->n_keys; i++)
        if (bytes_equal_secret(bytes_make(hash, STORE_KEY_HASH_SIZE),
                               bytes_make(row->keys[i].hash, STORE_KEY_HASH_SIZE)))
            found = &row->keys[i];
    return found;
}

const struct store_key *show_key_rules_by_number(const struct store_show *row,
                                                 uint32_t number)
{
    for (size_t i = 0; i < row->n_keys; i++)
        if (row->keys[i].number == number)
            return &row->keys[i];
    return NULL;
}

/* "2026-11-22 18:00 UTC" */
static const char *print_minute(int64_t wall_ms, char out[ISO8601_MAX])
{
    char text[ISO8601_MAX];
    (void)iso8601_print(wall_ms, text);
    (void)snprintf(out, ISO8601_MAX, "%.10s %.5s UTC", text, text + 11);
    return out;
}

int show_key_rules_refuse_expired(int64_t expires_ms, struct err *err)
{
    char time[ISO8601_MAX];
    return err_set(err, ERR_INVALID, "This key expired at %s.",
                   print_minute(expires_ms, time));
}

int show_key_rules_check(const struct store_key *key, int64_t wall_ms, struct err *err)
{
    char time[ISO8601_MAX];
    switch (key->state) {
    case STORE_KEY_VALID:
        break;
    case STORE_KEY_REPLACED:
        return err_set(err, ERR_INVALID, "This key was replaced by a new one.");
    case STORE_KEY_REVOKED:
        return err_set(err, ERR_INVALID, "This key was revoked.");
    }
    if (key->expires_ms && wall_ms >= key->expires_ms)
        return show_key_rules_refuse_expired(key->expires_ms, err);
    if (wall_ms < key->not_before_ms)
        return err_set(err, ERR_INVALID, "This key is valid from %s.",
                       print_minute(key->not_before_ms, time));
    return 0;
}

void show_key_rules_print_name(uint32_t number, char ret[SHOW_KEY_NAME_MAX])
{
    (void)snprintf(ret, SHOW_KEY_NAME_MAX, "k%u", number);
}

uint32_t show_key_rules_parse_name(struct bytes name)
{
    uint64_t number;
    char again[SHOW_KEY_NAME_MAX];
    if (!bytes_has_prefix(name, "k") || !parse_u64(bytes_from(name, 1), &number) ||
        number > UINT32_MAX)
        return 0;
    /* One name for a key: neither "k01" nor "k+1". */
    show_key_rules_print_name((uint32_t)number, again);
    return bytes_equal_text(name, again) ? (uint32_t)number : 0;
}

size_t show_key_rules_count_valid(const struct store_show *row)
{
    size_t n = 0;
    for (size_t i = 0; i < row->n_keys; i++)
        n += row->keys[i].state == STORE_KEY_VALID;
    return n;
}

static void forget_oldest_gone(struct store_show *row)
{
    size_t i = 0;
    while (i < row->n_keys && row->keys[i].state == STORE_KEY_VALID)
        i++;
    require(i < row->n_keys);
    row->n_keys--;
    memmove(row->keys + i, row->keys + i + 1, (row->n_keys - i) * sizeof row->keys[0]);
}

int show_key_rules_add(struct store_show *row, struct bytes key, int64_t wall_ms,
                       struct store_key **ret_key, struct err *err)
{
    _Static_assert((int)STORE_KEYS_MAX > (int)SHOW_KEYS_VALID_MAX,
                   "there is one to forget");
    if (show_key_rules_count_valid(row) >= SHOW_KEYS_VALID_MAX)
        return err_set(err, ERR_LIMIT, "A show has %d keys at most: delete one first.",
                       SHOW_KEYS_VALID_MAX);
    /* The newest key is never forgotten, so its number is the greatest there was. */
    uint32_t number = row->n_keys > 0 ? row->keys[row->n_keys - 1].number + 1 : 1;
    if (row->n_keys == STORE_KEYS_MAX)
        forget_oldest_gone(row);
    struct store_key *added = &row->keys[row->n_keys++];
    *added = (struct store_key){.number = number, .created_ms = wall_ms};
    auth_stream_key_hash(key, added->hash);
    *ret_key = added;
    return 0;
}

void show_key_rules_replace_all(struct store_show *row)
{
    for (size_t i = 0; i < row->n_keys; i++)
        if (row->keys[i].state == STORE_KEY_VALID)
            row->keys[i].state = STORE_KEY_REPLACED;
}

bool show_key_rules_revoke(struct store_show *row, uint32_t number)
{
    for (size_t i = 0; i < row->n_keys; i++) {
        if (row->keys[i].number != number || row->keys[i].state != STORE_KEY_VALID)
            continue;
        row->keys[i].state = STORE_KEY_REVOKED;
        return true;
    }
    return false;
}
