#include "overlay/cue/wish.h"

#include <string.h>

#include <jansson.h>

#include "core/err.h"

bool cue_wish_is_json(struct bytes text)
{
    size_t i = 0;
    while (i < text.len && (text.data[i] == ' ' || text.data[i] == '\t' ||
                            text.data[i] == '\r' || text.data[i] == '\n'))
        i++;
    return i < text.len && text.data[i] == '{';
}

/* [A-Za-z0-9._-], as the catalogue takes them. */
static bool is_sku(struct bytes sku)
{
    if (sku.len == 0 || sku.len > CUE_WISH_SKU_MAX)
        return false;
    for (size_t i = 0; i < sku.len; i++) {
        uint8_t c = sku.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static int set_kind(struct cue_wish *wish, struct bytes value, struct err *err)
{
    static const struct {
        const char *name;
        enum cue_kind kind;
    } kinds[] = {{"show", CUE_SHOW}, {"upd", CUE_UPD}, {"hide", CUE_HIDE}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (bytes_equal_text(value, kinds[i].name)) {
            wish->has_kind = true;
            wish->kind = kinds[i].kind;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "k: must be show, upd or hide");
}

static void copy(char *out, size_t size, struct bytes value)
{
    memset(out, 0, size);
    memcpy(out, value.data, value.len);
}

int cue_wish_set(struct cue_wish *wish, const char *field, struct bytes value,
                 struct err *err)
{
    if (strcmp(field, "v") == 0)
        return bytes_equal_text(value, "1") ? 0
                                            : err_set(err, ERR_INVALID, "v: must be 1");
    if (strcmp(field, "k") == 0)
        return set_kind(wish, value, err);
    if (strcmp(field, "c") == 0) {
        if (!cue_entry_is_name(value))
            return err_set(err, ERR_INVALID,
                           "c: must be 1 to %d letters, digits, dashes or underscores",
                           CUE_CARD_MAX);
        copy(wish->card, sizeof wish->card, value);
    } else if (strcmp(field, "sku") == 0) {
        if (!is_sku(value))
            return err_set(err, ERR_INVALID,
                           "sku: must be 1 to %d letters, digits, dots, dashes or "
                           "underscores",
                           CUE_WISH_SKU_MAX);
        copy(wish->sku, sizeof wish->sku, value);
    }
    return 0;
}

int cue_wish_check(const struct cue_wish *wish, struct err *err)
{
    if (!wish->has_kind)
        return err_set(err, ERR_INVALID, "k: is missing: show, upd or hide");
    if (wish->kind == CUE_SHOW && !wish->sku[0])
        return err_set(err, ERR_INVALID, "sku: is missing: which product?");
    if (wish->kind != CUE_SHOW && !wish->card[0] && !wish->sku[0])
        return err_set(err, ERR_INVALID, "c: is missing: which card?");
    return 0;
}

/* A text or number of the object; anything else does not count. */
static int take_member(struct cue_wish *wish, const json_t *object, const char *name,
                       const char *field, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return 0;
    if (json_is_string(value))
        return cue_wish_set(
            wish, field,
            bytes_make(json_string_value(value), json_string_length(value)), err);
    if (json_is_integer(value) && strcmp(field, "v") == 0)
        return json_integer_value(value) == 1
                   ? 0
                   : err_set(err, ERR_INVALID, "v: must be 1");
    return err_set(err, ERR_INVALID, "%s: must be a text", field);
}

static int take_object(struct cue_wish *wish, const json_t *object, struct err *err)
{
    static const char *const fields[] = {"v", "k", "c", "sku"};
    int failed = 0;
    for (size_t i = 0; !failed && i < sizeof fields / sizeof fields[0]; i++)
        failed = take_member(wish, object, fields[i], fields[i], err);
    if (!failed)
        failed = take_member(wish, json_object_get(object, "p"), "i", "sku", err);
    return failed ? failed : cue_wish_check(wish, err);
}

int cue_wish_parse(struct bytes json, struct cue_wish *ret, struct err *err)
{
    struct cue_wish wish = {0};
    if (json.len > CUE_WISH_JSON_MAX)
        return err_set(err, ERR_INVALID, "the cue is longer than %d bytes",
                       CUE_WISH_JSON_MAX);
    /* jansson's own words quote the text, which is a stranger's. */
    json_t *object =
        json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
    int failed = json_is_object(object)
                     ? take_object(&wish, object, err)
                     : err_set(err, ERR_INVALID, "the cue is not a JSON object");
    json_decref(object);
    if (!failed)
        *ret = wish;
    return failed;
}
