/* The operator's own listener: GET /metrics, /stat, /healthz, /readyz. */
#ifndef ADMIN_H
#define ADMIN_H

struct http_router;
struct show_house;

void server_admin_add_routes(struct http_router *router, struct show_house *house);

#endif
