#include "server/origin/media.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "server/loop/loop.h"
#include "server/origin/answer.h"

enum { NAME_MAX_LEN = 64, ETAG_MAX = NAME_MAX_LEN + SEGMENT_EPOCH_MAX + 8 };

_Static_assert((int)HLS_RESOURCE_BUFS <= (int)HTTP_BODY_BUFS_MAX,
               "a segment's parts must fit into an answer");

static const char NO_MEDIA[] = "There is no such media: it has expired, or never was.";

/* A request for the part that comes next. */
struct hinted {
    struct show_waiter waiter;
    struct show_hub *hub;
    struct http_exchange *exchange;
    int64_t expires_ms;
};

static enum hls_found find(const struct show_shelf *shelf,
                           const struct http_request *request, struct hls_resource *ret)
{
    struct bytes name = request->params[2];
    struct bytes own = bytes_first(name, bytes_index(name, 0, '-'));
    unsigned rendition;
    if (!media_rendition_id_find(own, &rendition))
        return HLS_NOT_FOUND;
    const struct snapshot *snapshot =
        shelf->view ? shelf->view->renditions[rendition] : NULL;
    if (!snapshot || name.len > NAME_MAX_LEN)
        return HLS_NOT_FOUND;
    return hls_snapshot_find(snapshot, request->params[1], name, ret);
}

static void respond(struct http_exchange *exchange, const struct hls_resource *resource)
{
    const struct http_request *request = http_exchange_request(exchange);
    char etag[ETAG_MAX];
    (void)snprintf(etag, sizeof etag, "\"%.*s-%.*s\"", BYTES_FMT(request->params[1]),
                   BYTES_FMT(request->params[2]));
    struct http_response response = {.status = 200,
                                     .mime = resource->mime,
                                     .cache_control =
                                         "public, max-age=31536000, immutable",
                                     .etag = etag,
                                     .ranges = true,
                                     .cors = true,
                                     .n_bufs = resource->n_bufs};
    for (size_t i = 0; i < resource->n_bufs; i++)
        response.bufs[i] = resource->bufs[i];
    http_exchange_respond(exchange, &response);
}

static void free_hinted(struct hinted *hinted)
{
    list_remove(&hinted->waiter.link);
    counter_add(&hinted->hub->house->metrics->reloads_held, -1);
    alloc_free(hinted);
}

static void on_gone(void *ctx)
{
    free_hinted(ctx);
}

static void on_changed(struct show_waiter *waiter, struct show_shelf *shelf,
                       int64_t now_ms, bool gone)
{
    struct hinted *hinted = container_of(waiter, struct hinted, waiter);
    struct http_exchange *exchange = hinted->exchange;
    struct hls_resource resource;
    enum hls_found found =
        gone ? HLS_NOT_FOUND : find(shelf, http_exchange_request(exchange), &resource);
    bool late = now_ms >= hinted->expires_ms;
    if (found == HLS_HINTED && !late)
        return;
    free_hinted(hinted);
    if (found == HLS_FOUND)
        respond(exchange, &resource);
    else if (found == HLS_HINTED)
        origin_answer_unavailable(exchange, "The part did not come in time.");
    else
        origin_answer_not_found(exchange, NO_MEDIA);
}

static void hold(struct http_exchange *exchange, struct show_hub *hub,
                 struct show_shelf *shelf)
{
    struct counter *held = &hub->house->metrics->reloads_held;
    if (counter_get(held) >= ORIGIN_HELD_MAX) {
        origin_answer_unavailable(exchange, "Too many requests wait here.");
        return;
    }
    const struct show_view *view = shelf->view;
    const struct snapshot *any = view->renditions[TRACK_VIDEO]
                                     ? view->renditions[TRACK_VIDEO]
                                     : view->renditions[TRACK_AUDIO];
    struct hinted *hinted = alloc_zero(sizeof *hinted);
    hinted->waiter.changed = on_changed;
    hinted->hub = hub;
    hinted->exchange = exchange;
    hinted->expires_ms =
        loop_now_ms(hub->loop) + 3 * 1000 * (int64_t)any->target_duration_s;
    list_push(&shelf->waiters, &hinted->waiter.link);
    counter_add(held, 1);
    http_exchange_on_gone(exchange, on_gone, hinted);
}

void origin_media_get(struct http_exchange *exchange, void *ctx)
{
    struct show_hub *hub = ctx;
    struct show_shelf *shelf = origin_answer_shelf(exchange, hub);
    if (!shelf)
        return;
    struct hls_resource resource;
    switch (find(shelf, http_exchange_request(exchange), &resource)) {
    case HLS_FOUND:
        respond(exchange, &resource);
        return;
    case HLS_HINTED:
        hold(exchange, hub, shelf);
        return;
    case HLS_NOT_FOUND:
        origin_answer_not_found(exchange, NO_MEDIA);
        return;
    }
}
