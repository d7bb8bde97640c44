#include "overlay/cue/entry.h"

#include <string.h>

#include "core/alloc.h"
#include "core/require.h"

struct cue_entry *cue_entry_create(enum cue_kind kind, struct bytes card)
{
    require(cue_entry_is_name(card));
    struct cue_entry *entry = alloc_zero(sizeof *entry);
    entry->kind = kind;
    memcpy(entry->card, card.data, card.len);
    entry->expires = CUE_NEVER;
    entry->until = CUE_NEVER;
    list_init(&entry->changed);
    return entry;
}

void cue_entry_destroy(struct cue_entry *entry)
{
    if (!entry)
        return;
    list_remove(&entry->changed);
    alloc_free(entry);
}

static bool is_name_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_';
}

bool cue_entry_is_name(struct bytes name)
{
    if (name.len == 0 || name.len > CUE_CARD_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_character(name.data[i]))
            return false;
    return true;
}

bool cue_entry_is_of(const struct cue_entry *entry, const char *card)
{
    return strcmp(entry->card, card) == 0;
}
