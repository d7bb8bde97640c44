#include "server/api/api.h"

#include "core/alloc.h"
#include "server/api/api_private.h"
#include "server/api/cues.h"
#include "server/api/keys.h"
#include "server/api/products.h"
#include "server/api/publisher.h"
#include "server/api/shows.h"

struct api *api_create(struct show_house *house)
{
    struct api *api = alloc_zero(sizeof *api);
    api->house = house;
    for (unsigned i = 0; i < house->n_hubs; i++)
        api->memories[i] = api_memory_create();
    return api;
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    for (unsigned i = 0; i < SHOW_HUBS_MAX; i++)
        api_memory_destroy(api->memories[i]);
    alloc_free(api);
}

void api_add_routes(struct api *api, struct http_router *router, struct show_hub *hub)
{
    struct api_place *place = &api->places[hub->index];
    *place = (struct api_place){.api = api, .hub = hub};
    api_shows_add_routes(router, place);
    api_products_add_routes(router, place);
    api_cues_add_routes(router, place);
    api_publisher_add_routes(router, place);
    api_keys_add_routes(router, place);
}
