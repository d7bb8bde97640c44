/* A show's packager and what goes with it: the overlay's markers for its parts, the figures
 * it gives, the numbers that must outlive a restart.
 *
 * Threads: the show's loop. */
#ifndef SHOW_BROADCAST_H
#define SHOW_BROADCAST_H

#include "server/show/show.h"

/* What came of a pump. */
struct show_progress {
    bool updated;  /* snapshots are new */
    bool has_part; /* of media, not of a gap */
};

void show_broadcast_open(struct show *show); /* makes the packager when there is none */
void show_broadcast_close(struct show *show); /* gives back an ended one's memory */
/* Answers the packager until it has nothing more. */
struct show_progress show_broadcast_pump(struct show *show);
/* Media goes on where the wall clock is, so PROGRAM-DATE-TIME has one anchor for ever. */
int64_t show_broadcast_base_ms(const struct show *show);
/* From here on nothing was made yet. */
int64_t show_broadcast_free_ms(const struct show *show);
/* Keeps what must outlive a restart; ended_ms 0: the show goes on. */
void show_broadcast_keep(struct show *show, int64_t ended_ms);

/* The process ends, and nothing more is made: a live show is kept with its next numbers. */
void show_broadcast_leave_off(struct show *show);

#endif
