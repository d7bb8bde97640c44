#include "packager/hls/delta.h"

enum { BOUNDARY_TARGETS = 6 };

int64_t hls_delta_boundary_ms(uint32_t target_duration_s)
{
    return (int64_t)target_duration_s * 1000 * BOUNDARY_TARGETS;
}

size_t hls_delta_n_skipped(struct segment *const *segments, size_t n_segments,
                           uint32_t target_duration_s)
{
    int64_t boundary_ms = hls_delta_boundary_ms(target_duration_s);
    int64_t behind_ms = 0; /* from the start of segment i to the end of the last */
    size_t i = n_segments;
    while (i > 0 && behind_ms <= boundary_ms)
        behind_ms += segments[--i]->label_ms;
    return i;
}

void hls_delta_put_skip(size_t n_skipped, struct builder *b)
{
    builder_printf(b, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%zu\n", n_skipped);
}
