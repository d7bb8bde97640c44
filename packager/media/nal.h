/* Access units of NAL units with a length in front (ISO 14496-15 5.3.4.2 and 8.3.3.2), as
 * FLV and MP4 carry H.264 and HEVC alike. Pure. All input is a peer's. */
#ifndef MEDIA_NAL_H
#define MEDIA_NAL_H

#include "core/be.h"

struct buf;

/* Cuts the next NAL unit off, which may be empty. False at the end and when the length
 * does not fit (r->failed). */
bool media_nal_next(struct be_reader *r, unsigned length_size, struct bytes *ret_nal);

/* A copy without the empty NAL units, which browsers' MP4 readers refuse; NULL when
 * memory is short. The lengths fit. */
struct buf *media_nal_without_empty(struct bytes au, unsigned length_size);

/* A parameter set's payload without its emulation prevention bytes (ITU-T H.264 7.4.1,
 * H.265 7.4.2): at most out_size bytes of it, the number of which is returned. */
size_t media_nal_unescape(struct bytes payload, uint8_t *out, size_t out_size);

#endif
