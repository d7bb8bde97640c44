#include "packager/media/bits.h"

#include "core/require.h"

struct bits media_bits_of(struct bytes in)
{
    return (struct bits){.in = in};
}

size_t media_bits_left(const struct bits *bits)
{
    return bits->failed ? 0 : bits->in.len * 8 - bits->at;
}

void media_bits_skip(struct bits *bits, size_t n)
{
    if (n > media_bits_left(bits))
        bits->failed = true;
    else
        bits->at += n;
}

uint32_t media_bits_read(struct bits *bits, unsigned n)
{
    require(n <= 32);
    size_t at = bits->at;
    media_bits_skip(bits, n);
    if (bits->failed)
        return 0;
    uint64_t value = 0;
    size_t last = (at + n + 7) / 8; /* at most five bytes */
    for (size_t i = at / 8; i < last; i++)
        value = value << 8 | bits->in.data[i];
    value >>= last * 8 - (at + n);
    return (uint32_t)(value & ((UINT64_C(1) << n) - 1));
}

bool media_bits_flag(struct bits *bits)
{
    return media_bits_read(bits, 1) != 0;
}

void media_bits_align(struct bits *bits)
{
    bits->at = (bits->at + 7) / 8 * 8; /* a whole byte exists around each bit */
}

uint32_t media_bits_ue(struct bits *bits)
{
    unsigned n_zeros = 0;
    while (!media_bits_flag(bits)) {
        if (bits->failed || ++n_zeros > 31) {
            bits->failed = true;
            return 0;
        }
    }
    uint32_t rest = media_bits_read(bits, n_zeros);
    return bits->failed ? 0 : (UINT32_C(1) << n_zeros) - 1 + rest;
}

int32_t media_bits_se(struct bits *bits)
{
    uint32_t code = media_bits_ue(bits);
    int64_t half = ((int64_t)code + 1) / 2;
    return (int32_t)(code & 1 ? half : -half);
}

bool media_bits_failed(const struct bits *bits)
{
    return bits->failed;
}
