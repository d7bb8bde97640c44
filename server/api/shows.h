/* /api/shows and below, but for the cues. */
#ifndef API_SHOWS_H
#define API_SHOWS_H

struct api_place;
struct http_router;

void api_shows_add_routes(struct http_router *router, struct api_place *place);

#endif
