#include "server/api/call.h"

#include "core/require.h"
#include "server/api/body.h"
#include "server/http/router.h"

static struct show_hub *owner_of(const struct api_request *request,
                                 enum api_call_where where)
{
    struct show_house *house = request->hub->house;
    switch (where) {
    case API_CALL_HERE:
        return request->hub;
    case API_CALL_AT_REGISTRY:
        return house->hubs[0];
    case API_CALL_AT_SHOW:
        return show_hub_owner(house, bytes_text(request->show));
    }
    return request->hub;
}

static int read_request(struct api_request *request, const struct api_call *call,
                        const struct http_request *http, struct err *err)
{
    int failed = 0;
    if (call->fields)
        failed = api_body_read(http->body, call->fields, &request->body, err);
    if (!failed && call->take)
        failed = call->take(request, http, err);
    return failed;
}

static void begin(struct http_exchange *exchange, void *ctx)
{
    const struct api_entry *entry = ctx;
    const struct api_call *call = entry->call;
    struct api_request *request = api_request_create(
        entry->place->api, entry->place->hub, exchange, call->needs, call->of_show);
    struct err err;
    if (!request)
        return;
    if (read_request(request, call, http_exchange_request(exchange), &err) != 0)
        api_request_fail_unread(request, &err);
    else
        api_request_start(request, owner_of(request, call->where), call->work);
}

void api_call_add_routes(struct api_place *place, struct http_router *router,
                         const struct api_call *calls, size_t n_calls)
{
    for (size_t i = 0; i < n_calls; i++) {
        require(place->n_entries < API_CALLS_MAX);
        struct api_entry *entry = &place->entries[place->n_entries++];
        *entry = (struct api_entry){.place = place, .call = &calls[i]};
        http_router_add(router, 1u << calls[i].method, calls[i].path, calls[i].body_max,
                        begin, entry);
    }
}

int api_call_take_name(struct api_request *request, const struct http_request *http,
                       struct err *err)
{
    (void)err;
    request->text = bytes_to_text(http->params[request->show[0] ? 1 : 0]);
    return 0;
}
