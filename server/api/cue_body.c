#include "server/api/cue_body.h"

#include <string.h>

#include "core/err.h"
#include "server/api/body.h"
#include "server/show/cues.h"

enum {
    FOR_MAX_MS = 24 * 3600 * 1000, /* a card that stays longer stays until hidden */
    AHEAD_MAX_MS = 24 * 3600 * 1000,
};

static const struct api_body_field fields[] = {
    {"k", API_BODY_TEXT, true, 8},
    {"c", API_BODY_TEXT, false, OVERLAY_CARD_MAX},
    {"sku", API_BODY_TEXT, false, PRODUCT_SKU_MAX},
    {"at", API_BODY_ANY, false, 0},
    {"for_ms", API_BODY_INTEGER, false, FOR_MAX_MS},
    {0},
};

int api_cue_body_read(struct bytes body, json_t **ret_body, struct err *err)
{
    return api_body_read(body, fields, ret_body, err);
}

static int read_kind(const json_t *body, enum overlay_kind *ret_kind, struct err *err)
{
    static const struct {
        const char *name;
        enum overlay_kind kind;
    } kinds[] = {{"show", OVERLAY_SHOW}, {"upd", OVERLAY_UPD}, {"hide", OVERLAY_HIDE}};
    const char *name = api_body_text(body, "k");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = kinds[i].kind;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "k: must be show, upd or hide");
}

static int read_at(const json_t *at, struct show_cues_request *ret, struct err *err)
{
    static const struct {
        const char *name;
        enum show_cues_when when;
    } forms[] = {{"in_ms", SHOW_CUES_IN_MS},
                 {"wall_ms", SHOW_CUES_WALL_MS},
                 {"media_ms", SHOW_CUES_MEDIA_MS}};
    ret->when = SHOW_CUES_NOW;
    if (!at || json_is_null(at) ||
        (json_is_string(at) && strcmp(json_string_value(at), "now") == 0))
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        json_t *value = json_object_get(at, forms[i].name);
        if (!value || json_object_size(at) != 1)
            continue;
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > INT64_MAX / 1000 ||
            (forms[i].when == SHOW_CUES_IN_MS &&
             json_integer_value(value) > AHEAD_MAX_MS))
            break;
        ret->when = forms[i].when;
        ret->at_ms = json_integer_value(value);
        return 0;
    }
    return err_set(err, ERR_INVALID,
                   "at: must be \"now\", {\"in_ms\": n}, {\"wall_ms\": n} or "
                   "{\"media_ms\": n} with a whole number");
}

int api_cue_body_take(const json_t *body, struct show_cues_request *ret,
                      struct err *err)
{
    *ret = (struct show_cues_request){
        .card = api_body_text(body, "c"),
        .sku = api_body_text(body, "sku"),
        .for_ms = json_integer_value(json_object_get(body, "for_ms")),
    };
    int failed = read_kind(body, &ret->kind, err);
    if (!failed)
        failed = read_at(json_object_get(body, "at"), ret, err);
    if (!failed && ret->kind == OVERLAY_SHOW && !ret->sku)
        failed = err_set(err, ERR_INVALID, "sku: is missing: which product?");
    if (!failed && ret->kind != OVERLAY_SHOW && !ret->card)
        failed = err_set(err, ERR_INVALID, "c: is missing: which card?");
    return failed;
}
