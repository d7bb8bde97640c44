/* What is measured of the publisher that stands by, so that the host can look at it before
 * it comes on air: its rates, its key frames and its tracks. Nothing is judged.
 *
 * It follows show.standby by itself: whoever is new there is measured anew.
 *
 * Ownership: embedded in the show, zeroed at first; finish at the end.
 * Threads:   the show's loop. Time: that loop's. */
#ifndef SHOW_SPARE_H
#define SHOW_SPARE_H

#include "server/show/meter.h"

struct rtmp_event;
struct show;
struct spare_watch;

struct show_spare {
    struct spare_watch *watch; /* private; NULL: nobody has stood by lately */
};

void show_spare_finish(struct show_spare *spare);
/* Whatever the one that stands by sends. */
void show_spare_hear(struct show *show, const struct rtmp_event *event);
/* Once a second at least: measures, and forgets who stands by no more. */
void show_spare_tick(struct show *show, int64_t now_ms);

/* Of the one that stands by now, as of the last second. NULL: it has sent nothing yet. */
const struct show_meter_reading *show_spare_reading(const struct show *show);
/* Its tracks as its headers tell them; NULL: none (yet). Borrowed. */
const struct track *show_spare_track(const struct show *show, enum track_kind kind);

#endif
