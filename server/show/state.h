/* A show's state as text: the public JSON of /state, and the events of /events.
 *
 * Ownership: bufs are new references, the caller's. Threads: the show's loop. */
#ifndef SHOW_STATE_H
#define SHOW_STATE_H

#include "server/show/show.h"

/* A run sheet of 200 products, four cards and 200 cues to catch up with: each under 2 KiB,
 * escapes included. */
enum { SHOW_STATE_MAX = 1024 * 1024 };

/* The object of /live/{show}/state for a media time; has_time false: the live edge. */
void show_state_print(const struct show *show, bool has_time, int64_t time_ms,
                      struct builder *out);
/* What an event stream begins with: the state, then the cues behind since. */
struct buf *show_state_greeting(const struct show *show, bool has_since,
                                uint32_t since);

struct buf *
show_state_event(const struct show *show); /* "show": state, title, viewers */
struct buf *show_state_cue_event(const struct show *show,
                                 const struct overlay_entry *entry);
struct buf *show_state_product_event(struct product *product);

/* The publisher's object in the API: encoder, rates, tracks. */
void show_state_print_publisher(const struct show *show, struct builder *out);
/* The same of the publisher that stands by. */
void show_state_print_backup(const struct show *show, struct builder *out);

#endif
