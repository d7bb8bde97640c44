#include "core/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"

enum { BUILDER_FIRST_CAP = 256 };

void builder_init(struct builder *b, size_t max)
{
    *b = (struct builder){.max = max};
}

void builder_finish(struct builder *b)
{
    alloc_free(b->data);
    *b = (struct builder){.failed = true};
}

void builder_clear(struct builder *b)
{
    b->len = 0;
    b->failed = false;
}

/* Makes room for extra bytes and the padding of a later buf. */
static bool reserve(struct builder *b, size_t extra)
{
    if (b->failed || extra > b->max || b->len > b->max - extra) {
        b->failed = true;
        return false;
    }
    size_t wanted = b->len + extra + BUF_PADDING;
    if (wanted <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : BUILDER_FIRST_CAP;
    while (cap < wanted)
        cap += cap / 2;
    uint8_t *data = alloc_try_resize(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void builder_put(struct builder *b, struct bytes content)
{
    if (!reserve(b, content.len) || content.len == 0)
        return;
    memcpy(b->data + b->len, content.data, content.len);
    b->len += content.len;
}

void builder_text(struct builder *b, const char *text)
{
    builder_put(b, bytes_text(text));
}

void builder_printf(struct builder *b, const char *format, ...)
{
    if (!reserve(b, 0))
        return;
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    /* Into the room there is, as a rule enough. The NUL behind lands in the padding. */
    size_t room = b->cap - b->len - BUF_PADDING;
    int len = vsnprintf((char *)b->data + b->len, room + 1, format, args);
    va_end(args);
    if (len < 0)
        b->failed = true;
    else if (reserve(b, (size_t)len)) {
        if ((size_t)len > room)
            (void)vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

void builder_decimal(struct builder *b, uint64_t value)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    builder_put(b, bytes_make(digits + at, sizeof digits - at));
}

void builder_expect(struct builder *b, size_t len)
{
    if (!b->failed && b->len < b->max)
        (void)reserve(b, len < b->max - b->len ? len : b->max - b->len);
}

static void put_big_endian(struct builder *b, uint64_t value, size_t size)
{
    uint8_t out[8];
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    builder_put(b, bytes_make(out, size));
}

void builder_u8(struct builder *b, uint8_t value)
{
    put_big_endian(b, value, 1);
}

void builder_u16(struct builder *b, uint16_t value)
{
    put_big_endian(b, value, 2);
}

void builder_u24(struct builder *b, uint32_t value)
{
    put_big_endian(b, value, 3);
}

void builder_u32(struct builder *b, uint32_t value)
{
    put_big_endian(b, value, 4);
}

void builder_u64(struct builder *b, uint64_t value)
{
    put_big_endian(b, value, 8);
}

void builder_f64(struct builder *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    builder_u64(b, bits);
}

void builder_patch_u32(struct builder *b, size_t at, uint32_t value)
{
    if (b->failed)
        return;
    require(at + 4 <= b->len);
    for (size_t i = 0; i < 4; i++)
        b->data[at + i] = (uint8_t)(value >> (24 - 8 * i));
}

bool builder_failed(const struct builder *b)
{
    return b->failed;
}

struct bytes builder_bytes(const struct builder *b)
{
    return bytes_make(b->data, b->len);
}

struct buf *builder_take(struct builder *b)
{
    if (b->failed || !reserve(b, 0))
        return NULL;
    memset(b->data + b->len, 0, BUF_PADDING);
    struct buf *buf = buf_adopt(b->data, b->len);
    *b = (struct builder){.max = b->max};
    return buf;
}
