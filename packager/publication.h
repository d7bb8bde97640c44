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
    const struct segment_epoch *epochs[RENDITIONS_MAX]; /* compared only */
};

/* What is told of a rendition's rates, alone. */
struct announced_rate {
    uint64_t bandwidth, average_bandwidth;
};

struct publication {
    bool ended;
    struct marker_range *ranges; /* their references are ours */
    size_t n_ranges;
    struct buf *multivariant;
    /* private */
    struct media_playlist *playlists[RENDITIONS_MAX]; /* by id */
    struct snapshot *snapshots[RENDITIONS_MAX];
    struct announced_rate rates[RENDITIONS_MAX];
    struct announced announced;
};

void packager_publication_finish(struct publication *publication);
void packager_publication_set_ranges(struct publication *publication,
                                     const struct marker_range *ranges,
                                     size_t n_ranges);
/* Makes the rendition's snapshot. */
void packager_publication_render(struct publication *publication,
                                 const struct epoch *epoch, struct rendition *rendition,
                                 int64_t now_ms);
/* After the snapshots. */
void packager_publication_announce(struct publication *publication,
                                   const struct epoch *epoch);
struct snapshot *packager_publication_get(const struct publication *publication,
                                          unsigned id); /* borrowed */

#endif
