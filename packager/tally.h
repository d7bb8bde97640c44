/* What a rendition has made so far, for the bandwidth that is announced.
 *
 * A plain value; init by zeroes. */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#include "packager/segment/part.h"

struct tally {
    uint64_t n_segments;
    uint64_t n_keyless; /* of these have media and do not start with a key frame */
    uint64_t bytes;
    int64_t label_ms;
    uint64_t peak_bps; /* of any segment that lasts half a target duration or more */
};

void packager_tally_add_part(struct tally *tally, const struct part *part);
/* Once it is complete; its parts were added. */
void packager_tally_add_segment(struct tally *tally, const struct segment *segment,
                                uint32_t target_duration_s);

#endif
