/* A card in the playlist: one EXT-X-DATERANGE line (rfc8216bis, section 4.4.5.1) without
 * its line end. A range is immutable but for END-DATE, which comes when it ends. There is
 * one attribute of our own because players lose the names of several; it holds base64url,
 * so no text of a shop reaches the playlist's syntax. END-ON-NEXT is not used: players
 * read it differently. */
#ifndef RENDER_DATERANGE_H
#define RENDER_DATERANGE_H

#include "core/bytes.h"

struct builder;

#define RENDER_DATERANGE_CLASS "live.vitrine.card"
#define RENDER_DATERANGE_OPEN INT64_MAX /* the end is not known yet */

/* id: [A-Za-z0-9_-]. Times: wall clock ms. */
void render_daterange_put(struct builder *out, const char *id, int64_t start_ms,
                          int64_t end_ms, struct bytes json);

#endif
