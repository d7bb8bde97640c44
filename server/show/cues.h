/* A show's cues on their way from the API to the store and the viewers: requests in,
 * every entry of the overlay's journal kept and told once.
 *
 * Threads: the show's loop. */
#ifndef SHOW_CUES_H
#define SHOW_CUES_H

#include "server/show/show.h"

/* Runs later, on the show's loop. error 0: committed. */
typedef void (*show_cues_kept_fn)(void *ctx, int error, const struct err *err);

/* When a cue is wanted; see the API's "at". */
enum show_cues_when {
    SHOW_CUES_NOW,
    SHOW_CUES_IN_MS,
    SHOW_CUES_WALL_MS,
    SHOW_CUES_MEDIA_MS
};

struct show_cues_request {
    enum overlay_kind kind;
    const char *card; /* or NULL */
    const char *sku;  /* or NULL */
    enum show_cues_when when;
    int64_t at_ms;
    int64_t for_ms; /* 0: stays */
};

/* ERR_NOT_FOUND: no such product or card; ERR_CONFLICT: off air; ERR_LIMIT: too many, see
 * server/show/budget.h; ERR_INVALID. On success
 * the cue is on its way to the viewers and to the store; show_cues_sync() tells when it
 * is there. */
int show_cues_add(struct show *show, const struct show_cues_request *request,
                  struct overlay_result *ret, struct err *err);
int show_cues_remove(struct show *show, const char *card, struct overlay_result *ret,
                     struct err *err);
/* Keeps and tells what the overlay has new. */
void show_cues_flush(struct show *show);
/* kept() when everything so far is committed. failures_before: store_failures() before the
 * cue; a failure since then might be the cue's, so it counts as not kept. */
void show_cues_sync(struct show *show, uint64_t failures_before, show_cues_kept_fn kept,
                    void *ctx);
/* Puts back what the store had, before the loops run. */
int show_cues_load(struct show *show, const struct store_cue *cue, struct err *err);

#endif
