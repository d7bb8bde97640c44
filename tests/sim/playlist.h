/* A strict reader of media playlists, for tests only: it knows the tags that the packager
 * may write and in which order they make sense, and nothing of how they are made. */
#ifndef TESTS_SIM_PLAYLIST_H
#define TESTS_SIM_PLAYLIST_H

#include "core/bytes.h"

enum {
    PLAYLIST_URI_MAX = 64,
    PLAYLIST_PARTS_MAX = 128,
    PLAYLIST_SEGMENTS_MAX = 96,
    PLAYLIST_RANGES_MAX = 32,
    PLAYLIST_REPORTS_MAX = 8,
    PLAYLIST_LINE_MAX = 512,
};

struct playlist_part {
    char uri[PLAYLIST_URI_MAX];
    int64_t ms;
    bool independent, gap;
};

struct playlist_segment {
    uint64_t msn;
    bool complete, discontinuity, gap;
    int64_t ms, wall_ms;
    char uri[PLAYLIST_URI_MAX];
    char map[PLAYLIST_URI_MAX];
    size_t n_parts;
    struct playlist_part parts[PLAYLIST_PARTS_MAX];
};

struct playlist {
    int64_t version, target_duration_s;
    bool server_control;
    int64_t part_hold_back_ms, skip_until_ms, part_target_ms; /* 0: absent */
    uint64_t media_sequence, discontinuity_sequence;
    uint64_t n_skipped;
    bool ended;
    char hint[PLAYLIST_URI_MAX], hint_map[PLAYLIST_URI_MAX];
    size_t n_reports;
    struct playlist_report {
        char uri[PLAYLIST_URI_MAX];
        uint64_t msn, part;
    } reports[PLAYLIST_REPORTS_MAX];
    size_t n_ranges;
    char ranges[PLAYLIST_RANGES_MAX][PLAYLIST_LINE_MAX];
    size_t n_segments; /* the last may be open */
    struct playlist_segment segments[PLAYLIST_SEGMENTS_MAX];
};

/* False with the line that is not understood. */
bool playlist_read(struct bytes text, struct playlist *ret, struct bytes *ret_line);

#endif
