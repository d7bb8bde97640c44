#include "server/admin.h"

#include "core/buf.h"
#include "core/builder.h"
#include "server/http/router.h"
#include "server/metrics/metrics.h"
#include "server/publishers.h"
#include "server/show/hooks.h"
#include "server/show/hub.h"
#include "server/stat.h"
#include "server/store/store.h"

/* Of every show that may be: a stream of /stat takes 2 KiB. */
enum { ADMIN_TEXT_MAX = 32 * 1024 * 1024 };

/* Takes body. */
static void respond(struct http_exchange *exchange, int status, const char *mime,
                    struct buf *body)
{
    struct http_response response = {
        .status = status, .mime = mime, .n_bufs = 1, .bufs = {body}};
    http_exchange_respond(exchange, &response);
    buf_unref(body);
}

static void get_metrics(struct http_exchange *exchange, void *ctx)
{
    struct show_house *house = ctx;
    struct builder out;
    counter_set(&house->metrics->store_failures_total,
                (int64_t)store_failures(house->store));
    show_hooks_count(house);
    builder_init(&out, ADMIN_TEXT_MAX);
    metrics_print(house->metrics, &out);
    server_publishers_print(house->hubs[0], PUBLISHERS_LISTED_MAX, &out);
    respond(exchange, 200, "text/plain; version=0.0.4; charset=utf-8",
            builder_take(&out));
    builder_finish(&out);
}

static void get_stat(struct http_exchange *exchange, void *ctx)
{
    const struct show_house *house = ctx;
    struct builder out;
    builder_init(&out, ADMIN_TEXT_MAX);
    server_stat_print(house->hubs[0], &out);
    respond(exchange, 200, "text/xml; charset=utf-8", builder_take(&out));
    builder_finish(&out);
}

static void get_healthz(struct http_exchange *exchange, void *ctx)
{
    (void)ctx;
    respond(exchange, 200, "text/plain; charset=utf-8", buf_copy(bytes_text("ok\n")));
}

static void get_readyz(struct http_exchange *exchange, void *ctx)
{
    const struct show_house *house = ctx;
    if (!store_is_healthy(house->store))
        respond(exchange, 503, "text/plain; charset=utf-8",
                buf_copy(bytes_text("the store could not commit its last change\n")));
    else if (house->hubs[0]->state != HUB_SERVES)
        respond(exchange, 503, "text/plain; charset=utf-8",
                buf_copy(bytes_text("shutting down\n")));
    else
        respond(exchange, 200, "text/plain; charset=utf-8",
                buf_copy(bytes_text("ready\n")));
}

void server_admin_add_routes(struct http_router *router, struct show_house *house)
{
    enum { GET = 1u << HTTP_GET };
    http_router_add(router, GET, "/metrics", 0, get_metrics, house);
    http_router_add(router, GET, "/stat", 0, get_stat, house);
    http_router_add(router, GET, "/healthz", 0, get_healthz, house);
    http_router_add(router, GET, "/readyz", 0, get_readyz, house);
}
