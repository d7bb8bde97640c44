#include "server/hook/body.h"

#include <string.h>

#include "core/builder.h"
#include "core/json.h"

static const char APP[] = "live"; /* the only one there is */

bool hook_body_has(enum hook_mode mode, enum hook_event_type type)
{
    return mode == HOOK_VITRINE || type == HOOK_PUBLISH || type == HOOK_UNPUBLISH;
}

const char *hook_body_content_type(enum hook_mode mode)
{
    return mode == HOOK_NGINX ? "application/x-www-form-urlencoded"
                              : "application/json";
}

/* ,"name":"text" */
static void put_member(struct builder *out, const char *name, const char *text)
{
    builder_printf(out, ",\"%s\":", name);
    json_put_text(out, text ? text : "");
}

/* The query with the mark in front, or nothing. */
static void put_param(struct builder *out, const char *query)
{
    char param[HOOK_EVENT_MAX / 4];
    size_t len = query ? strlen(query) : 0;
    if (len >= sizeof param - 1)
        len = sizeof param - 2;
    param[0] = '?';
    if (len > 0)
        memcpy(param + 1, query, len);
    builder_text(out, ",\"param\":");
    json_put_string(out, bytes_make(param, len > 0 ? len + 1 : 0));
}

/* Scripts look at action, client_id, ip, app, stream and param; the rest is there because
 * some insist on it. */
static void print_srs(const struct hook_event *event, const char *tc_url,
                      struct builder *out)
{
    builder_printf(out, "{\"action\":\"%s\"", hook_event_name(event->type));
    put_member(out, "server_id", "vitrine");
    put_member(out, "service_id", "vitrine");
    put_member(out, "client_id", event->session);
    put_member(out, "ip", event->address);
    put_member(out, "vhost", "__defaultVhost__");
    put_member(out, "app", APP);
    put_member(out, "tcUrl", tc_url);
    put_member(out, "stream", event->show);
    put_param(out, event->query);
    builder_printf(out, ",\"stream_url\":\"/%s/%s\"", APP, event->show);
    put_member(out, "stream_id", event->session);
    builder_text(out, "}");
}

/* RFC 3986 2.3: everything else is escaped. */
static void put_escaped(struct builder *out, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    for (; text && *text; text++) {
        if (strchr(plain, *text))
            builder_u8(out, (uint8_t)*text);
        else
            builder_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

static void put_field(struct builder *out, const char *name, const char *value)
{
    builder_printf(out, "&%s=", name);
    put_escaped(out, value);
}

static void print_nginx(const struct hook_event *event, const char *tc_url,
                        struct builder *out)
{
    bool begins = event->type == HOOK_PUBLISH;
    builder_text(out, begins ? "call=publish" : "call=publish_done");
    put_field(out, "app", APP);
    put_field(out, "flashver", event->encoder);
    put_field(out, "swfurl", "");
    put_field(out, "tcurl", tc_url);
    put_field(out, "pageurl", "");
    put_field(out, "addr", event->address);
    put_field(out, "clientid", event->session);
    put_field(out, "name", event->show);
    if (begins)
        put_field(out, "type", "live");
    put_field(out, "args", event->query);
}

void hook_body_print(enum hook_mode mode, const struct hook_event *event,
                     const char *tc_url, struct builder *out)
{
    switch (mode) {
    case HOOK_VITRINE:
        hook_event_print(event, out);
        return;
    case HOOK_SRS:
        print_srs(event, tc_url, out);
        return;
    case HOOK_NGINX:
        print_nginx(event, tc_url, out);
        return;
    }
}
