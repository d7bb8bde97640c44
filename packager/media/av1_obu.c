#include "packager/media/av1_obu.h"

enum { FORBIDDEN = 0x80, EXTENSION = 0x04, HAS_SIZE = 0x02, LEB128_MAX = 8 };

/* 4.10.5; sizes are below 2^32. */
static uint64_t read_leb128(struct be_reader *r)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < LEB128_MAX; i++) {
        uint8_t byte = be_read_u8(r);
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            r->failed = r->failed || value > UINT32_MAX;
            return value;
        }
    }
    r->failed = true;
    return 0;
}

bool media_av1_obu_next(struct be_reader *r, struct av1_obu *ret_obu)
{
    if (r->rest.len == 0)
        return false;
    struct bytes start = r->rest;
    uint8_t header = be_read_u8(r);
    if (header & EXTENSION)
        (void)be_read_u8(r);
    uint64_t size = header & HAS_SIZE ? read_leb128(r) : r->rest.len;
    r->failed = r->failed || (header & FORBIDDEN);
    if (r->failed)
        return false;
    struct bytes payload = be_read_bytes(r, size);
    if (r->failed)
        return false;
    *ret_obu = (struct av1_obu){
        .type = header >> 3 & 0xf,
        .whole = bytes_first(start, start.len - r->rest.len),
        .payload = payload,
    };
    return true;
}
