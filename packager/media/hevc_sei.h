/* What HEVC's supplemental information says of how bright pictures are (ITU-T H.265
 * D.2.28 and D.2.35): the display they were mastered on, and their light levels. Encoders
 * put it beside the parameter sets, or in front of the first key frame. All input is a
 * peer's; what cannot be read says nothing. Pure. */
#ifndef MEDIA_HEVC_SEI_H
#define MEDIA_HEVC_SEI_H

#include "packager/media/track.h"

enum {
    HEVC_SEI_PREFIX = 39,     /* nal_unit_type */
    HEVC_SEI_BYTES_MAX = 512, /* of one NAL unit are looked at; the two have 30 */
};

/* nal: a whole prefix SEI unit, emulation prevention still in. Sets what *color does not
 * have yet. */
void media_hevc_sei_read(struct bytes nal, struct track_color *color);

#endif
