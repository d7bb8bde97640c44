#include "packager/tally.h"

#include <stdbool.h>

#include "core/buf.h"

static bool is_keyless(const struct segment *segment)
{
    for (uint32_t i = 0; i < segment->n_parts; i++)
        if (segment->parts[i]->data)
            return !segment->parts[i]->independent;
    return false;
}

void packager_tally_add_part(struct tally *tally, const struct part *part)
{
    if (!part->data)
        return;
    tally->bytes += buf_bytes(part->data).len;
    tally->label_ms += part->label_ms;
}

void packager_tally_add_segment(struct tally *tally, const struct segment *segment,
                                uint32_t target_duration_s)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < segment->n_parts; i++)
        bytes += buf_bytes(segment->parts[i]->data).len;
    tally->n_segments++;
    if (is_keyless(segment))
        tally->n_keyless++;
    if (segment->label_ms * 2 < (int64_t)target_duration_s * 1000)
        return;
    uint64_t bps = bytes * 8000 / (uint64_t)segment->label_ms;
    if (bps > tally->peak_bps)
        tally->peak_bps = bps;
}
