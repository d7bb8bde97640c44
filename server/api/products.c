#include "server/api/products.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "server/api/request.h"
#include "server/api/shows.h"
#include "server/http/router.h"
#include "server/show/registry.h"

enum { PRODUCTS_ANSWER_MAX = 64 * 1024 * 1024 }; /* DIRECTORY_PRODUCTS_MAX of them */

static void fail_not_found(struct api_request *request)
{
    struct err err;
    (void)err_set(&err, ERR_NOT_FOUND, "There is no such product.");
    api_request_fail(request, &err);
}

static void on_kept(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error)
        api_request_fail(request, err);
    else if (request->product)
        api_request_answer(request, request->status,
                           catalogue_product_print(request->product));
    else
        api_request_answer(request, 204, buf_copy(bytes_make(NULL, 0)));
}

static void put_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    const struct show_directory *directory = hub->directory;
    bool known =
        show_directory_find_product(directory, bytes_text(request->product->sku));
    if (!known && directory->n_products >= DIRECTORY_PRODUCTS_MAX) {
        struct err err;
        (void)err_set(&err, ERR_LIMIT, "There are %d products: delete some first.",
                      DIRECTORY_PRODUCTS_MAX);
        api_request_fail(request, &err);
        return;
    }
    request->status = known ? 200 : 201;
    show_registry_put_product(hub->house->registry, request->product, on_kept, request);
}

static void put_product(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct err err;
    const struct http_request *http = http_exchange_request(exchange);
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, false);
    if (!request)
        return;
    if (catalogue_product_parse(http->body, http->params[0], &request->product, &err) !=
        0)
        api_request_fail_here(request, &err);
    else
        api_request_start(request, place->hub->house->hubs[0], put_there);
}

static void delete_there(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct bytes sku = bytes_text(request->text);
    if (show_directory_find_product(hub->directory, sku))
        show_registry_delete_product(hub->house->registry, sku, on_kept, request);
    else
        fail_not_found(request);
}

static void delete_product(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_ADMIN, false);
    if (!request)
        return;
    request->text = bytes_to_text(http_exchange_request(exchange)->params[0]);
    api_request_start(request, place->hub->house->hubs[0], delete_there);
}

/* A host, of whatever show, sees the catalogue too. */
static struct api_request *begin_reading(struct http_exchange *exchange,
                                         const struct api_place *place)
{
    return api_request_create(place->api, place->hub, exchange, AUTH_HOST, false);
}

static void get_product(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request = begin_reading(exchange, place);
    if (!request)
        return;
    struct product *product = show_directory_find_product(
        place->hub->directory, http_exchange_request(exchange)->params[0]);
    struct err err;
    if (product) {
        api_request_answer_here(request, 200, catalogue_product_print(product));
        return;
    }
    (void)err_set(&err, ERR_NOT_FOUND, "There is no such product.");
    api_request_fail_here(request, &err);
}

static void get_products(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request = begin_reading(exchange, place);
    if (!request)
        return;
    const struct show_directory *directory = place->hub->directory;
    struct builder out;
    builder_init(&out, PRODUCTS_ANSWER_MAX);
    builder_text(&out, "{\"products\":[");
    for (size_t i = 0; i < directory->n_products; i++) {
        struct buf *json = catalogue_product_print(directory->products[i]);
        builder_text(&out, i > 0 ? ",\n" : "");
        builder_put(&out, buf_bytes(json));
        buf_unref(json);
    }
    builder_text(&out, "]}\n");
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    api_request_answer_here(request, 200, json);
}

void api_products_add_routes(struct http_router *router, struct api_place *place)
{
    enum { GET = 1u << HTTP_GET, PUT = 1u << HTTP_PUT, DELETE = 1u << HTTP_DELETE };
    http_router_add(router, GET, "/api/products", 0, get_products, place);
    http_router_add(router, GET, "/api/products/{}", 0, get_product, place);
    http_router_add(router, PUT, "/api/products/{}", PRODUCT_BODY_MAX, put_product,
                    place);
    http_router_add(router, DELETE, "/api/products/{}", 0, delete_product, place);
}
