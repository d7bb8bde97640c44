/* Which of a show's renditions: its kind, and which of its kind. The first of each have
 * the numbers of their kinds, so that TRACK_VIDEO and TRACK_AUDIO name them. */
#ifndef MEDIA_RENDITION_ID_H
#define MEDIA_RENDITION_ID_H

#include "core/bytes.h"
#include "packager/media/track.h"

enum {
    RENDITIONS_PER_KIND = 4, /* a ladder, or languages, of what one encoder can make */
    RENDITIONS_MAX = RENDITIONS_PER_KIND * TRACK_KINDS,
};

unsigned media_rendition_id_make(enum track_kind kind, unsigned index);
enum track_kind media_rendition_id_kind(unsigned id);
unsigned media_rendition_id_index(unsigned id);
/* What its files are called by: "video", "audio", "video1", … */
const char *media_rendition_id_name(unsigned id);
bool media_rendition_id_find(struct bytes name, unsigned *ret_id);

#endif
