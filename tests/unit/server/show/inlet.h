/* An ingest into a packager whose parts are taken: what a publisher sends goes in, and
 * what the playlists would have can be asked. */
#ifndef TESTS_SHOW_INLET_H
#define TESTS_SHOW_INLET_H

#include "core/err.h"
#include "server/show/ingest.h"

struct inlet {
    struct packager *packager;
    struct show_ingest *ingest;
    unsigned n_failed, n_parts, n_refused;
    struct err err; /* of the last event that failed */
};

/* The show has run for 10 s. */
static inline struct inlet inlet_open(void)
{
    struct packager_config config = {.part_ms = 334,
                                     .segment_ms = 1000,
                                     .window_ms = 60000,
                                     .first_msn = 1,
                                     .constants.wall_anchor_ms = 1795000000000};
    struct inlet in = {.packager = packager_create(&config)};
    in.ingest = show_ingest_create(in.packager, 10000);
    return in;
}

static inline void inlet_close(struct inlet *in)
{
    show_ingest_destroy(in->ingest);
    packager_destroy(in->packager);
}

static inline int inlet_give(struct inlet *in, const struct rtmp_event *event,
                             int64_t now_ms)
{
    struct packager_event out;
    int failed = show_ingest_event(in->ingest, event, now_ms, &in->err);
    in->n_failed += failed != 0;
    while (packager_next(in->packager, &out)) {
        in->n_refused +=
            out.type == PACKAGER_FINDING && out.finding.what == PACKAGER_REFUSED_PACKET;
        if (out.type != PACKAGER_PART_DUE)
            continue;
        in->n_parts++;
        packager_finish_part(in->packager, NULL, 0);
    }
    return failed;
}

static inline const struct track *inlet_track(const struct inlet *in,
                                              enum track_kind kind)
{
    return show_ingest_track(in->ingest, kind);
}

/* Number of epochs that the rendition's listed segments belong to; 0: no rendition. */
static inline unsigned inlet_epochs(const struct inlet *in, unsigned rendition)
{
    struct snapshot *snapshot = packager_snapshot(in->packager, rendition);
    unsigned n = 0;
    const struct segment_epoch *last = NULL;
    for (size_t i = 0; snapshot && i < snapshot->n_segments; i++) {
        n += snapshot->segments[i]->epoch != last;
        last = snapshot->segments[i]->epoch;
    }
    hls_snapshot_unref(snapshot);
    return n;
}

/* Number of parts with media in them. */
static inline size_t inlet_parts(const struct inlet *in, unsigned rendition)
{
    struct snapshot *snapshot = packager_snapshot(in->packager, rendition);
    size_t n = 0;
    for (size_t i = 0; snapshot && i < snapshot->n_segments; i++)
        for (uint32_t k = 0; k < snapshot->segments[i]->n_parts; k++)
            n += snapshot->segments[i]->parts[k]->data != NULL;
    hls_snapshot_unref(snapshot);
    return n;
}

#endif
