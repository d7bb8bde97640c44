#include "server/show/record.h"

#include <string.h>

#include "core/alloc.h"
#include "core/require.h"

static void copy_row(struct store_show *to, const struct store_show *from)
{
    *to = *from;
    to->id = alloc_text(from->id);
    to->title = alloc_text(from->title);
    to->host = alloc_text(from->host);
    to->token = alloc_text(from->token);
    to->run_sheet = alloc_text(from->run_sheet);
    for (size_t i = 0; i < from->n_keys; i++) {
        to->keys[i].label = alloc_text(from->keys[i].label);
        to->keys[i].run_show = alloc_text(from->keys[i].run_show);
    }
}

struct show_record *show_record_create(const struct store_show *row)
{
    struct show_record *record = alloc_zero(sizeof *record);
    refs_init(&record->refs);
    copy_row(&record->row, row);
    return record;
}

struct show_record *show_record_ref(struct show_record *record)
{
    if (record)
        refs_add(&record->refs);
    return record;
}

void show_record_unref(struct show_record *record)
{
    if (!record || !refs_drop(&record->refs))
        return;
    alloc_free(record->row.id);
    alloc_free(record->row.title);
    alloc_free(record->row.host);
    alloc_free(record->row.token);
    alloc_free(record->row.run_sheet);
    for (size_t i = 0; i < record->row.n_keys; i++) {
        alloc_free(record->row.keys[i].label);
        alloc_free(record->row.keys[i].run_show);
    }
    alloc_free(record);
}

bool show_record_is_id(struct bytes id)
{
    if (id.len == 0 || id.len > SHOW_ID_MAX || id.data[0] == '-')
        return false;
    for (size_t i = 0; i < id.len; i++) {
        uint8_t c = id.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

bool show_record_lists(const struct show_record *record, const char *sku)
{
    if (!record->row.run_sheet)
        return true;
    struct bytes rest = bytes_text(record->row.run_sheet);
    struct bytes entry;
    while (bytes_cut(&rest, ',', &entry))
        if (bytes_equal_text(entry, sku))
            return true;
    return false;
}

const char *show_record_policy_text(enum store_policy policy)
{
    return policy == STORE_POLICY_REJECT ? "reject" : "takeover";
}

bool show_record_parse_policy(struct bytes text, enum store_policy *ret_policy)
{
    if (bytes_equal_text(text, "takeover"))
        *ret_policy = STORE_POLICY_TAKEOVER;
    else if (bytes_equal_text(text, "reject"))
        *ret_policy = STORE_POLICY_REJECT;
    else
        return false;
    return true;
}

struct store_change *show_record_change(const struct show_record *record)
{
    struct store_change *change = store_change_create(STORE_SHOW_PUT);
    copy_row(&change->show, &record->row);
    return change;
}
