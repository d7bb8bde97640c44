#include "packager/media/rendition_id.h"

#include "core/require.h"

static const char *const names[] = {"video",  "audio",  "video1", "audio1",
                                    "video2", "audio2", "video3", "audio3"};
_Static_assert(sizeof names / sizeof names[0] == RENDITIONS_MAX, "each has a name");

unsigned media_rendition_id_make(enum track_kind kind, unsigned index)
{
    require(index < RENDITIONS_PER_KIND);
    return index * TRACK_KINDS + (unsigned)kind;
}

enum track_kind media_rendition_id_kind(unsigned id)
{
    return id % TRACK_KINDS == TRACK_VIDEO ? TRACK_VIDEO : TRACK_AUDIO;
}

unsigned media_rendition_id_index(unsigned id)
{
    return id / TRACK_KINDS;
}

const char *media_rendition_id_name(unsigned id)
{
    require(id < RENDITIONS_MAX);
    return names[id];
}

bool media_rendition_id_find(struct bytes name, unsigned *ret_id)
{
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        if (!bytes_equal_text(name, names[id]))
            continue;
        *ret_id = id;
        return true;
    }
    return false;
}
