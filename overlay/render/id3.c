#include "overlay/render/id3.h"

#include <string.h>

#include "core/builder.h"
#include "core/require.h"

enum {
    ID3_FRAME_HEADER = 10,
    ID3_ENCODING_UTF8 = 3,
};

/* Section 6.2: 28 bits in four bytes of seven, so that no byte looks like an MPEG sync. */
static void put_syncsafe(struct builder *out, size_t size)
{
    for (int shift = 21; shift >= 0; shift -= 7)
        builder_u8(out, (uint8_t)((size >> shift) & 0x7f));
}

void render_id3_put(struct builder *out, const char *description, struct bytes value)
{
    size_t body = 1 + strlen(description) + 1 + value.len;
    require(value.len <= RENDER_ID3_MAX && body <= RENDER_ID3_MAX);
    require(bytes_index(value, 0, 0) == value.len);

    builder_text(out, "ID3");
    builder_u16(out, 0x0400); /* version 2.4.0 */
    builder_u8(out, 0);       /* flags */
    put_syncsafe(out, ID3_FRAME_HEADER + body);

    builder_text(out, "TXXX");
    put_syncsafe(out, body);
    builder_u16(out, 0); /* flags */
    builder_u8(out, ID3_ENCODING_UTF8);
    builder_text(out, description);
    builder_u8(out, 0);
    builder_put(out, value);
}
