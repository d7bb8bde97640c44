/* /api/shows/{show}/cues. */
#ifndef API_CUES_H
#define API_CUES_H

struct api_place;
struct http_router;

void api_cues_add_routes(struct http_router *router, struct api_place *place);

#endif
