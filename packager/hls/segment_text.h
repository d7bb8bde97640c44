/* The lines of one segment as they stand in a media playlist. They never change once the
 * segment is complete, so they are rendered once; only whether its parts are still
 * listed changes, and which tags stand in front of it.
 *
 * Ownership: init/finish. Threads: one at a time. */
#ifndef HLS_SEGMENT_TEXT_H
#define HLS_SEGMENT_TEXT_H

#include "core/builder.h"
#include "packager/segment/part.h"

struct segment_text {
    uint64_t msn;
    /* private */
    struct builder text;
    size_t parts_at, end_at; /* date | parts | end */
};

void hls_segment_text_init(struct segment_text *text, const struct segment *segment);
void hls_segment_text_finish(struct segment_text *text);
void hls_segment_text_put(const struct segment_text *text, bool with_parts,
                          struct builder *b);

/* The same of a segment that is still open: its date, its parts so far. */
void hls_segment_text_put_open(const struct segment *segment, struct builder *b);
/* EXT-X-MAP. */
void hls_segment_text_put_map(const struct segment_epoch *epoch, struct builder *b);
/* "video-12.3.m4s" behind the epoch's folder. */
void hls_segment_text_put_part_uri(const struct segment_epoch *epoch, uint64_t msn,
                                   uint64_t part, struct builder *b);
/* 1.002: milliseconds as seconds with three decimals. */
void hls_segment_text_put_seconds(int64_t ms, struct builder *b);

#endif
