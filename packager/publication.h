/* What the outside sees of a show's renditions: their snapshots and the multivariant
 * playlist, made anew when something has changed.
 *
 * Ownership: init/finish. Threads: one at a time; what it gives out travels. */
#ifndef PUBLICATION_H
#define PUBLICATION_H

#include "packager/epoch.h"
#include "packager/hls/media_playlist.h"

/* What the multivariant playlist was last made of. */
struct announced {
    uint64_t n_segments, n_frames;
    const struct segment_epoch *leader, *follower; /* compared only */
};

struct publication {
    bool ended;
    struct marker_range *ranges; /* their references are ours */
    size_t n_ranges;
    struct buf *multivariant;
    /* private */
    struct media_playlist *playlists[TRACK_KINDS];
    struct snapshot *snapshots[TRACK_KINDS];
    uint64_t bandwidth, average_bandwidth;
    struct announced announced;
};

void packager_publication_finish(struct publication *publication);
void packager_publication_set_ranges(struct publication *publication,
                                     const struct marker_range *ranges,
                                     size_t n_ranges);
/* Makes the rendition's snapshot; other NULL: there is none. */
void packager_publication_render(struct publication *publication,
                                 const struct epoch *epoch, struct rendition *rendition,
                                 const struct rendition *other, int64_t now_ms);
/* After the snapshots. */
void packager_publication_announce(struct publication *publication,
                                   const struct epoch *epoch);
struct snapshot *packager_publication_get(const struct publication *publication,
                                          enum track_kind kind); /* borrowed */

#endif
