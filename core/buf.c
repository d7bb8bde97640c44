#include "core/buf.h"

#include <string.h>

#include "core/alloc.h"
#include "core/pool.h"
#include "core/refs.h"
#include "core/require.h"

struct buf {
    struct refs refs;
    const uint8_t *data;
    size_t len;
    void *owned;  /* memory behind data when it is not inline, else NULL */
    void *pooled; /* the same from the pool */
    uint8_t content[];
};

static struct buf *buf_around(struct buf *buf, const uint8_t *data, size_t len,
                              void *owned)
{
    refs_init(&buf->refs);
    buf->data = data;
    buf->len = len;
    buf->owned = owned;
    buf->pooled = NULL;
    return buf;
}

struct buf *buf_try_copy(struct bytes content)
{
    if (content.len > SIZE_MAX - BUF_PADDING - sizeof(struct buf))
        return NULL;
    struct buf *buf = alloc_try(sizeof *buf + content.len + BUF_PADDING);
    if (!buf)
        return NULL;
    if (content.len > 0)
        memcpy(buf->content, content.data, content.len);
    memset(buf->content + content.len, 0, BUF_PADDING);
    return buf_around(buf, buf->content, content.len, NULL);
}

struct buf *buf_copy(struct bytes content)
{
    struct buf *buf = buf_try_copy(content);
    require(buf);
    return buf;
}

struct buf *buf_adopt(void *memory, size_t len)
{
    return buf_adopt_from(memory, 0, len);
}

struct buf *buf_adopt_from(void *memory, size_t start, size_t len)
{
    const uint8_t *content = (const uint8_t *)memory + start;
    return buf_around(alloc_zero(sizeof(struct buf)), content, len, memory);
}

struct buf *buf_adopt_pool(void *block, size_t len)
{
    struct buf *buf = buf_around(alloc_zero(sizeof(struct buf)), block, len, NULL);
    buf->pooled = block;
    return buf;
}

struct buf *buf_static(struct bytes content)
{
    return buf_around(alloc_zero(sizeof(struct buf)), content.data, content.len, NULL);
}

struct buf *buf_ref(struct buf *buf)
{
    if (buf)
        refs_add(&buf->refs);
    return buf;
}

void buf_unref(struct buf *buf)
{
    if (!buf || !refs_drop(&buf->refs))
        return;
    alloc_free(buf->owned);
    pool_free(buf->pooled);
    alloc_free(buf);
}

struct bytes buf_bytes(const struct buf *buf)
{
    return buf ? bytes_make(buf->data, buf->len) : bytes_make(NULL, 0);
}
