#include "server/api/ingest_url.h"

#include <string.h>

#include "core/builder.h"

enum {
    RTMP_PORT = 1935,
    RTMPS_PORT = 443,    /* what encoders take when none is said */
    LARIX_NAME_MAX = 60, /* bytes of the title: each more makes the code finer */
};

/* The host of base without its port, brackets kept. */
static struct bytes host_of(const char *base)
{
    const char *start = strstr(base, "://");
    start = start ? start + 3 : base;
    const char *bracket = strchr(start, ']');
    const char *colon = strrchr(bracket ? bracket : start, ':');
    return bytes_make(start, colon ? (size_t)(colon - start) : strlen(start));
}

static void print(const char *scheme, struct bytes host, uint16_t port,
                  uint16_t usual_port, struct builder *out)
{
    builder_text(out, scheme);
    builder_text(out, "://");
    builder_put(out, host);
    if (port != usual_port)
        builder_printf(out, ":%u", port);
    builder_text(out, "/live");
}

void api_ingest_url_print(const struct show_hub *hub, const char *base,
                          struct builder *out)
{
    print("rtmp", host_of(base), hub->house->rtmp_port, RTMP_PORT, out);
}

bool api_ingest_url_print_secure(const struct show_hub *hub, const char *base,
                                 struct builder *out)
{
    if (hub->house->rtmps_port == 0)
        return false;
    print("rtmps", host_of(base), hub->house->rtmps_port, RTMPS_PORT, out);
    return true;
}

void api_ingest_url_print_whole(const struct show_hub *hub, const char *base,
                                const char *key, struct builder *out)
{
    if (!api_ingest_url_print_secure(hub, base, out))
        api_ingest_url_print(hub, base, out);
    builder_text(out, "/");
    builder_text(out, key);
}

/* RFC 3986 2.1: all but the unreserved characters. */
static void print_escaped(struct bytes text, struct builder *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c));
        if (plain)
            builder_u8(out, c);
        else
            builder_printf(out, "%%%02X", c);
    }
}

/* At most so many bytes, and no half character. */
static struct bytes shorten(struct bytes text, size_t max)
{
    if (text.len <= max)
        return text;
    while (max > 0 && (text.data[max] & 0xc0) == 0x80)
        max--;
    return bytes_first(text, max);
}

void api_ingest_url_print_larix(const struct show_hub *hub, const char *base,
                                const char *key, const char *title, struct builder *out)
{
    struct builder url;
    builder_init(&url, API_INGEST_URL_MAX);
    api_ingest_url_print_whole(hub, base, key, &url);
    builder_text(out, "larix://set/v1?conn[][url]=");
    print_escaped(builder_bytes(&url), out);
    builder_text(out, "&conn[][name]=");
    print_escaped(shorten(bytes_text(title), LARIX_NAME_MAX), out);
    builder_text(out, "&conn[][overwrite]=on");
    builder_finish(&url);
}
