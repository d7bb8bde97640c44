/* An ID3v2.4 tag with one TXXX frame in UTF-8 (id3.org, "ID3 tag version 2.4.0", sections
 * 3.1, 4 and 4.2.6). One frame a tag, encoding 3 and sync-safe sizes in the tag and in the
 * frame: what the parsers in players agree on. */
#ifndef RENDER_ID3_H
#define RENDER_ID3_H

#include "core/bytes.h"

struct builder;

enum {
    RENDER_ID3_OVERHEAD = 22, /* bytes around description and value */
    RENDER_ID3_MAX = 1 << 20, /* bytes of description and value; far above any cue */
};

/* UTF-8 without NUL, both. */
void render_id3_put(struct builder *out, const char *description, struct bytes value);

#endif
