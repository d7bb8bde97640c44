/* The publisher that stands by while another one is on air: the backup, or the primary
 * that has come back and has not shown yet that it stays.
 *
 * It takes over when the one on air is gone or has been silent for a second: at its next
 * key frame, or from its newest one when no gap has been made past that yet. A primary
 * that stands by takes over when it has been well for ten seconds, at its key frame. An
 * hour off the air is not its affair: a show that is not live begins with its primary.
 *
 * Ownership: embedded in the show; zeroed, nobody stands by. Rules only: server/show/show.c
 *   acts.
 * Threads:   the show's loop. Time: monotonic, passed in. */
#ifndef SHOW_STANDBY_H
#define SHOW_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

struct show;
struct show_publisher;

enum {
    STANDBY_SILENT_MS = 1000, /* without media: somebody else's turn */
    /* When both were silent it was the machine or the network that stood still: whoever is on
     * air is back by then. */
    STANDBY_SETTLE_MS = 250,
    STANDBY_WELL_MS = 10000, /* a primary with media all the time is trusted again */
};

struct show_standby {
    struct show_publisher *publisher; /* NULL: nobody */
    int64_t connected_ms;             /* wall clock */
    int64_t media_at_ms;              /* when its last media came */
    int64_t well_at_ms;               /* since when it comes all the time */
};

void show_standby_begin(struct show_standby *standby, struct show_publisher *publisher,
                        int64_t wall_ms, int64_t now_ms);
/* Media that can be shown came. */
void show_standby_hear(struct show_standby *standby, int64_t now_ms);
/* Somebody is there and sends. */
bool show_standby_is_well(const struct show_standby *standby, int64_t now_ms);
/* It is to take over as soon as it has a key frame. */
bool show_standby_is_wanted(const struct show *show, int64_t now_ms);

#endif
