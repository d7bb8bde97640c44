/* A cue as the packager sees it: a media time and bytes or text already rendered. The
 * packager knows when and where, never what.
 *
 * Ownership: counted bufs inside; values copied by whoever takes them.
 * Time: 90 kHz ticks on the show's media axis. */
#ifndef MEDIA_MARKER_H
#define MEDIA_MARKER_H

#include <stdint.h>

enum { MARKER_TIMESCALE = 90000 };
#define MARKER_OPEN INT64_MAX /* end of a range that has not ended */

struct buf;

/* Goes in front of the moof of the part that it falls into: one complete emsg box. */
struct marker {
    int64_t time;
    struct buf *box;
};

/* Goes into every media playlist as one line, once start lies before the open segment. */
struct marker_range {
    int64_t start;
    int64_t end;             /* MARKER_OPEN while it lasts */
    struct buf *line;        /* "#EXT-X-DATERANGE:…" without END-DATE and line end */
    struct buf *line_closed; /* the same with END-DATE; NULL while end is MARKER_OPEN */
};

#endif
