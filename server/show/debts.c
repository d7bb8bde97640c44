#include "server/show/debts.h"

#include <string.h>

/* SHOW_DEBTS_MAX: it has none. */
static size_t find(const struct show_debts *debts, const struct show_passport *passport)
{
    size_t i = 0;
    while (
        i < SHOW_DEBTS_MAX &&
        (debts->entries[i].debt.bits == 0 || debts->entries[i].role != passport->role ||
         memcmp(debts->entries[i].key_hash, passport->key_hash, AUTH_HASH_SIZE) != 0))
        i++;
    return i;
}

/* A free entry, or the one that was left first. */
static size_t find_place(const struct show_debts *debts)
{
    size_t first = 0;
    for (size_t i = 0; i < SHOW_DEBTS_MAX; i++) {
        if (debts->entries[i].debt.bits == 0)
            return i;
        if (debts->entries[i].debt.at_ms < debts->entries[first].debt.at_ms)
            first = i;
    }
    return first;
}

void show_debts_leave(struct show_debts *debts, const struct show_passport *passport,
                      struct show_debt debt)
{
    (void)show_debts_take(debts, passport);
    if (debt.bits == 0)
        return;
    size_t i = find_place(debts);
    memcpy(debts->entries[i].key_hash, passport->key_hash, AUTH_HASH_SIZE);
    debts->entries[i].role = passport->role;
    debts->entries[i].debt = debt;
}

struct show_debt show_debts_take(struct show_debts *debts,
                                 const struct show_passport *passport)
{
    size_t i = find(debts, passport);
    if (i == SHOW_DEBTS_MAX)
        return (struct show_debt){0};
    struct show_debt debt = debts->entries[i].debt;
    debts->entries[i].debt = (struct show_debt){0};
    return debt;
}
