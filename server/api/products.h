/* /api/products. */
#ifndef API_PRODUCTS_H
#define API_PRODUCTS_H

struct api_place;
struct http_router;

void api_products_add_routes(struct http_router *router, struct api_place *place);

#endif
