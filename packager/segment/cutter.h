/* Where parts and segments end, for one rendition in one epoch. Pure: it judges pieces
 * (a sample with its exact duration, or a stretch of missing media) one after the other,
 * and holds no media.
 *
 * - A part closes before the piece whose end would pass the length of this rendition's
 *   parts, at a segment boundary and around missing media; never else (rfc8216bis
 *   4.4.4.9). Where that leaves less than 85 % of PART-TARGET, because stamps jitter, the
 *   part may take one piece more, up to PART-TARGET.
 * - The leading rendition decides the boundaries: the first key frame at or after the
 *   wanted length less half a frame; earlier when the next key frame is expected past
 *   the longest legal segment, or when it comes right after missing media; without a key
 *   frame when the segment would pass that length. What nobody sends, or ends with
 *   a key frame, has segments of its own: from the end of the media to that frame.
 * - The following rendition cuts at the first piece that starts at or after a boundary,
 *   and ends its parts where the leader's end, if that fills them to 85 %.
 *
 * Ownership: a plain value. Time: ticks of the rendition, decode axis of the media. */
#ifndef SEGMENT_CUTTER_H
#define SEGMENT_CUTTER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CUTTER_RECENT = 8,         /* durations that the typical one is taken from */
    CUTTER_PARTS_CROWDED = 64, /* parts of a segment at which the leader ends it */
};
#define CUTTER_NO_BOUNDARY INT64_MAX

struct cutter_config {
    uint32_t timescale;
    /* of this rendition's parts; its frames' stamps included */
    uint32_t part_target_ms;
    uint32_t part_limit_ms;     /* PART-TARGET as players are told; 0: the same */
    uint32_t segment_ms;        /* wanted */
    uint32_t target_duration_s; /* EXTINF rounds to this at most */
    uint32_t margin_ms; /* left free below the longest segment, for others' frames */
    bool follows;
};

struct cutter_piece {
    int64_t start, end;
    bool key;  /* a decoder can start here */
    bool gap;  /* missing media */
    bool away; /* because nobody sends, or until a key frame comes */
};

enum cutter_cut {
    CUTTER_JOIN,           /* belongs to the open part */
    CUTTER_PART,           /* opens a part */
    CUTTER_SEGMENT,        /* opens a segment */
    CUTTER_SEGMENT_FORCED, /* opens a segment, and is no key frame */
};

struct cutter {
    /* private */
    struct cutter_config config;
    int64_t part_max, part_min, part_limit, part_legal;
    int64_t segment_min, segment_max, segment_hard_max;
    int64_t segment_start, part_start;
    uint32_t n_parts; /* of the segment, with the open one */
    bool part_open, part_gap;
    bool after_gap;      /* the last piece was missing media */
    bool has_media;      /* the segment holds some */
    bool begins_missing; /* the segment begins without */
    bool crowded;
    int64_t boundary, part_bound;
    int64_t last_key, key_intervals[2];
    int64_t recent[CUTTER_RECENT];
    uint32_t n_recent;
    int64_t typical; /* their median */
};

/* frame: duration of a sample as measured or known; 0: not yet. */
void segment_cutter_init(struct cutter *cutter, const struct cutter_config *config,
                         int64_t frame);
enum cutter_cut segment_cutter_judge(const struct cutter *cutter,
                                     const struct cutter_piece *piece);
/* The piece goes in as judged; its end is exact. */
void segment_cutter_place(struct cutter *cutter, const struct cutter_piece *piece,
                          enum cutter_cut cut);
/* A segment opens at start before its first piece is complete. */
void segment_cutter_open_segment(struct cutter *cutter, int64_t start);
/* The open part was closed; the next piece opens one. */
void segment_cutter_close_part(struct cutter *cutter);

/* Followers: the next boundary, or CUTTER_NO_BOUNDARY. */
void segment_cutter_set_boundary(struct cutter *cutter, int64_t boundary);
/* Followers: where the leader's part ended, or CUTTER_NO_BOUNDARY. */
void segment_cutter_set_part_bound(struct cutter *cutter, int64_t bound);
/* Where the open part began; CUTTER_NO_BOUNDARY: none is open. */
int64_t segment_cutter_part_start(const struct cutter *cutter);
/* The open part may end at t: it is 85 % of PART-TARGET long. */
bool segment_cutter_may_end_part(const struct cutter *cutter, int64_t t);
/* Leaders: another rendition's segment has as many parts as it should ever have. */
void segment_cutter_set_crowded(struct cutter *cutter, bool crowded);

/* Median of the recent samples' durations, never longer than a part; 0: unknown. */
int64_t segment_cutter_typical(const struct cutter *cutter);
/* A sample that lasts longer is followed by a hole. */
int64_t segment_cutter_part_max(const struct cutter *cutter);
/* A part that ends for no other reason than its length lasts so long at least. */
int64_t segment_cutter_part_legal(const struct cutter *cutter);
/* Some sample was placed in the open segment. */
bool segment_cutter_has_media(const struct cutter *cutter);
/* Where nobody sends any more: how far from the leader's boundary a follower's may be. */
int64_t segment_cutter_slack(const struct cutter *cutter);
/* No piece of the open segment may end later. */
int64_t segment_cutter_hard_end(const struct cutter *cutter);
/* Time from the last key frame to t; 0 when there was none. */
int64_t segment_cutter_since_key(const struct cutter *cutter, int64_t t);

#endif
