#include "server/show/key_use.h"

#include <stdio.h>
#include <string.h>

#include "core/require.h"

static size_t index_of(const struct show_key_use *use, uint32_t number)
{
    size_t i = 0;
    while (i < STORE_KEYS_MAX && use->entries[i].number != number)
        i++;
    return i;
}

/* The key's entry, made when there is none. show_key_use_follow() keeps places free. */
static size_t entry_of(struct show_key_use *use, uint32_t number)
{
    size_t i = index_of(use, number);
    if (i < STORE_KEYS_MAX)
        return i;
    i = index_of(use, 0);
    require(i < STORE_KEYS_MAX);
    use->entries[i].number = number;
    return i;
}

void show_key_use_print_reason(const char *reason, char *out, size_t size)
{
    size_t len = reason ? strlen(reason) : 0;
    if (len > 0 && reason[len - 1] == '.')
        len--;
    if (len > SHOW_KEY_REASON_MAX)
        len = SHOW_KEY_REASON_MAX;
    if (len > 0)
        (void)snprintf(out, size, "The host stopped this encoder: %.*s.", (int)len,
                       reason);
    else
        (void)snprintf(out, size, "The host stopped this encoder.");
}

static enum show_key_use_verdict refuse_cold(const char *reason, int64_t left_ms,
                                             struct err *err)
{
    char words[SHOW_KEY_REASON_MAX + 40];
    show_key_use_print_reason(reason, words, sizeof words);
    (void)err_set(err, ERR_INVALID, "%s Try again in %lld s.", words,
                  (long long)(left_ms + 999) / 1000);
    return KEY_IS_REFUSED;
}

static enum show_key_use_verdict check_one_time(enum show_key_use_state state,
                                                bool used, bool busy, struct err *err)
{
    if (state == KEY_CLAIMING || (state == KEY_CLAIMED && busy)) {
        (void)err_set(err, ERR_INVALID, "This key is in use by another encoder.");
        return KEY_IS_REFUSED;
    }
    if (state == KEY_CLAIMED)
        return KEY_PASSES;
    if (!used)
        return KEY_NEEDS_CLAIM;
    (void)err_set(err, ERR_INVALID, "This key was used already.");
    return KEY_IS_REFUSED;
}

enum show_key_use_verdict show_key_use_check(const struct show_key_use *use,
                                             const struct store_key *key, bool busy,
                                             int64_t now_ms, struct err *err)
{
    size_t i = index_of(use, key->number);
    bool known = i < STORE_KEYS_MAX;
    if (known && now_ms < use->entries[i].cold_until_ms)
        return refuse_cold(use->entries[i].reason,
                           use->entries[i].cold_until_ms - now_ms, err);
    if (!key->one_time)
        return KEY_PASSES;
    return check_one_time(known ? use->entries[i].state : KEY_UNTOUCHED, key->used,
                          busy, err);
}

void show_key_use_begin_claim(struct show_key_use *use, uint32_t number)
{
    size_t i = entry_of(use, number);
    require(use->entries[i].state != KEY_CLAIMING);
    use->entries[i].before = use->entries[i].state;
    use->entries[i].state = KEY_CLAIMING;
}

void show_key_use_finish_claim(struct show_key_use *use, uint32_t number, bool kept)
{
    size_t i = index_of(use, number);
    if (i < STORE_KEYS_MAX) /* it may have been revoked meanwhile */
        use->entries[i].state = kept ? KEY_CLAIMED : use->entries[i].before;
}

void show_key_use_resume(struct show_key_use *use, uint32_t number)
{
    use->entries[entry_of(use, number)].state = KEY_CLAIMED;
}

/* A claim that is on its way belongs to the run that begins with it. */
void show_key_use_end_run(struct show_key_use *use, const struct store_show *row)
{
    for (size_t i = 0; i < STORE_KEYS_MAX; i++) {
        const struct store_key *key =
            show_key_rules_by_number(row, use->entries[i].number);
        bool is_guest = key && key->run_show;
        if (use->entries[i].state == KEY_CLAIMED && !is_guest)
            use->entries[i].state = KEY_UNTOUCHED;
        if (!is_guest)
            use->entries[i].before = KEY_UNTOUCHED;
    }
}

void show_key_use_end_key(struct show_key_use *use, uint32_t number)
{
    size_t i = index_of(use, number);
    if (i < STORE_KEYS_MAX && use->entries[i].state == KEY_CLAIMED)
        use->entries[i].state = KEY_UNTOUCHED;
}

void show_key_use_cool(struct show_key_use *use, uint32_t number, const char *reason,
                       int64_t now_ms)
{
    size_t i = entry_of(use, number);
    use->entries[i].cold_until_ms = now_ms + SHOW_KEY_COLD_MS;
    (void)snprintf(use->entries[i].reason, sizeof use->entries[i].reason, "%s",
                   reason ? reason : "");
}

void show_key_use_follow(struct show_key_use *use, const struct store_show *row)
{
    for (size_t i = 0; i < STORE_KEYS_MAX; i++) {
        const struct store_key *key =
            show_key_rules_by_number(row, use->entries[i].number);
        if (!key || key->state == STORE_KEY_REVOKED)
            memset(&use->entries[i], 0, sizeof use->entries[i]);
    }
}
