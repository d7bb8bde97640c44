#include "server/hook/event.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/iso8601.h"
#include "core/json.h"
#include "server/auth/secret.h"

enum { ID_LETTERS = 26 }; /* 128 bits */

static const char *const names[HOOK_EVENT_TYPES] = {
    [HOOK_PUBLISH] = "on_publish",     [HOOK_UNPUBLISH] = "on_unpublish",
    [HOOK_SHOW_LIVE] = "on_show_live", [HOOK_SHOW_AWAY] = "on_show_away",
    [HOOK_SHOW_BACK] = "on_show_back", [HOOK_SHOW_END] = "on_show_end",
    [HOOK_FINDING] = "on_finding",
};

const char *hook_event_name(enum hook_event_type type)
{
    return names[type];
}

void hook_event_set(char *out, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

void hook_event_init(struct hook_event *event, enum hook_event_type type,
                     const char *show, int64_t wall_ms)
{
    char letters[ID_LETTERS + 1];
    *event = (struct hook_event){.type = type, .wall_ms = wall_ms};
    auth_secret_random_text(letters, ID_LETTERS);
    (void)snprintf(event->id, sizeof event->id, "msg_%s", letters);
    hook_event_set(event->show, sizeof event->show, show);
}

/* Overwrites every part of text with stars. */
static void blot(char *text, const char *part)
{
    size_t len = strlen(part);
    for (char *at = text; len > 0 && (at = strstr(at, part)); at += len)
        memset(at, '*', len);
}

char *hook_event_clean_query(const char *query, const char *key)
{
    char *clean = alloc_text(query ? query : "");
    const char *line = strrchr(key, '_'); /* what is before it is the public id */
    blot(clean, line ? line + 1 : key);
    return clean;
}

/* ,"name":"text" unless it is empty. */
static void put_text(struct builder *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    builder_printf(out, ",\"%s\":", name);
    json_put_text(out, text);
}

void hook_event_print(const struct hook_event *event, struct builder *out)
{
    char time[ISO8601_MAX];
    builder_printf(out, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":{\"show\":",
                   names[event->type], iso8601_print(event->wall_ms, time));
    json_put_text(out, event->show);
    put_text(out, "session", event->session);
    put_text(out, "key", event->key);
    put_text(out, "key_show", event->key_show);
    put_text(out, "role", event->role);
    put_text(out, "address", event->address);
    put_text(out, "encoder", event->encoder);
    put_text(out, "reason", event->reason);
    put_text(out, "query", event->query);
    put_text(out, "code", event->code);
    put_text(out, "level", event->level);
    put_text(out, "text", event->text);
    if (event->unit[0])
        builder_printf(out, ",\"value\":%lld", (long long)event->value);
    put_text(out, "unit", event->unit);
    builder_text(out, "}}");
}

static bool read_type(const json_t *value, enum hook_event_type *ret_type)
{
    const char *name = json_string_value(value);
    for (int type = 0; name && type < HOOK_EVENT_TYPES; type++) {
        if (strcmp(names[type], name) == 0) {
            *ret_type = (enum hook_event_type)type;
            return true;
        }
    }
    return false;
}

/* Absent is empty; another type than a text is a fault. */
static bool read_text(const json_t *data, const char *name, char *out, size_t size)
{
    const json_t *value = json_object_get(data, name);
    if (!value)
        return true;
    if (!json_is_string(value))
        return false;
    hook_event_set(out, size, json_string_value(value));
    return true;
}

static bool read_data(const json_t *data, struct hook_event *event)
{
    const struct {
        const char *name;
        char *out;
        size_t size;
    } texts[] = {
        {"show", event->show, sizeof event->show},
        {"session", event->session, sizeof event->session},
        {"key", event->key, sizeof event->key},
        {"key_show", event->key_show, sizeof event->key_show},
        {"role", event->role, sizeof event->role},
        {"address", event->address, sizeof event->address},
        {"encoder", event->encoder, sizeof event->encoder},
        {"reason", event->reason, sizeof event->reason},
        {"code", event->code, sizeof event->code},
        {"level", event->level, sizeof event->level},
        {"text", event->text, sizeof event->text},
        {"unit", event->unit, sizeof event->unit},
    };
    if (!json_is_object(data))
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!read_text(data, texts[i].name, texts[i].out, texts[i].size))
            return false;
    event->value = json_integer_value(json_object_get(data, "value"));
    return event->show[0] != '\0';
}

int hook_event_parse(struct bytes text, const char *id, struct hook_event *ret,
                     struct err *err)
{
    struct hook_event event = {0};
    json_t *root = json_loadb((const char *)text.data, text.len, 0, NULL);
    const char *time = json_string_value(json_object_get(root, "timestamp"));
    bool read = read_type(json_object_get(root, "type"), &event.type) && time &&
                iso8601_parse(bytes_text(time), &event.wall_ms) &&
                read_data(json_object_get(root, "data"), &event);
    json_decref(root);
    if (!read)
        return err_set(err, ERR_INVALID, "an event of the hooks does not make sense");
    hook_event_set(event.id, sizeof event.id, id);
    *ret = event;
    return 0;
}
