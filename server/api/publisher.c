#include "server/api/publisher.h"

#include "core/builder.h"
#include "server/api/call.h"
#include "server/api/figures_text.h"

enum { PUBLISHER_ANSWER_MAX = 64 * 1024 };

static void get_publisher(struct api_request *request)
{
    const struct show_record *record = api_request_record(request);
    if (!record)
        return;
    const struct show_figures *figures =
        api_figures_text_find(request->call.owner, record->row.id);
    if (!figures) {
        api_request_refuse(request, ERR_NOT_FOUND,
                           "Nobody publishes to this show now.");
        return;
    }
    struct builder out;
    builder_init(&out, PUBLISHER_ANSWER_MAX);
    api_figures_text_print(figures, &out);
    api_request_print(request, 200, &out);
}

void api_publisher_add_routes(struct http_router *router, struct api_place *place)
{
    static const struct api_call calls[] = {
        {.method = HTTP_GET,
         .path = "/api/shows/{}/publisher",
         .needs = AUTH_HOST,
         .of_show = true,
         .where = API_CALL_HERE,
         .work = get_publisher},
    };
    api_call_add_routes(place, router, calls, sizeof calls / sizeof calls[0]);
}
