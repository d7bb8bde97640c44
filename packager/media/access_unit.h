/* One access unit of any codec, as a publisher sends it, made fit for MP4. The only door
 * to the codecs' bitstreams: whoever has a track needs nothing else. Pure.
 *
 * Errors: ERR_MEDIA, a unit that is none and is to be dropped; ERR_NOMEM. */
#ifndef MEDIA_ACCESS_UNIT_H
#define MEDIA_ACCESS_UNIT_H

#include "packager/media/packet.h"

struct err;

/* Fills kind, key, n_samples and data of *ret; its times stay zero, the timeline's task.
 * The data is a new reference to data itself or, where something has to go that MP4 does
 * not carry, to a copy without it. The container's key flag says key frame of recovery
 * points too and is not asked. */
int media_access_unit_clean(const struct track *track, struct buf *data,
                            struct packet *ret, struct err *err);

/* What only the media tell and the configuration record does not: the size of VP9's
 * pictures, AV1's sequence header where the record has none, how bright HEVC's pictures
 * are, the length of Opus' frames. unit: as it comes out of clean. Returns a new
 * reference, to track itself when the unit says nothing new. */
struct track *media_access_unit_refine(struct track *track, const struct packet *unit);

#endif
