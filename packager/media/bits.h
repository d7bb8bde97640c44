/* Reading single bits from bytes, most significant first: what codec configuration is
 * written in. Reading past the end sets a mark and gives zeros, so a chain of reads is
 * checked once, at the end. */
#ifndef MEDIA_BITS_H
#define MEDIA_BITS_H

#include "core/bytes.h"

struct bits {
    /* private */
    struct bytes in;
    size_t at; /* next bit */
    bool failed;
};

struct bits media_bits_of(struct bytes in);
uint32_t media_bits_read(struct bits *bits, unsigned n); /* n up to 32 */
bool media_bits_flag(struct bits *bits);
void media_bits_skip(struct bits *bits, size_t n);
void media_bits_align(struct bits *bits); /* to the next byte */
size_t media_bits_left(const struct bits *bits);
/* Exponential Golomb codes, ITU-T H.264 9.1. A code of more than 32 bits fails. */
uint32_t media_bits_ue(struct bits *bits);
int32_t media_bits_se(struct bits *bits);
bool media_bits_failed(const struct bits *bits);

#endif
