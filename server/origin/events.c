#include "server/origin/events.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/parse.h"
#include "server/loop/loop.h"
#include "server/loop/timer.h"
#include "server/origin/answer.h"
#include "server/show/call.h"
#include "server/show/share.h"
#include "server/show/state.h"

enum {
    EVENTS_PING_MS = 15000, /* keeps proxies from closing, and clocks in step */
    /* A client this far behind starts again with the state; a long state that has just
     * been sent is not behind. The bytes are shared by all who wait for them. */
    EVENTS_QUEUE_MAX = SHOW_STATE_MAX + 512 * 1024,
    EVENTS_PING_MAX = 64,
};

/* A stream starts with the show's state, asked of its owner. Events that come before the
 * answer are part of it, because one owner's messages arrive in order. */
struct stream {
    struct show_listener listener;
    struct show_call call;
    struct show_hub *hub;
    struct http_exchange *exchange; /* NULL: the client is gone */
    struct show_tally *tally;       /* NULL until counted */
    struct loop_timer *ping;
    char show[SHOW_PUBLIC_ID_MAX + 1];
    bool has_since;
    uint32_t since;
    bool is_host; /* a console, which is no viewer */
    bool asking;  /* the owner has not answered yet */
    bool greeted; /* state was sent: events follow */
    struct buf *greeting;
};

static void free_stream(struct stream *stream)
{
    list_remove(&stream->listener.link);
    loop_timer_destroy(stream->ping);
    if (stream->tally) {
        counter_add(&stream->tally->viewers, -1);
        counter_add(&stream->hub->house->metrics->viewers, -1);
    }
    show_view_tally_unref(stream->tally);
    buf_unref(stream->greeting);
    alloc_free(stream);
}

/* With the owner still at work the stream must wait for its answer. */
static void leave(struct stream *stream)
{
    stream->exchange = NULL;
    list_remove(&stream->listener.link);
    if (!stream->asking)
        free_stream(stream);
}

static void on_gone(void *ctx)
{
    leave(ctx);
}

static void end(struct stream *stream)
{
    http_exchange_end(stream->exchange);
    leave(stream);
}

static void on_event(struct show_listener *listener, struct buf *event)
{
    struct stream *stream = container_of(listener, struct stream, listener);
    if (!event || http_exchange_queued(stream->exchange) > EVENTS_QUEUE_MAX)
        end(stream);
    else if (stream->greeted)
        http_exchange_write(stream->exchange, buf_ref(event));
}

static void on_ping(void *ctx)
{
    struct stream *stream = ctx;
    if (!stream->exchange)
        return;
    struct builder out;
    builder_init(&out, EVENTS_PING_MAX);
    builder_printf(&out, "event: ping\ndata: {\"server_ms\":%lld}\n\n",
                   (long long)loop_wall_ms(stream->hub->loop));
    http_exchange_write(stream->exchange, builder_take(&out));
    builder_finish(&out);
    loop_timer_start(stream->ping, EVENTS_PING_MS);
}

static void count_viewer(struct stream *stream)
{
    const struct show_shelf *shelf =
        show_hub_shelf(stream->hub, bytes_text(stream->show));
    if (!shelf || !shelf->view || stream->is_host)
        return;
    stream->tally = show_view_tally_ref(shelf->view->tally);
    counter_add(&stream->tally->viewers, 1);
    counter_add(&stream->hub->house->metrics->viewers, 1);
}

static void answered(struct show_call *call)
{
    struct stream *stream = container_of(call, struct stream, call);
    stream->asking = false;
    if (!stream->exchange) {
        free_stream(stream);
        return;
    }
    if (!stream->greeting) {
        end(stream);
        return;
    }
    http_exchange_write(stream->exchange, stream->greeting);
    stream->greeting = NULL;
    stream->greeted = true;
    count_viewer(stream);
    stream->ping = loop_timer_create(stream->hub->loop, on_ping, stream);
    loop_timer_start(stream->ping, EVENTS_PING_MS);
}

static void work(struct show_call *call)
{
    struct stream *stream = container_of(call, struct stream, call);
    struct show *show = show_hub_show(call->owner, bytes_text(stream->show));
    if (show) {
        show_share_ensure(show);
        stream->greeting = show_state_greeting(show, stream->has_since, stream->since);
    }
    show_call_answer(call);
}

static void read_since(struct stream *stream, const struct http_request *request)
{
    struct bytes text = http_request_header(request, "Last-Event-ID");
    uint64_t since;
    stream->has_since = text.len > 0 && parse_u64(text, &since) && since <= UINT32_MAX;
    if (stream->has_since)
        stream->since = (uint32_t)since;
}

/* Anybody may say so: who does is merely not counted. */
static bool is_host(const struct http_request *request)
{
    struct bytes role;
    return http_request_query(request, "as", &role) && bytes_equal_text(role, "host");
}

void origin_events_get(struct http_exchange *exchange, void *ctx)
{
    struct show_hub *hub = ctx;
    struct show_shelf *shelf = origin_answer_shelf(exchange, hub);
    if (!shelf)
        return;
    if (hub->state == HUB_STOPS) {
        origin_answer_unavailable(exchange, "The server is shutting down.");
        return;
    }
    struct stream *stream = alloc_zero(sizeof *stream);
    stream->hub = hub;
    stream->exchange = exchange;
    stream->listener.event = on_event;
    (void)snprintf(stream->show, sizeof stream->show, "%s", shelf->id);
    read_since(stream, http_exchange_request(exchange));
    stream->is_host = is_host(http_exchange_request(exchange));
    list_push(&shelf->listeners, &stream->listener.link);
    http_exchange_on_gone(exchange, on_gone, stream);
    struct http_response head = {.status = 200,
                                 .mime = "text/event-stream",
                                 .more = "X-Accel-Buffering: no\r\n",
                                 .cors = true};
    http_exchange_stream(exchange, &head);
    stream->asking = true;
    stream->call.work = work;
    stream->call.answered = answered;
    show_call_start(&stream->call, hub,
                    show_hub_owner(hub->house, bytes_text(shelf->id)));
}
