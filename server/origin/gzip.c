#include "server/origin/gzip.h"

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

#include "core/alloc.h"
#include "core/buf.h"

enum {
    GZIP_LEVEL = 4, /* playlists are small and repetitive: higher gains nothing */
    GZIP_WINDOW = 15 + 16, /* 32 KiB window, gzip wrapper */
};

struct buf *origin_gzip_pack(struct bytes plain)
{
    z_stream stream = {0};
    if (plain.len > UINT32_MAX ||
        deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t bound = deflateBound(&stream, plain.len);
    uint8_t *out = alloc_zero(bound + BUF_PADDING);
    stream.next_in = plain.data;
    stream.avail_in = (uInt)plain.len;
    stream.next_out = out;
    stream.avail_out = (uInt)bound;
    int result = deflate(&stream, Z_FINISH);
    size_t len = stream.total_out;
    (void)deflateEnd(&stream);
    if (result == Z_STREAM_END)
        return buf_adopt(out, len);
    alloc_free(out);
    return NULL;
}
