#include "server/api/products.h"

#include "core/buf.h"
#include "core/builder.h"
#include "server/api/call.h"
#include "server/show/registry.h"

enum { PRODUCTS_ANSWER_MAX = 64 * 1024 * 1024 }; /* DIRECTORY_PRODUCTS_MAX of them */

static void fail_not_found(struct api_request *request)
{
    api_request_refuse(request, ERR_NOT_FOUND, "There is no such product.");
}

static void on_kept(void *ctx, int error, const struct err *err)
{
    struct api_request *request = ctx;
    if (error)
        api_request_fail(request, err);
    else
        api_request_answer(request, request->status,
                           catalogue_product_print(request->product));
}

static void put_product(struct api_request *request)
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

static int take_product(struct api_request *request, const struct http_request *http,
                        struct err *err)
{
    return catalogue_product_parse(http->body, http->params[0], &request->product, err);
}

static void delete_product(struct api_request *request)
{
    struct show_hub *hub = request->call.owner;
    struct bytes sku = bytes_text(request->text);
    if (show_directory_find_product(hub->directory, sku))
        show_registry_delete_product(hub->house->registry, sku, api_request_on_deleted,
                                     request);
    else
        fail_not_found(request);
}

static void get_product(struct api_request *request)
{
    struct product *product = show_directory_find_product(
        request->call.owner->directory, bytes_text(request->text));
    if (product)
        api_request_answer(request, 200, catalogue_product_print(product));
    else
        fail_not_found(request);
}

static void get_products(struct api_request *request)
{
    const struct show_directory *directory = request->call.owner->directory;
    struct builder out;
    builder_init(&out, PRODUCTS_ANSWER_MAX);
    builder_text(&out, "{\"products\":[");
    for (size_t i = 0; i < directory->n_products; i++) {
        struct buf *json = catalogue_product_print(directory->products[i]);
        builder_text(&out, i > 0 ? ",\n" : "");
        builder_put(&out, buf_bytes(json));
        buf_unref(json);
    }
    builder_text(&out, "]}");
    api_request_print(request, 200, &out);
}

/* A host, of whatever show, sees the catalogue too. */
static const struct api_call calls[] = {
    {.method = HTTP_GET,
     .path = "/api/products",
     .needs = AUTH_HOST,
     .where = API_CALL_HERE,
     .work = get_products},
    {.method = HTTP_GET,
     .path = "/api/products/{}",
     .needs = AUTH_HOST,
     .where = API_CALL_HERE,
     .take = api_call_take_name,
     .work = get_product},
    {.method = HTTP_PUT,
     .path = "/api/products/{}",
     .body_max = PRODUCT_BODY_MAX,
     .needs = AUTH_ADMIN,
     .where = API_CALL_AT_REGISTRY,
     .take = take_product,
     .work = put_product},
    {.method = HTTP_DELETE,
     .path = "/api/products/{}",
     .needs = AUTH_ADMIN,
     .where = API_CALL_AT_REGISTRY,
     .take = api_call_take_name,
     .work = delete_product},
};

void api_products_add_routes(struct http_router *router, struct api_place *place)
{
    api_call_add_routes(place, router, calls, sizeof calls / sizeof calls[0]);
}
