/* AAC's AudioSpecificConfig (ISO 14496-3 1.6.2.1 and 4.4.1). All input is a peer's.
 *
 * Taken are the three kinds that players of HLS play: LC (object type 2), HE-AAC (SBR,
 * 5) and HE-AAC v2 (parametric stereo, 29), the latter two signalled in front or in the
 * backward compatible way behind the LC configuration (1.6.5).
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_AAC_H
#define MEDIA_AAC_H

#include "core/bytes.h"

struct err;

/* Real ones have 2 to 7 bytes; a program config element with a comment about 300. */
enum { AAC_CONFIG_MAX = 512 };

enum {
    AAC_RATE_MIN = 7350, /* the ends of table 1.18; other rates between are legal */
    AAC_RATE_MAX = 96000,
};

enum aac_object_type { AAC_LC = 2, AAC_HE = 5, AAC_HE_V2 = 29 };

struct aac_config {
    uint32_t object_type;   /* enum aac_object_type: the XX of mp4a.40.XX */
    uint32_t sample_rate;   /* of the sound that comes out, with SBR if signalled */
    uint32_t channels;      /* that come out */
    uint32_t frame_samples; /* a frame, at sample_rate: 1024 or 960, with SBR twice */
};

int media_aac_parse_config(struct bytes asc, struct aac_config *ret, struct err *err);

#endif
