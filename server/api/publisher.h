/* The call about who publishes to a show:
 *   GET /api/shows/{show}/publisher   its figures and findings, at most two seconds old
 *
 * Threads: answered from the view, on whatever loop. */
#ifndef API_PUBLISHER_H
#define API_PUBLISHER_H

struct api_place;
struct http_router;

void api_publisher_add_routes(struct http_router *router, struct api_place *place);

#endif
