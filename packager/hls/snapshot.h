/* One rendition at one moment: its playlist texts and all media that may be asked for.
 * A new one is made once per part; every waiter and every loop shares it.
 *
 * Ownership: counted. Threads: ref, unref and reading from any thread. */
#ifndef HLS_SNAPSHOT_H
#define HLS_SNAPSHOT_H

#include "packager/segment/part.h"

struct snapshot {
    unsigned rendition;   /* media/rendition_id.h */
    uint64_t version;     /* grows by one with each snapshot of the rendition */
    struct buf *playlist; /* full text */
    struct buf *delta;    /* answer to _HLS_skip=YES; NULL: not offered now */
    bool ended;           /* ENDLIST: directives are ignored */
    uint32_t target_duration_s;
    uint32_t part_target_ms;
    uint64_t first_msn;    /* first listed segment */
    uint64_t last_msn;     /* newest complete segment; 0: none yet */
    uint64_t open_msn;     /* the segment being made (last_msn + 1) */
    uint32_t n_open_parts; /* complete parts of the open segment */
    /* Complete segments that may still be asked for, oldest first, listed or not, then
     * the open one (with its parts so far), if any. */
    size_t n_segments;
    struct segment **segments;
    struct segment_epoch *next_epoch; /* of the part that is hinted; NULL: none is */
};

/* Takes every reference in fields and the array of segments. */
struct snapshot *hls_snapshot_create(const struct snapshot *fields);
struct snapshot *hls_snapshot_ref(struct snapshot *snapshot); /* NULL gives NULL */
void hls_snapshot_unref(struct snapshot *snapshot);           /* NULL: nothing */

/* True when the playlist holds part `part` of segment msn or anything later; without a
 * part (has_part false) when segment msn is complete. A part index beyond the last of a
 * complete segment means part 0 of the next (rfc8216bis 6.2.5.2). */
bool hls_snapshot_has(const struct snapshot *snapshot, uint64_t msn, bool has_part,
                      uint64_t part);
/* True when the request lies too far in the future to be held (6.2.5.2: MSN more than 2
 * ahead, or part beyond the Advance Part Limit): answer 400 at once. */
bool hls_snapshot_is_too_far(const struct snapshot *snapshot, uint64_t msn,
                             bool has_part, uint64_t part);

enum hls_found {
    HLS_FOUND,     /* bytes in ret */
    HLS_HINTED,    /* the part that comes next: hold the request */
    HLS_NOT_FOUND, /* unknown, abandoned or expired */
};

enum { HLS_RESOURCE_BUFS = SEGMENT_PARTS_MAX };

/* Bytes of a resource: the bufs in order, borrowed from the snapshot. */
struct hls_resource {
    const char *mime;
    size_t n_bufs;
    struct buf *bufs[HLS_RESOURCE_BUFS];
    size_t len;
};

/* Resources are named relative to the playlist, "{epoch}/{name}":
 *   video-init.mp4  video-12.m4s (segment)  video-12.3.m4s (part)  and audio-… alike. */
enum hls_found hls_snapshot_find(const struct snapshot *snapshot, struct bytes epoch,
                                 struct bytes name, struct hls_resource *ret);

#endif
