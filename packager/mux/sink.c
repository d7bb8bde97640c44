#include "packager/mux/sink.h"

#include <errno.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/pool.h"

/* Boxes' headers are gathered here; sample data passes by (AVIO_FLAG_DIRECT). */
enum { SINK_HANDLE_SIZE = 4096 };

struct sink {
    AVIOContext *pb;
    uint8_t *data;
    size_t len; /* bytes there are */
    size_t at;  /* where the next write goes: the muxer goes back to fill in sizes */
    size_t cap;
    size_t start;  /* length of the prefix: the handle's position 0 */
    bool is_short; /* of memory */
};

/* Makes room for bytes up to end and the padding of a buf behind. */
static bool reserve(struct sink *sink, size_t end)
{
    if (sink->is_short || end > SIZE_MAX / 2) {
        sink->is_short = true;
        return false;
    }
    if (end + BUF_PADDING <= sink->cap)
        return true;
    /* The first guess is exact as a rule, and what is taken stays in memory for long. */
    size_t cap = end + (sink->data ? end / 2 : 0) + BUF_PADDING;
    uint8_t *data = pool_try(cap);
    if (!data) {
        sink->is_short = true;
        return false;
    }
    if (sink->len > 0)
        memcpy(data, sink->data, sink->len);
    pool_free(sink->data);
    sink->data = data;
    sink->cap = cap;
    return true;
}

static void put(struct sink *sink, struct bytes content)
{
    if (content.len == 0 || !reserve(sink, sink->at + content.len))
        return;
    memcpy(sink->data + sink->at, content.data, content.len);
    sink->at += content.len;
    if (sink->at > sink->len)
        sink->len = sink->at;
}

static int on_write(void *opaque, uint8_t *data, int len)
{
    struct sink *sink = opaque;
    if (len > 0)
        put(sink, bytes_make(data, (size_t)len));
    return sink->is_short ? AVERROR(ENOMEM) : len;
}

static int64_t on_seek(void *opaque, int64_t offset, int whence)
{
    struct sink *sink = opaque;
    size_t written = sink->len - sink->start;
    if (whence == AVSEEK_SIZE)
        return (int64_t)written;
    if (whence != SEEK_SET || offset < 0 || (size_t)offset > written)
        return AVERROR(EINVAL);
    sink->at = sink->start + (size_t)offset;
    return offset;
}

struct sink *mux_sink_create(void)
{
    struct sink *sink = alloc_zero(sizeof *sink);
    uint8_t *memory = av_malloc(SINK_HANDLE_SIZE);
    if (memory)
        sink->pb = avio_alloc_context(memory, SINK_HANDLE_SIZE, 1, sink, NULL, on_write,
                                      on_seek);
    if (!sink->pb) {
        av_free(memory);
        mux_sink_destroy(sink);
        return NULL;
    }
    sink->pb->direct = AVIO_FLAG_DIRECT;
    return sink;
}

void mux_sink_destroy(struct sink *sink)
{
    if (!sink)
        return;
    if (sink->pb)
        av_freep(&sink->pb->buffer);
    avio_context_free(&sink->pb);
    pool_free(sink->data);
    alloc_free(sink);
}

struct AVIOContext *mux_sink_pb(struct sink *sink)
{
    return sink->pb;
}

void mux_sink_begin(struct sink *sink, struct bytes prefix, size_t expected)
{
    /* The handle's position is a file's: back to its start. This may still write. */
    (void)avio_seek(sink->pb, 0, SEEK_SET);
    sink->pb->error = 0;
    sink->len = sink->at = sink->start = 0;
    sink->is_short = false;
    if (expected < SIZE_MAX / 4 && prefix.len < SIZE_MAX / 4)
        (void)reserve(sink, prefix.len + expected);
    put(sink, prefix);
    sink->start = sink->len;
}

struct buf *mux_sink_take(struct sink *sink)
{
    avio_flush(sink->pb);
    if (!reserve(sink, sink->len))
        return NULL;
    memset(sink->data + sink->len, 0, BUF_PADDING);
    pool_shrink(sink->data, sink->len + BUF_PADDING);
    struct buf *buf = buf_adopt_pool(sink->data, sink->len);
    sink->data = NULL;
    sink->cap = sink->len = sink->at = sink->start = 0;
    return buf;
}
