/* Bytes that travel: counted, immutable once made, BUF_PADDING zero bytes behind them
 * because FFmpeg's readers look past the end.
 *
 * Ownership: whoever holds a reference; the last unref frees.
 * Threads:   ref and unref from any thread; the content never changes. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/bytes.h"

enum { BUF_PADDING = 64 };

struct buf;

/* Copies. buf_try_copy() returns NULL when memory is short: for sizes a peer decides. */
struct buf *buf_copy(struct bytes content);
struct buf *buf_try_copy(struct bytes content);
/* Takes memory from alloc_*; BUF_PADDING bytes behind len are allocated and zero. */
struct buf *buf_adopt(void *memory, size_t len);
/* The same for content that begins start bytes into the memory: what a protocol puts in
 * front of a payload needs no copy to get rid of. */
struct buf *buf_adopt_from(void *memory, size_t start, size_t len);
/* The same for memory from pool_try(): what stays for a while. */
struct buf *buf_adopt_pool(void *block, size_t len);
/* Bytes that live as long as the program, without padding. */
struct buf *buf_static(struct bytes content);

struct buf *buf_ref(struct buf *buf);          /* NULL gives NULL */
void buf_unref(struct buf *buf);               /* NULL: nothing */
struct bytes buf_bytes(const struct buf *buf); /* NULL gives no bytes */

#endif
