#include "server/loop/timer.h"

#include "core/alloc.h"
#include "server/loop/inside.h"

enum timer_state {
    TIMER_OPEN,    /* may be started */
    TIMER_CLOSING, /* libuv still holds the handle */
    TIMER_CLOSED,  /* only the owner still holds it */
};

struct loop_timer {
    struct loop_handle handle;
    uv_timer_t uv;
    enum timer_state state;
    bool released; /* the owner has given it up */
    struct loop *loop;
    void (*fn)(void *ctx);
    void *ctx;
};

static void on_closed(uv_handle_t *uv)
{
    struct loop_timer *timer = uv->data;
    timer->state = TIMER_CLOSED;
    if (timer->released)
        alloc_free(timer);
}

static void on_fire(uv_timer_t *uv)
{
    struct loop_timer *timer = uv->data;
    if (!timer->released)
        timer->fn(timer->ctx); /* may destroy the timer: not touched afterwards */
}

static void shut(struct loop_handle *handle)
{
    struct loop_timer *timer = container_of(handle, struct loop_timer, handle);
    timer->state = TIMER_CLOSING;
    uv_close((uv_handle_t *)&timer->uv, on_closed);
}

struct loop_timer *loop_timer_create(struct loop *loop, void (*fn)(void *ctx),
                                     void *ctx)
{
    struct loop_timer *timer = alloc_zero(sizeof *timer);
    timer->loop = loop;
    timer->fn = fn;
    timer->ctx = ctx;
    timer->handle.shut = shut;
    (void)uv_timer_init(&loop->uv, &timer->uv); /* cannot fail */
    timer->uv.data = timer;
    loop_handle_add(loop, &timer->handle);
    return timer;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    timer->released = true;
    if (timer->state == TIMER_CLOSED) {
        alloc_free(timer);
    } else if (timer->state == TIMER_OPEN) {
        list_remove(&timer->handle.link);
        shut(&timer->handle);
    }
}

void loop_timer_start(struct loop_timer *timer, int64_t after_ms)
{
    if (timer->state != TIMER_OPEN)
        return;
    /* Never 0: a timer that starts itself again would keep libuv in its timers for ever. */
    uint64_t wait_ms = after_ms > 0 ? (uint64_t)after_ms : 1;
    (void)uv_timer_start(&timer->uv, on_fire, wait_ms, 0);
}

void loop_timer_start_at(struct loop_timer *timer, int64_t at_ms)
{
    if (timer->state != TIMER_OPEN)
        return;
    if (at_ms == INT64_MAX)
        loop_timer_stop(timer);
    else
        loop_timer_start(timer, at_ms - loop_now_ms(timer->loop));
}

void loop_timer_stop(struct loop_timer *timer)
{
    if (timer->state == TIMER_OPEN)
        (void)uv_timer_stop(&timer->uv);
}
