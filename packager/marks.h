/* Boxes of the leader's parts, kept for a follower of its kind until its own part of that
 * time is made.
 *
 * A plain value; init by zeroes. Ownership: holds references. Time: 90 kHz.
 * Limits: MARKS_MAX parts; with so many ahead the oldest are forgotten. */
#ifndef MARKS_H
#define MARKS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum { MARKS_MAX = 32 }; /* parts with markers that wait for their media */

struct marks {
    /* private */
    struct {
        int64_t start; /* of the leader's part */
        struct buf *boxes;
    } marks[MARKS_MAX];
    size_t n;
};

void packager_marks_finish(struct marks *marks); /* leaves none */
void packager_marks_add(struct marks *marks, int64_t start, struct buf *boxes);
/* Those of parts that began before end, in one piece; NULL: none. */
struct buf *packager_marks_take(struct marks *marks, int64_t end);

#endif
