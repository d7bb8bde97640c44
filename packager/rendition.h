/* One rendition of a show: packets in, parts and segments out. It outlives epochs; each
 * epoch brings it a muxer and a place on the axis.
 *
 *   enter      a new epoch: what its media is
 *   push       packets, kept until their turn
 *   start      where it begins; from here on it cuts
 *   step       one piece further, until it is idle
 *   finish_part  the answer to RENDITION_PART_DUE
 *   leave      the epoch is over: the open segment is completed
 *
 * What holds it back or drives it on is set from outside before each step: the horizon
 * (a follower must not pass the leader, who decides the boundaries), hole_until (missing
 * media are given up until there) and flush (nothing more will come).
 *
 * Ownership: init/finish. Threads: one at a time.
 * Time:      ticks of its timescale on the show's axis; boundaries in 90 kHz.
 * Limits:    RENDITION_QUEUE_MAX packets of RENDITION_QUEUE_BYTES_MAX, RENDITION_BOUNDARIES_MAX boundaries ahead. */
#ifndef RENDITION_H
#define RENDITION_H

#include "packager/findings.h"
#include "packager/marks.h"
#include "packager/mux/fmp4.h"
#include "packager/packet_queue.h"
#include "packager/segment/cutter.h"
#include "packager/segment/window.h"
#include "packager/tally.h"

enum {
    RENDITION_QUEUE_MAX = PACKAGER_START_PACKETS,
    /* Ten seconds of 50 Mb/s: the longest start that is measured. */
    RENDITION_QUEUE_BYTES_MAX = 64 * 1024 * 1024,
    RENDITION_BOUNDS_MAX = 128,    /* the parts of the longest start of a show */
    RENDITION_BOUNDARIES_MAX = 64, /* a lag of seconds, in segments of a part each */
};
#define RENDITION_NEVER INT64_MIN

/* What one epoch brings to one rendition; empty: the rendition has no track in it. */
struct rendition_media {
    struct track *track;
    struct fmp4 *fmp4;
    struct segment_epoch *epoch;
    char language[PACKAGER_LANGUAGE_MAX], name[PACKAGER_NAME_MAX];
};

struct rendition_boundary {
    int64_t at; /* 90 kHz */
    bool away;  /* the leader's media ended there: others' ends nearby */
};

/* Missing media that was just given up. */
struct rendition_gap {
    bool is_new; /* until it was told */
    int64_t start, end;
    bool opens_segment;
};

struct rendition {
    /* Who it is, and what the epoch brought. */
    unsigned id; /* media/rendition_id.h */
    enum track_kind kind;
    char language[PACKAGER_LANGUAGE_MAX], name[PACKAGER_NAME_MAX];
    bool exists; /* had a track once */
    bool leads;
    struct segment_epoch *epoch;
    struct fmp4 *fmp4; /* NULL: no track in this epoch, missing media all along */
    uint32_t timescale;
    int64_t shift; /* what the muxer adds to decode times */
    struct packet_queue queue;
    int64_t newest; /* decode time of the newest packet of this epoch, or NEVER */

    /* Set from outside before a step. */
    int64_t horizon, hole_until;
    bool away; /* what is given up then is so because nobody sends */
    bool flush;
    bool wants_key; /* it goes on with a key frame */

    /* Where it stands. */
    bool started;
    bool dirty;  /* the playlist is behind */
    int64_t pos; /* end of what was placed */
    struct cutter cutter;
    bool part_open, part_key;
    bool opens_away;   /* the open segment begins where the media ended */
    bool opens_return; /* or with the key frame behind missing media */
    bool after_gap;    /* no part of media has come since missing media */
    struct rendition_gap gap;
    int64_t part_start;
    struct segment open; /* its parts are ours, its epoch is the one above */
    struct window window;
    struct rendition_boundary boundaries[RENDITION_BOUNDARIES_MAX];
    size_t n_boundaries;
    /* 90 kHz, where the leader's parts end */
    int64_t part_bounds[RENDITION_BOUNDS_MAX];
    size_t n_part_bounds;
    struct marks marks; /* boxes that its parts should carry as the leader's do */
    struct tally tally;
    uint32_t n_fragments; /* moofs made, over all epochs */

    /* private */
    struct findings *findings;
    uint32_t target_duration_s;
    int64_t wall_anchor_ms;
    enum cutter_cut part_end; /* what the open part ends for */
    bool before_gap;
    int64_t hole_ticks;
    int64_t n_short, n_refused;
};

enum rendition_step {
    RENDITION_IDLE,     /* needs packets, or leave to go on */
    RENDITION_WORKED,   /* ask again */
    RENDITION_PART_DUE, /* a part is complete but for its prefix */
};

void packager_rendition_init(struct rendition *rendition, unsigned id,
                             struct findings *findings, uint64_t first_msn,
                             uint64_t first_discontinuity);
void packager_rendition_finish(struct rendition *rendition);

/* Takes what is in media. */
void packager_rendition_enter(struct rendition *rendition,
                              const struct rendition_media *media, bool leads);
/* Takes the packet's data. One that does not come behind the newest is refused. */
void packager_rendition_push(struct rendition *rendition, const struct packet *packet);
/* Decode time of the i-th waiting packet as the media file will have it. */
bool packager_rendition_waiting(const struct rendition *rendition, size_t i,
                                int64_t *ret_start);
void packager_rendition_refuse(struct rendition *rendition); /* the front packet */

struct rendition_start {
    int64_t start;    /* ticks; not before pos when something was made already */
    int64_t boundary; /* 90 kHz, of the epoch's first segment */
    int64_t frame;    /* ticks, as measured; 0: unknown */
    bool discontinuity;
    int64_t wall_anchor_ms;
    struct cutter_config cutter; /* timescale and follows are filled in */
};
void packager_rendition_start(struct rendition *rendition,
                              const struct rendition_start *start);
enum rendition_step packager_rendition_step(struct rendition *rendition);
void packager_rendition_finish_part(struct rendition *rendition, struct bytes prefix);
/* The open segment has nothing in it. */
bool packager_rendition_is_empty(const struct rendition *rendition);
/* end_msn: the first number that is not used; the segments before it are completed. */
void packager_rendition_leave(struct rendition *rendition, uint64_t end_msn);

/* Where a part of the leader ended, in 90 kHz. With RENDITION_BOUNDS_MAX ahead, further
 * ones are forgotten: the follower's parts end by their length then. */
void packager_rendition_add_part_bound(struct rendition *rendition, int64_t bound);
/* Before it starts: the packets that wait are forgotten. */
void packager_rendition_forget(struct rendition *rendition);
/* A boundary that the leader has decided, in 90 kHz. */
void packager_rendition_add_boundary(struct rendition *rendition,
                                     struct rendition_boundary boundary);
/* Of a segment without media until now: packets that would bring it some before t, in
 * 90 kHz, are forgotten. */
void packager_rendition_drop_before(struct rendition *rendition, int64_t t);
/* Where what has come ends, most probably: behind the waiting packets. */
int64_t packager_rendition_end(const struct rendition *rendition);
/* The first boundary that is still ahead, in ticks, or CUTTER_NO_BOUNDARY. */
int64_t packager_rendition_boundary(const struct rendition *rendition);

/* Between 90 kHz and ticks; to_ticks gives the first tick at or after. */
int64_t packager_rendition_to_ticks(const struct rendition *rendition, int64_t t);
int64_t packager_rendition_from_ticks(const struct rendition *rendition, int64_t ticks);
/* Where the newest packet is shown, in 90 kHz; one must have come. */
int64_t packager_rendition_newest(const struct rendition *rendition);

#endif
