#include "server/show/state.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/parse.h"
#include "server/origin/answer.h"
#include "server/origin/state.h"
#include "server/show/call.h"

struct state_call {
    struct show_call call;
    struct http_exchange *exchange; /* NULL: the client is gone */
    char show[SHOW_PUBLIC_ID_MAX + 1];
    bool has_time;
    int64_t time_ms;
    struct buf *json; /* the answer; NULL: no such show */
};

static void on_gone(void *ctx)
{
    struct state_call *state = ctx;
    state->exchange = NULL;
}

static void answered(struct show_call *call)
{
    struct state_call *state = container_of(call, struct state_call, call);
    if (state->exchange && state->json) {
        struct http_response response = {.status = 200,
                                         .mime = "application/json",
                                         .cors = true,
                                         .n_bufs = 1,
                                         .bufs = {state->json}};
        http_exchange_respond(state->exchange, &response);
    } else if (state->exchange) {
        origin_answer_not_found(state->exchange, "There is no such show.");
    }
    buf_unref(state->json);
    alloc_free(state);
}

static void work(struct show_call *call)
{
    struct state_call *state = container_of(call, struct state_call, call);
    const struct show *show = show_hub_show(call->owner, bytes_text(state->show));
    if (show) {
        struct builder out;
        builder_init(&out, SHOW_STATE_MAX);
        show_state_print(show, state->has_time, state->time_ms, &out);
        builder_text(&out, "\n");
        state->json = builder_take(&out);
        builder_finish(&out);
    }
    show_call_answer(call);
}

void origin_state_get(struct http_exchange *exchange, void *ctx)
{
    struct show_hub *hub = ctx;
    const struct http_request *request = http_exchange_request(exchange);
    struct show_shelf *shelf = origin_answer_shelf(exchange, hub);
    if (!shelf)
        return;
    struct bytes raw;
    int64_t time_ms = 0;
    bool has_time = http_request_query(request, "t", &raw);
    if (has_time &&
        (!parse_i64(raw, &time_ms) || time_ms < 0 || time_ms > INT64_MAX / 90)) {
        origin_answer_bad_request(exchange, "t must be a media time in whole ms.");
        return;
    }
    struct state_call *state = alloc_zero(sizeof *state);
    state->exchange = exchange;
    state->has_time = has_time;
    state->time_ms = time_ms;
    (void)snprintf(state->show, sizeof state->show, "%s", shelf->id);
    state->call.work = work;
    state->call.answered = answered;
    http_exchange_on_gone(exchange, on_gone, state);
    show_call_start(&state->call, hub,
                    show_hub_owner(hub->house, bytes_text(shelf->id)));
}
