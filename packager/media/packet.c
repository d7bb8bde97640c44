#include "packager/media/packet.h"

#include "core/buf.h"
#include "core/require.h"

void media_packet_finish(struct packet *packet)
{
    buf_unref(packet->data);
    *packet = (struct packet){0};
}

int64_t media_packet_rescale(int64_t a, uint32_t from, uint32_t to)
{
    require(from > 0);
    if (from == to)
        return a;
    int64_t small;
    if (!__builtin_mul_overflow(a, (int64_t)to, &small) && small >= 0 &&
        small <= INT64_MAX - from)
        return (small + from / 2) / from;
    __int128 product = (__int128)a * to;
    __int128 half = from / 2;
    __int128 nearest = (product < 0 ? product - half : product + half) / from;
    return (int64_t)nearest;
}
