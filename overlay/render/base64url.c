#include "overlay/render/base64url.h"

#include "core/builder.h"

static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* n bytes (1 to 3) as n + 1 characters. */
static void put_group(struct builder *out, const uint8_t *in, size_t n)
{
    uint32_t bits = (uint32_t)in[0] << 16;
    if (n > 1)
        bits |= (uint32_t)in[1] << 8;
    if (n > 2)
        bits |= in[2];
    char text[4];
    for (size_t i = 0; i < 4; i++)
        text[i] = ALPHABET[(bits >> (18 - 6 * i)) & 63];
    builder_put(out, bytes_make(text, n + 1));
}

void render_base64url_put(struct builder *out, struct bytes content)
{
    size_t at = 0;
    for (; content.len - at >= 3; at += 3)
        put_group(out, content.data + at, 3);
    if (at < content.len)
        put_group(out, content.data + at, content.len - at);
}
