/* When media should have come: from the packets' arrivals it learns where on the media
 * axis the publisher stands at any moment, so that media which does not come is given up
 * in time.
 *
 * Each track's distance from the media axis to the clock is known by its packets. How
 * much it has varied lately says how patient to be: a sender of bursts, or a line that
 * stalls and catches up, is waited for by so much longer, up to SCHEDULE_PATIENCE_MS.
 *
 * A plain value; init by zeroes. Time: ms, of the media axis and monotonic. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "packager/media/track.h"

enum {
    SCHEDULE_BUCKET_MS = 10000,  /* arrivals count for one to two of these */
    SCHEDULE_PATIENCE_MS = 2000, /* twice the second that phones send at once */
    SCHEDULE_SILENT_PARTS = 2,   /* no packet for so long: the publisher is away */
    SCHEDULE_BEHIND_PARTS = 1,   /* media is given up when it is so late */
};
#define SCHEDULE_NEVER INT64_MIN

struct schedule_bucket {
    bool used;
    int64_t earliest_ms, latest_ms; /* media time less arrival: most and least */
};

struct schedule {
    /* private */
    struct schedule_bucket buckets[TRACK_KINDS][2]; /* the newer first */
    int64_t turned_ms;                              /* when the newer one began */
    bool renewed; /* with the next packet all before it is forgotten */
    bool heard;
    int64_t heard_ms;
};

/* A packet of that media time came. */
void packager_schedule_note(struct schedule *schedule, enum track_kind kind,
                            int64_t media_ms, int64_t now_ms);
/* The packets that come are another sender's. */
void packager_schedule_renew(struct schedule *schedule);
/* From now on silence is counted anew. */
void packager_schedule_hear(struct schedule *schedule, int64_t now_ms);
/* Nothing was heard for so long. */
bool packager_schedule_is_silent(const struct schedule *schedule, int64_t silent_ms,
                                 int64_t now_ms);
/* Up to which media time what is missing is given up now, in ms, with parts of part_ms;
 * SCHEDULE_NEVER while no packet was seen. */
int64_t packager_schedule_edge_ms(const struct schedule *schedule, int64_t part_ms,
                                  int64_t now_ms);
/* The earliest now at which the edge lies at or behind media_ms and all was silent for
 * silent_ms; INT64_MAX while no packet was seen. */
int64_t packager_schedule_due_ms(const struct schedule *schedule, int64_t part_ms,
                                 int64_t media_ms, int64_t silent_ms);

#endif
