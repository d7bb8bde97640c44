/* The text of a media playlist (draft-pantos-hls-rfc8216bis, protocol version 9) out of
 * a rendition's segments, in full and as a delta update. Pure: the text follows from
 * what is passed in; the lines of complete segments are kept from one rendering to the
 * next because they do not change.
 *
 * Ownership: create/destroy. Threads: one at a time.
 * Limits:    MEDIA_PLAYLIST_MAX bytes of text; what passes it is not rendered. */
#ifndef HLS_MEDIA_PLAYLIST_H
#define HLS_MEDIA_PLAYLIST_H

#include "packager/media/marker.h"
#include "packager/segment/part.h"

enum { MEDIA_PLAYLIST_MAX = 4 << 20 }; /* hours of segments; ours hold a minute */

struct media_playlist;

/* What never changes in the life of a show. */
struct media_playlist_config {
    uint32_t target_duration_s;
    uint32_t part_target_ms;
    bool can_skip; /* CAN-SKIP-UNTIL of six target durations */
};

/* Where another rendition stands: EXT-X-RENDITION-REPORT. */
struct media_playlist_report {
    bool present;
    uint64_t last_msn, last_part;
};

struct media_playlist_state {
    struct segment *const *segments; /* complete and listed, oldest first */
    size_t n_segments;
    const struct segment *open; /* NULL: no part of it yet */
    uint64_t open_msn;
    const struct segment_epoch *next_epoch; /* of the part that comes next */
    uint64_t discontinuity;                 /* EXT-X-DISCONTINUITY-SEQUENCE */
    bool ended;
    struct media_playlist_report reports[RENDITIONS_MAX]; /* by id; not its own */
    const struct marker_range *ranges;
    size_t n_ranges;
    int64_t open_boundary; /* 90 kHz, where the open segment starts */
};

struct media_playlist *
hls_media_playlist_create(const struct media_playlist_config *config);
void hls_media_playlist_destroy(struct media_playlist *playlist); /* NULL: nothing */

/* New references. *ret_delta is NULL when there is nothing to skip. */
void hls_media_playlist_render(struct media_playlist *playlist,
                               const struct media_playlist_state *state,
                               struct buf **ret_full, struct buf **ret_delta);

/* File name of a rendition's playlist, also in reports and the multivariant playlist. */
const char *hls_media_playlist_name(unsigned rendition);

#endif
