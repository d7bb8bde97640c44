#include "server/show/cue_in.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/log.h"
#include "server/loop/loop.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"
#include "server/show/admission.h"
#include "server/show/cues.h"
#include "server/show/ingest.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"

/* ---- reading ---- */

static bool find_text(struct bytes content, const char *name, struct bytes *ret_text)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(content, name, &value) || value.kind != RTMP_AMF0_TEXT)
        return false;
    *ret_text = value.text;
    return true;
}

/* The content of a member that is an object. */
static bool find_object(struct bytes content, const char *name, struct bytes *ret)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(content, name, &value) || value.kind != RTMP_AMF0_OBJECT)
        return false;
    *ret = value.content;
    return true;
}

static bool has_any(struct bytes content, const char *const *names, size_t n)
{
    struct rtmp_amf0_value value;
    for (size_t i = 0; i < n; i++)
        if (rtmp_amf0_find(content, names[i], &value))
            return true;
    return false;
}

static enum show_cue_in read_json(struct bytes text, struct cue_wish *ret,
                                  struct err *err)
{
    if (!cue_wish_is_json(text))
        return CUE_IN_OTHER;
    return cue_wish_parse(text, ret, err) == 0 ? CUE_IN_WISH : CUE_IN_WRONG;
}

static int take_field(struct cue_wish *wish, struct bytes content, const char *name,
                      const char *field, struct err *err)
{
    struct bytes text;
    return find_text(content, name, &text) ? cue_wish_set(wish, field, text, err) : 0;
}

/* An object with the fields of a cue as properties. kind: when it has none of its own. */
static enum show_cue_in read_fields(struct bytes content, struct bytes kind,
                                    struct cue_wish *ret, struct err *err)
{
    struct cue_wish wish = {0};
    struct bytes product;
    int failed = kind.len > 0 ? cue_wish_set(&wish, "k", kind, err) : 0;
    if (!failed)
        failed = take_field(&wish, content, "k", "k", err);
    if (!failed)
        failed = take_field(&wish, content, "c", "c", err);
    if (!failed)
        failed = take_field(&wish, content, "sku", "sku", err);
    if (!failed && find_object(content, "p", &product))
        failed = take_field(&wish, product, "i", "sku", err);
    if (!failed)
        failed = cue_wish_check(&wish, err);
    if (failed)
        return CUE_IN_WRONG;
    *ret = wish;
    return CUE_IN_WISH;
}

static bool is_kind(struct bytes text)
{
    return bytes_equal_text(text, "show") || bytes_equal_text(text, "upd") ||
           bytes_equal_text(text, "hide");
}

/* {name, time, type: "event" | "navigation", parameters: {…}}: the player's own, FMLE,
 * Elemental. time is the sender's idea; the message's stamp is the media's. */
static enum show_cue_in read_cue_point(struct bytes content, struct cue_wish *ret,
                                       struct err *err)
{
    static const char *const ads[] = {
        "messageType",           "splice_command_type",
        "splice_event_id",       "segmentation_upid",
        "segmentation_duration", "segmentation_remaining_duration",
        "break_duration",        "duration"};
    static const char *const ours[] = {"k", "sku", "p"};
    struct bytes name = {0}, parameters, text;
    (void)find_text(content, "name", &name);
    if (!find_object(content, "parameters", &parameters))
        return CUE_IN_OTHER;
    if (find_text(parameters, "payload", &text))
        return read_json(text, ret, err);
    if (has_any(parameters, ours, sizeof ours / sizeof ours[0]) || is_kind(name))
        return read_fields(parameters, is_kind(name) ? name : (struct bytes){0}, ret,
                           err);
    return has_any(parameters, ads, sizeof ads / sizeof ads[0]) ? CUE_IN_AD
                                                                : CUE_IN_OTHER;
}

/* The fields themselves, or JSON as a text or as a property of the object. */
static enum show_cue_in read_own(const char *name, const struct rtmp_amf0_value *value,
                                 struct cue_wish *ret, struct err *err)
{
    struct bytes text;
    bool is_product_cue = strcmp(name, "onProductCue") == 0;
    if (value->kind == RTMP_AMF0_TEXT && is_product_cue)
        return read_json(value->text, ret, err);
    if (value->kind != RTMP_AMF0_OBJECT)
        return CUE_IN_OTHER;
    if (find_text(value->content, "payload", &text))
        return read_json(text, ret, err);
    return is_product_cue ? read_fields(value->content, (struct bytes){0}, ret, err)
                          : CUE_IN_OTHER;
}

