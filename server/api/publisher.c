#include "server/api/publisher.h"

#include "core/buf.h"
#include "core/builder.h"
#include "server/api/figures_text.h"
#include "server/api/request.h"
#include "server/api/shows.h"
#include "server/http/router.h"

enum { PUBLISHER_ANSWER_MAX = 64 * 1024 };

static struct buf *print(const struct show_figures *figures)
{
    struct builder out;
    builder_init(&out, PUBLISHER_ANSWER_MAX);
    api_figures_text_print(figures, &out);
    builder_text(&out, "\n");
    struct buf *json = builder_take(&out);
    builder_finish(&out);
    return json;
}

static void get_publisher(struct http_exchange *exchange, void *ctx)
{
    struct api_place *place = ctx;
    struct api_request *request =
        api_request_create(place->api, place->hub, exchange, AUTH_HOST, true);
    if (!request)
        return;
    struct err err;
    struct bytes id = bytes_text(request->show);
    const struct show_record *record =
        show_directory_find_show(place->hub->directory, id);
    const struct show_figures *figures =
        record ? api_figures_text_find(place->hub, record->row.id) : NULL;
    if (figures) {
        api_request_answer_here(request, 200, print(figures));
        return;
    }
    if (record)
        (void)err_set(&err, ERR_NOT_FOUND, "Nobody publishes to this show now.");
    else
        (void)err_set(&err, ERR_NOT_FOUND, "There is no such show.");
    api_request_fail_here(request, &err);
}

void api_publisher_add_routes(struct http_router *router, struct api_place *place)
{
    http_router_add(router, 1u << HTTP_GET, "/api/shows/{}/publisher", 0, get_publisher,
                    place);
}
