/* Big-endian reading from bytes with a cursor. Reading past the end sets a mark and
 * gives zeros, so a chain of reads is checked once, at the end. */
#ifndef CORE_BE_H
#define CORE_BE_H

#include "core/bytes.h"

struct be_reader {
    struct bytes rest; /* what has not been read yet */
    bool failed;
};

struct be_reader be_reader_of(struct bytes in);
uint8_t be_read_u8(struct be_reader *r);
uint16_t be_read_u16(struct be_reader *r);
uint32_t be_read_u24(struct be_reader *r);
uint32_t be_read_u32(struct be_reader *r);
uint64_t be_read_u64(struct be_reader *r);
int32_t be_read_i24(struct be_reader *r);
double be_read_f64(struct be_reader *r);
struct bytes be_read_bytes(struct be_reader *r,
                           size_t len); /* no bytes when too short */

#endif
