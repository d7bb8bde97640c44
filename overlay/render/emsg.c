#include "overlay/render/emsg.h"

#include "core/builder.h"
#include "core/require.h"
#include "overlay/render/id3.h"

static const uint32_t DURATION_UNKNOWN = 0xffffffff;

static void put_text(struct builder *out, const char *text)
{
    builder_text(out, text);
    builder_u8(out, 0);
}

void render_emsg_put(struct builder *out, int64_t time, uint32_t id, struct bytes text)
{
    require(time >= 0);
    size_t start = builder_bytes(out).len;
    builder_u32(out, 0); /* size, known at the end */
    builder_text(out, "emsg");
    builder_u8(out, 1);  /* version */
    builder_u24(out, 0); /* flags */
    builder_u32(out, RENDER_EMSG_TIMESCALE);
    builder_u64(out, (uint64_t)time);
    builder_u32(out, DURATION_UNKNOWN);
    builder_u32(out, id);
    put_text(out, RENDER_EMSG_SCHEME);
    put_text(out, RENDER_EMSG_VALUE);
    render_id3_put(out, RENDER_EMSG_VALUE, text);
    builder_patch_u32(out, start, (uint32_t)(builder_bytes(out).len - start));
}
