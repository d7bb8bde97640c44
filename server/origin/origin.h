/* What viewers ask for: playlists (blocking reload included), media, state and events of
 * shows, and the pages. Everything is answered from the loop's own shelves; only /state
 * and the start of an event stream ask the loop where the show lives.
 *
 * Threads: one router and one hub a loop. */
#ifndef ORIGIN_H
#define ORIGIN_H

struct http_router;
struct show_hub;

/* All routes under /live, /watch, /host, /player, /assets and /. */
void origin_add_routes(struct http_router *router, struct show_hub *hub);

#endif
