/* Playlist delta updates (rfc8216bis 6.2.5.1): which segments may be skipped. DATERANGE
 * tags are never skipped, so _HLS_skip=v2 gets the same text. Pure. */
#ifndef HLS_DELTA_H
#define HLS_DELTA_H

#include "core/builder.h"
#include "packager/segment/part.h"

/* CAN-SKIP-UNTIL: six target durations, the least that is allowed. */
int64_t hls_delta_boundary_ms(uint32_t target_duration_s);
/* How many of the oldest segments lie further from the end of the last one. */
size_t hls_delta_n_skipped(struct segment *const *segments, size_t n_segments,
                           uint32_t target_duration_s);
void hls_delta_put_skip(size_t n_skipped, struct builder *b);

#endif
