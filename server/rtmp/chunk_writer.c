#include "server/rtmp/chunk_writer.h"

#include "core/builder.h"
#include "core/require.h"

enum { STAMP_EXTENDED = 0xffffff };

static void put_full_header(struct builder *out, const struct rtmp_chunk_header *header,
                            size_t len)
{
    bool extended = header->stamp_ms >= STAMP_EXTENDED;
    builder_u8(out, header->csid);
    builder_u24(out, extended ? STAMP_EXTENDED : header->stamp_ms);
    builder_u24(out, (uint32_t)len);
    builder_u8(out, header->type);
    for (unsigned shift = 0; shift < 32; shift += 8) /* the only little-endian field */
        builder_u8(out, (uint8_t)(header->stream_id >> shift));
    if (extended)
        builder_u32(out, header->stamp_ms);
}

static void put_short_header(struct builder *out,
                             const struct rtmp_chunk_header *header)
{
    builder_u8(out, 0xc0 | header->csid);
    if (header->stamp_ms >= STAMP_EXTENDED)
        builder_u32(out, header->stamp_ms);
}

void rtmp_chunk_writer_put(struct builder *out, uint32_t chunk_size,
                           const struct rtmp_chunk_header *header, struct bytes payload)
{
    require(header->csid >= 2 && header->csid < 64);
    require(chunk_size > 0 && payload.len <= 0xffffff);
    put_full_header(out, header, payload.len);
    builder_put(out, bytes_first(payload, chunk_size));
    struct bytes rest = bytes_from(payload, chunk_size);
    while (rest.len > 0) {
        put_short_header(out, header);
        builder_put(out, bytes_first(rest, chunk_size));
        rest = bytes_from(rest, chunk_size);
    }
}

void rtmp_chunk_writer_control(struct builder *out, uint8_t type, uint32_t value)
{
    uint8_t raw[4];
    for (unsigned i = 0; i < 4; i++)
        raw[i] = (uint8_t)(value >> (24 - 8 * i));
    struct rtmp_chunk_header header = {.csid = RTMP_CSID_CONTROL, .type = type};
    rtmp_chunk_writer_put(out, sizeof raw, &header, bytes_make(raw, sizeof raw));
}
