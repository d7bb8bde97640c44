/* /api/shows/{show}/keys and /kick: a show's stream keys one by one. What a key is, is
 * told once, in the answer that makes it. */
#ifndef API_KEYS_H
#define API_KEYS_H

struct api_place;
struct http_router;

void api_keys_add_routes(struct http_router *router, struct api_place *place);

#endif
