/* The pages that people see and what they load: embedded files, by their path. */
#ifndef ORIGIN_PAGES_H
#define ORIGIN_PAGES_H

struct http_router;
struct show_hub;

void origin_pages_add_routes(struct http_router *router, struct show_hub *hub);

#endif
