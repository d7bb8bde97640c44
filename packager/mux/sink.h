/* Where libavformat writes to: memory that becomes a buf without a copy, with a place
 * for bytes that stand in front. One AVIOContext serves all parts of a muxer.
 *
 * Ownership: create/destroy. Threads: one at a time. */
#ifndef MUX_SINK_H
#define MUX_SINK_H

#include "core/bytes.h"

struct AVIOContext;
struct buf;
struct sink;

struct sink *mux_sink_create(void);       /* NULL: no memory */
void mux_sink_destroy(struct sink *sink); /* NULL: nothing; with its AVIOContext */

/* The handle for AVFormatContext.pb; it stays the sink's. */
struct AVIOContext *mux_sink_pb(struct sink *sink);

/* Starts with prefix; about expected bytes will follow. What the handle still held is
 * forgotten. */
void mux_sink_begin(struct sink *sink, struct bytes prefix, size_t expected);
/* Everything since begin, prefix first; NULL when memory was short. */
struct buf *mux_sink_take(struct sink *sink);

#endif
