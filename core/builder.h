/* Bytes being written, with the maximum given at the start. Writing past the maximum
 * (or out of memory) sets a mark and writes nothing more, so a chain of writes is
 * checked once, at the end. Numbers are big-endian.
 *
 * Ownership: init/finish; take moves the content out.
 * Threads:   one at a time. */
#ifndef CORE_BUILDER_H
#define CORE_BUILDER_H

#include "core/bytes.h"

struct buf;

struct builder {
    /* private */
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

void builder_init(struct builder *b, size_t max);
void builder_finish(struct builder *b);
void builder_clear(struct builder *b); /* empty again, memory and maximum kept */

/* So many bytes are about to come: room for them is made once. */
void builder_expect(struct builder *b, size_t len);
void builder_put(struct builder *b, struct bytes content);
void builder_text(struct builder *b, const char *text);
void builder_printf(struct builder *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void builder_decimal(struct builder *b, uint64_t value);
void builder_u8(struct builder *b, uint8_t value);
void builder_u16(struct builder *b, uint16_t value);
void builder_u24(struct builder *b, uint32_t value);
void builder_u32(struct builder *b, uint32_t value);
void builder_u64(struct builder *b, uint64_t value);
void builder_f64(struct builder *b, double value); /* IEEE 754, as AMF0 wants it */
/* Overwrites four bytes written before: for sizes known afterwards. */
void builder_patch_u32(struct builder *b, size_t at, uint32_t value);

bool builder_failed(const struct builder *b);
struct bytes builder_bytes(const struct builder *b); /* until the next write */
/* Moves the content into a buf and empties the builder; NULL when it has failed. */
struct buf *builder_take(struct builder *b);

#endif
