/* A part and a segment as HLS means them: immutable once made, shared by every viewer.
 * A segment's bytes are its parts' bytes in order; there is no second copy.
 *
 * Ownership: counted. Threads: ref and unref from any thread.
 * Time: ticks of the rendition's timescale on the show's media axis, decode axis of the
 *   media file (tfdt). */
#ifndef SEGMENT_PART_H
#define SEGMENT_PART_H

#include "core/bytes.h"
#include "packager/media/rendition_id.h"

struct buf;

enum { SEGMENT_EPOCH_MAX = 16 }; /* with the NUL; [a-z0-9] */

struct part {
    struct buf *data; /* emsg* moof mdat; NULL: a GAP part */
    int64_t start;    /* tfdt */
    int64_t duration; /* sum of the samples' durations */
    int64_t label_ms; /* DURATION: difference of rounded running sums */
    bool independent; /* holds a key frame (rfc8216bis 4.4.4.9); audio: always */
};

/* What one initialisation section serves: a run of segments without discontinuity. */
struct segment_epoch {
    char token[SEGMENT_EPOCH_MAX]; /* in URLs: a cache never mixes two runs */
    unsigned rendition;            /* media/rendition_id.h */
    struct track *track;
    struct buf *init;
};

/* The longest segment (10 s) in the shortest parts (200 ms), and as many again for the
 * short parts around holes. */
enum { SEGMENT_PARTS_MAX = 128 };

struct segment {
    uint64_t msn;
    struct segment_epoch *epoch;
    int64_t start;
    int64_t duration;
    int64_t boundary;   /* 90 kHz: nominal start, the same in every rendition */
    int64_t label_ms;   /* EXTINF: the sum of its parts' labels */
    int64_t wall_ms;    /* EXT-X-PROGRAM-DATE-TIME */
    bool discontinuity; /* EXT-X-DISCONTINUITY in front */
    bool gap;           /* no media in it at all */
    uint32_t n_parts;
    struct part *parts[SEGMENT_PARTS_MAX];
};

struct part *segment_part_create(struct part fields); /* takes data's reference */
struct part *segment_part_ref(struct part *part);
void segment_part_unref(struct part *part); /* NULL: nothing */

/* Copies the fields; takes references of its own to epoch and parts. */
struct segment *segment_part_segment_create(const struct segment *fields);
struct segment *segment_part_segment_ref(struct segment *segment);
void segment_part_segment_unref(struct segment *segment); /* NULL: nothing */

struct segment_epoch *
segment_part_epoch_create(const char *token, unsigned rendition, struct track *track,
                          struct buf *init); /* takes references of its own */
struct segment_epoch *segment_part_epoch_ref(struct segment_epoch *epoch);
void segment_part_epoch_unref(struct segment_epoch *epoch);

#endif
