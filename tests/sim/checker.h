/* Holds a show's snapshots, one after the other, against the rules of rfc8216bis (6.2.1,
 * 6.2.2, 4.4.4.9, B.1) and of the project: no single playlist can break these, only the
 * sequence of them and the media that they name. The first breach fails the test.
 *
 * Ownership: create/destroy. */
#ifndef TESTS_SIM_CHECKER_H
#define TESTS_SIM_CHECKER_H

#include "packager/hls/snapshot.h"

struct checker;

struct checker_config {
    int64_t wall_anchor_ms;
    bool may_be_short;    /* frames are missing: parts under 85 % are let pass */
    bool same_boundaries; /* sound is there all along: its segments begin in step */
};

struct checker_stats {
    uint64_t n_looks, n_parts, n_gap_parts, n_segments, n_gap_segments,
        n_mixed_segments; /* of media and GAP parts */
    uint64_t n_samples;   /* in all parts */
    uint64_t n_missed;    /* numbers that were left out between samples */
    uint64_t n_discontinuities;
    uint64_t n_deltas;
    uint64_t n_emsg;
    uint64_t n_ranges; /* the most at a time */
    uint64_t peak_bps; /* of any segment of a second or more */
    int64_t longest_part_ms, longest_segment_ms;
    int64_t shortest_tail_ms; /* last part of a complete segment; 0: none seen */
};

struct checker *checker_create(const struct checker_config *config);
void checker_destroy(struct checker *checker);
/* The renditions' newest snapshots; one may be NULL. */
void checker_look(struct checker *checker, const struct snapshot *video,
                  const struct snapshot *audio, int64_t now_ms);
struct checker_stats checker_stats(const struct checker *checker, enum track_kind kind);

#endif
