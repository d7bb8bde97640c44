/* A cue in band: an event message box, version 1 (ISO/IEC 23009-1, section 5.10.3.3), that
 * holds an ID3 tag (AOM, "Carriage of ID3 Timed Metadata in CMAF"). The timescale is that
 * of the video track: one player reads a timescale of 1 as version 0. The duration is
 * unknown: the cues themselves say when a card goes. */
#ifndef RENDER_EMSG_H
#define RENDER_EMSG_H

#include "core/bytes.h"

struct builder;

enum { RENDER_EMSG_TIMESCALE = 90000 };

#define RENDER_EMSG_SCHEME "https://aomedia.org/emsg/ID3"
#define RENDER_EMSG_VALUE "shop.cue.v1" /* also the description of the TXXX frame */

/* text: what the TXXX frame holds; UTF-8 without NUL. time >= 0. */
void render_emsg_put(struct builder *out, int64_t time, uint32_t id, struct bytes text);

#endif
