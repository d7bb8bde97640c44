/* A publisher's figures and findings as every loop sees them: sampled once a second on the
 * show's loop, immutable once made.
 *
 * Ownership: counted. Threads: ref, unref and reading from any thread.
 * Time: _ms of moments are wall clock; the rest are durations. */
#ifndef SHOW_FIGURES_H
#define SHOW_FIGURES_H

#include "core/refs.h"
#include "packager/media/timeline.h"
#include "server/show/admission.h"
#include "server/show/coach.h"
#include "server/show/line.h"

struct show;

struct show_figures {
    struct refs refs; /* private */
    int64_t sampled_ms, connected_ms;
    unsigned n_reconnects; /* publishers since the show went live, but the first */
    char encoder[65];
    char session[ADMISSION_SESSION_LEN + 1];
    char address[ADMISSION_ADDRESS_MAX];
    char key_id[ADMISSION_KEY_ID_MAX];
    char key_show[SHOW_ID_MAX + 1]; /* the show that the key is of, if it is another */
    uint32_t max_kbps;              /* 0: any rate */
    int64_t expires_ms;             /* 0: never */
    enum show_role role;
    struct show_meter_reading reading;
    struct show_line_figures line;
    struct timeline_stats timeline;
    struct track *tracks[TRACK_KINDS]; /* NULL: none (yet) */
    size_t n_findings;
    struct coach_finding findings[]; /* worst first; since_ms is wall clock */
};

/* Of the show's publisher as it is now; on the show's loop. NULL without a publisher. */
struct show_figures *show_figures_create(const struct show *show);
struct show_figures *show_figures_ref(struct show_figures *figures);
void show_figures_unref(struct show_figures *figures); /* NULL: nothing */

#endif