enum show_cue_in show_cue_in_read(const char *name, struct bytes values,
                                  struct cue_wish *ret_wish, struct err *err)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(values);
    struct rtmp_amf0_value value;
    struct bytes text;
    if (rtmp_amf0_read(&in, &value) <= 0)
        return CUE_IN_OTHER;
    if (strcmp(name, "onTextData") == 0)
        return value.kind == RTMP_AMF0_OBJECT && find_text(value.content, "text", &text)
                   ? read_json(text, ret_wish, err)
                   : CUE_IN_OTHER;
    if (strcmp(name, "onCuePoint") == 0)
        return value.kind == RTMP_AMF0_OBJECT
                   ? read_cue_point(value.content, ret_wish, err)
                   : CUE_IN_OTHER;
    return read_own(name, &value, ret_wish, err);
}

/* ---- taking ---- */

static int check_door(struct show *show, struct bytes values, struct err *err)
{
    const struct show_passport *passport = show_publisher_passport(show->publisher);
    const struct store_key *key = show_keys_find(show, passport);
    if (!key || !key->cues)
        return err_set(err, ERR_INVALID,
                       "the encoder sends cues, which its stream key does not allow; "
                       "make a key that does");
    if (values.len > CUE_IN_VALUES_MAX)
        return err_set(err, ERR_LIMIT, "a cue of the encoder is longer than %d bytes",
                       CUE_IN_VALUES_MAX);
    if (!show_budget_take_of(&show->cue_in_budget, CUE_IN_PER_SECOND, CUE_IN_PER_SECOND,
                             loop_now_ms(show->hub->loop)))
        return err_set(err, ERR_LIMIT, "the encoder sends more than %d cues a second",
                       CUE_IN_PER_SECOND);
    return 0;
}

/* Products of the run sheet only: a stolen key shall not sell what is not for sale here. */
static int check_product(const struct show *show, const char *sku, struct err *err)
{
    if (!sku[0] ||
        (show_directory_find_product(show->hub->directory, bytes_text(sku)) &&
         show_record_lists(show->record, sku)))
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   "a cue of the encoder names product %s, which is not in this show",
                   sku);
}

static int ask_for(struct show *show, const struct cue_wish *wish, uint32_t stamp_ms,
                   struct err *err)
{
    struct overlay_result result;
    struct show_cues_request request = {
        .kind = (enum overlay_kind)wish->kind,
        .card = wish->card[0] ? wish->card : NULL,
        .sku = wish->sku[0] ? wish->sku : NULL,
        .when = SHOW_CUES_MEDIA_MS,
        .at_ms = show_ingest_locate_ms(show->ingest, stamp_ms),
    };
    int failed = check_product(show, wish->sku, err);
    if (failed)
        return failed;
    if (request.at_ms < 0)
        return err_set(err, ERR_CONFLICT,
                       "a cue of the encoder came before its first picture");
    return show_cues_add(show, &request, &result, err);
}

static void tell_refused(struct show *show, const struct err *err)
{
    unsigned n_more;
    char words[ERR_TEXT_MAX];
    int64_t now_ms = loop_now_ms(show->hub->loop);
    size_t len = strlen(err->text);
    bool stops = len > 0 && err->text[len - 1] == '.';
    (void)snprintf(words, sizeof words, "%.*s", (int)(stops ? len - 1 : len),
                   err->text);
    counter_add(&show->hub->house->metrics->cues_in_refused_total, 1);
    show_health_cue_refused(&show->health, words, now_ms);
    if (!log_limit_pass(&show->cue_in_log, now_ms, &n_more))
        return;
    log_warn(show->log, "cue of the encoder refused: %s", words);
    if (n_more > 0)
        log_warn(show->log, "cues of the encoder refused: %u more since the last line",
                 n_more);
}

void show_cue_in_take(struct show *show, const struct rtmp_event *event)
{
    struct metrics *metrics = show->hub->house->metrics;
    struct bytes values = buf_bytes(event->data.values);
    struct cue_wish wish;
    struct err err;
    switch (show_cue_in_read(event->data.name, values, &wish, &err)) {
    case CUE_IN_OTHER:
        return;
    case CUE_IN_AD:
        counter_add(&metrics->ad_markers_in_total, 1);
        return;
    case CUE_IN_WISH:
        if (check_door(show, values, &err) != 0 ||
            ask_for(show, &wish, event->data.stamp_ms, &err) != 0)
            tell_refused(show, &err);
        else
            counter_add(&metrics->cues_in_total, 1);
        return;
    case CUE_IN_WRONG: {
        struct err why;
        if (check_door(show, values, &why) != 0)
            tell_refused(show, &why);
        else
            tell_refused(show, &err);
        return;
    }
    }
}
