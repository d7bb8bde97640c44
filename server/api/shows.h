/* /api/shows and below, but for the cues. */
#ifndef API_SHOWS_H
#define API_SHOWS_H

struct api;
struct http_router;
struct show_hub;

/* ctx of handlers in this room: which API, which hub. Lives as long as the API. */
struct api_place {
    struct api *api;
    struct show_hub *hub;
};

void api_shows_add_routes(struct http_router *router, struct api_place *place);

#endif
