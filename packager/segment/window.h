/* The complete segments of one rendition: those that the playlist lists, and behind them
 * those that have left it and may still be asked for (rfc8216bis 6.2.2: a segment stays
 * available after its removal for as long as it and the longest playlist last).
 *
 * Ownership: init/finish; holds references. Threads: one at a time.
 * Time:      now_ms is monotonic and passed in.
 * Limits:    time alone; each segment lasts at least a part, so count follows. */
#ifndef SEGMENT_WINDOW_H
#define SEGMENT_WINDOW_H

#include "packager/segment/part.h"

enum { WINDOW_SEGMENTS_MIN = 6 };

struct window_entry {
    struct segment *segment;
    int64_t expires_ms; /* once it has left the playlist */
};

struct window {
    /* private */
    struct window_entry *entries; /* oldest first */
    size_t n, cap;
    size_t n_left;          /* of these have left the playlist */
    int64_t listed_ms;      /* sum of the labels of the others */
    int64_t longest_ms;     /* the most that listed_ms has been */
    uint64_t discontinuity; /* EXT-X-DISCONTINUITY-SEQUENCE */
};

void segment_window_init(struct window *window, uint64_t first_discontinuity);
void segment_window_finish(struct window *window); /* also of a zeroed one */

void segment_window_add(struct window *window,
                        struct segment *segment); /* takes the reference */
/* The first segment that should be listed when at least window_ms of media and
 * WINDOW_SEGMENTS_MIN segments stay; 0 when none is listed. */
uint64_t segment_window_wanted_first(const struct window *window, int64_t window_ms);
/* Segments before msn leave the playlist; those that have left long ago are given up. */
void segment_window_trim(struct window *window, uint64_t first_msn, int64_t now_ms);

size_t segment_window_count(const struct window *window); /* listed or not */
size_t segment_window_n_left(const struct window *window);
struct segment *segment_window_get(const struct window *window,
                                   size_t i); /* borrowed */
uint64_t segment_window_discontinuity(const struct window *window);
/* Sequence number of the newest segment's run: that of the listed ones' first, and one
 * for each discontinuity since. */
uint64_t segment_window_last_discontinuity(const struct window *window);

#endif
