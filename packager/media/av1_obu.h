/* Open bitstream units of AV1 (specification 5.3): one after the other, each with a header
 * and, but for the last, a size. All input is a peer's. */
#ifndef MEDIA_AV1_OBU_H
#define MEDIA_AV1_OBU_H

#include "core/be.h"

enum av1_obu_type {
    AV1_OBU_SEQUENCE_HEADER = 1,
    AV1_OBU_TEMPORAL_DELIMITER = 2,
    AV1_OBU_FRAME_HEADER = 3,
    AV1_OBU_FRAME = 6,
    AV1_OBU_REDUNDANT_FRAME_HEADER = 7,
    AV1_OBU_TILE_LIST = 8,
    AV1_OBU_PADDING = 15,
};

struct av1_obu {
    unsigned type;        /* enum av1_obu_type, or another */
    struct bytes whole;   /* with header and size */
    struct bytes payload; /* without */
};

/* False at the end, and when the next one is none (r->failed). */
bool media_av1_obu_next(struct be_reader *r, struct av1_obu *ret_obu);

#endif
