/* The end of the process, step by step and the same on all lanes at once: publishers go at
 * their key frames (server/show/drain.h), then viewers are served a little longer, then
 * no new ones are, then the loops end.
 *
 * Use: begin once, then step every few ms until it is true. Whoever has no patience
 *   leaves off and joins the lanes.
 * Threads: the main thread. Time: monotonic, passed in. */
#ifndef DRAIN_H
#define DRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct lane;

enum {
    /* The last part of a show is made two parts after its media has stopped; players that
     * poll once in a target duration come once more. */
    DRAIN_LINGER_MS = 2000,
    /* At a hand-over, where every second is one without media: those at the live edge
     * have their last part. */
    DRAIN_LINGER_SHORT_MS = 1000,
};

enum drain_state {
    DRAIN_SENDS_AWAY, /* publishers go */
    DRAIN_FINISHES,   /* those that did not go in time go at once */
    DRAIN_LINGERS,    /* viewers are served as before */
    DRAIN_STOPS,      /* no new viewers, the others get their answers */
    DRAIN_DONE,       /* nobody waits any more: the loops may end */
};

struct drain {
    enum drain_state state;
    struct lane *const *lanes;
    unsigned n_lanes;
    bool hands_over, lingers;
    int64_t until_ms; /* of the step, at the latest */
};

/* lanes is borrowed. lingers: shows are live. */
void server_drain_begin(struct drain *drain, struct lane *const *lanes,
                        unsigned n_lanes, bool hands_over, bool lingers,
                        int64_t now_ms);
/* True when it is done. */
bool server_drain_step(struct drain *drain, int64_t now_ms);

#endif
