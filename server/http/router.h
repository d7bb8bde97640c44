/* Which handler a path belongs to. Patterns: "/live/{}/video.m3u8", where {} matches one
 * segment, and a last "{*}" the rest of the path. The most literal pattern wins.
 *
 * Ownership: create/destroy; filled at the start, then only read.
 * Threads:   one a loop. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "server/http/exchange.h"

struct http_router;

typedef void (*http_handler_fn)(struct http_exchange *exchange, void *ctx);

struct http_router *http_router_create(void);
void http_router_destroy(struct http_router *router);
/* methods: bits 1 << enum http_method; HEAD comes with GET. body_max: largest request
 * body in bytes, more is 413. pattern must live as long as the router. */
void http_router_add(struct http_router *router, unsigned methods, const char *pattern,
                     size_t body_max, http_handler_fn handler, void *ctx);

struct http_route {
    http_handler_fn handler;
    void *ctx;
    size_t body_max;
    unsigned methods; /* all of the pattern, for Allow and OPTIONS */
};
/* False: no pattern fits (404). With handler NULL: another method is wanted (405). */
bool http_router_find(const struct http_router *router, enum http_method method,
                      struct bytes path, struct http_route *ret_route,
                      struct bytes params[HTTP_PARAMS_MAX]);

#endif
