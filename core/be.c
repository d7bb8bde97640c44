#include "core/be.h"

#include <string.h>

struct be_reader be_reader_of(struct bytes in)
{
    return (struct be_reader){.rest = in};
}

struct bytes be_read_bytes(struct be_reader *r, size_t len)
{
    if (r->failed || len > r->rest.len) {
        r->failed = true;
        return bytes_make(NULL, 0);
    }
    struct bytes head = bytes_first(r->rest, len);
    r->rest = bytes_from(r->rest, len);
    return head;
}

static uint64_t read_number(struct be_reader *r, size_t size)
{
    struct bytes raw = be_read_bytes(r, size);
    uint64_t value = 0;
    for (size_t i = 0; i < raw.len; i++)
        value = value << 8 | raw.data[i];
    return value;
}

uint8_t be_read_u8(struct be_reader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t be_read_u16(struct be_reader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t be_read_u24(struct be_reader *r)
{
    return (uint32_t)read_number(r, 3);
}

uint32_t be_read_u32(struct be_reader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t be_read_u64(struct be_reader *r)
{
    return read_number(r, 8);
}

int32_t be_read_i24(struct be_reader *r)
{
    uint32_t raw = be_read_u24(r);
    return raw & 0x800000 ? (int32_t)raw - 0x1000000 : (int32_t)raw;
}

double be_read_f64(struct be_reader *r)
{
    uint64_t bits = be_read_u64(r);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
