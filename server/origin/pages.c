#include "server/origin/pages.h"

#include <stdio.h>

#include "core/buf.h"
#include "overlay/web/assets.h"
#include "server/http/router.h"
#include "server/origin/answer.h"

enum { PAGES_HEADERS_MAX = 1024 };

static void respond(struct http_exchange *exchange, const struct web_asset *asset,
                    int status)
{
    char more[PAGES_HEADERS_MAX] = "";
    bool packed =
        asset->gzip.len > 0 && http_request_takes_gzip(http_exchange_request(exchange));
    if (asset->csp)
        (void)snprintf(
            more, sizeof more,
            "Content-Security-Policy: %s\r\nReferrer-Policy: same-origin\r\n",
            asset->csp);
    struct buf *body = buf_static(packed ? asset->gzip : asset->identity);
    struct http_response response = {
        .status = status,
        .mime = asset->mime,
        .cache_control = asset->cache_control,
        .etag = status == 200 ? asset->etag : NULL,
        .encoding = packed ? "gzip" : NULL,
        .more = more[0] ? more : NULL,
        .vary_encoding = true,
        .cors = asset->page == WEB_PAGE_NONE,
        .n_bufs = 1,
        .bufs = {body},
    };
    http_exchange_respond(exchange, &response);
    buf_unref(body);
}

static void get_file(struct http_exchange *exchange, void *ctx)
{
    (void)ctx;
    const struct web_asset *asset =
        web_assets_find(http_exchange_request(exchange)->path);
    if (asset)
        respond(exchange, asset, 200);
    else
        origin_answer_not_found(exchange, "There is no such page.");
}

/* The page of an unknown show says so itself; the status says it to machines. */
static void get_show_page(struct http_exchange *exchange, void *ctx)
{
    struct show_hub *hub = ctx;
    const struct http_request *request = http_exchange_request(exchange);
    const struct web_asset *asset = web_assets_find(request->path);
    if (!asset)
        origin_answer_not_found(exchange, "There is no such page.");
    else
        respond(exchange, asset, show_hub_shelf(hub, request->params[0]) ? 200 : 404);
}

void origin_pages_add_routes(struct http_router *router, struct show_hub *hub)
{
    enum { GET = 1u << HTTP_GET };
    http_router_add(router, GET, "/", 0, get_file, hub);
    http_router_add(router, GET, "/favicon.ico", 0, get_file, hub);
    http_router_add(router, GET, "/watch/{}", 0, get_show_page, hub);
    http_router_add(router, GET, "/host/{}", 0, get_show_page, hub);
    http_router_add(router, GET, "/player/{*}", 0, get_file, hub);
    http_router_add(router, GET, "/assets/{*}", 0, get_file, hub);
}
