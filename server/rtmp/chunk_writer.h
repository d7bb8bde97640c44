/* Messages into chunks (Adobe "RTMP specification" 1.0, 5.3.1): every message begins with
 * a full header, and goes on with the shortest. Pure. */
#ifndef RTMP_CHUNK_WRITER_H
#define RTMP_CHUNK_WRITER_H

#include "core/bytes.h"

struct builder;

/* Chunk streams that both sides use by habit; the number means nothing to a reader. */
enum {
    RTMP_CSID_CONTROL = 2,
    RTMP_CSID_COMMAND = 3,
    RTMP_CSID_STATUS = 5,
};

struct rtmp_chunk_header {
    uint8_t csid; /* 2 to 63 */
    uint8_t type;
    uint32_t stream_id;
    uint32_t stamp_ms;
};

void rtmp_chunk_writer_put(struct builder *out, uint32_t chunk_size,
                           const struct rtmp_chunk_header *header,
                           struct bytes payload);
/* A control message of one 32-bit number. */
void rtmp_chunk_writer_control(struct builder *out, uint8_t type, uint32_t value);

#endif
