/* The control API under /api: shows, products, cues (docs/openapi.yaml). JSON in and out,
 * errors as problem+json, Authorization: Bearer.
 *
 * Reads are answered from the loop's own directory and shelves; changes travel to their
 * owner (shows and products: hub 0; cues: the show's loop) and are answered when the
 * store has committed them.
 *
 * Ownership: create before the loops run, destroy after.
 * Threads:   handlers on each loop; struct api is immutable but for its memories, one of
 *   each loop. */
#ifndef API_H
#define API_H

struct api;
struct http_router;
struct show_hub;
struct show_house;

struct api *api_create(struct show_house *house);
void api_destroy(struct api *api); /* NULL: nothing */
void api_add_routes(struct api *api, struct http_router *router, struct show_hub *hub);

#endif
