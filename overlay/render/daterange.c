#include "overlay/render/daterange.h"

#include <string.h>

#include "core/builder.h"
#include "core/iso8601.h"
#include "core/require.h"
#include "overlay/render/base64url.h"

static bool is_plain(const char *text)
{
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789-_")] == '\0';
}

void render_daterange_put(struct builder *out, const char *id, int64_t start_ms,
                          int64_t end_ms, struct bytes json)
{
    require(is_plain(id));
    char date[ISO8601_MAX];
    builder_printf(
        out, "#EXT-X-DATERANGE:ID=\"%s\",CLASS=\"" RENDER_DATERANGE_CLASS "\"", id);
    builder_printf(out, ",START-DATE=\"%s\"", iso8601_print(start_ms, date));
    if (end_ms != RENDER_DATERANGE_OPEN)
        builder_printf(out, ",END-DATE=\"%s\"", iso8601_print(end_ms, date));
    builder_text(out, ",X-LIVE-VITRINE-CUE=\"");
    render_base64url_put(out, json);
    builder_text(out, "\"");
}
