/* The text of a multivariant playlist: one variant, its audio in a group of its own.
 * Pure. */
#ifndef HLS_MULTIVARIANT_H
#define HLS_MULTIVARIANT_H

#include "core/bytes.h"
#include "packager/media/track.h"

struct buf;

struct multivariant {
    const struct track *video, *audio; /* one may be NULL */
    uint64_t bandwidth, average_bandwidth;
    uint32_t milli_fps;        /* FRAME-RATE with three decimals; 0: unknown */
    bool independent_segments; /* all segments start with a key frame */
};

struct buf *hls_multivariant_render(const struct multivariant *multivariant);

#endif
