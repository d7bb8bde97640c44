#include "server/loop/loop.h"

#include "core/alloc.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/loop/inside.h"
#include "server/loop/wire.h"

enum {
    /* How often the deadlines of connections are looked at. They are seconds long, and
     * looking is cheaper than keeping ten thousand timers in order. */
    SWEEP_MS = 250,
    /* Rounds of after-work within one turn; what still asks then waits for the next. */
    AFTER_ROUNDS_MAX = 8,
};

static void run_messages(struct loop *loop)
{
    struct list mail;
    list_init(&mail);
    (void)pthread_mutex_lock(&loop->lock);
    list_splice(&mail, &loop->mailbox);
    (void)pthread_mutex_unlock(&loop->lock);
    for (struct list *link; (link = list_shift(&mail));) {
        struct loop_message *message = container_of(link, struct loop_message, link);
        message->run(message, loop);
    }
}

static void run_afters(struct loop *loop)
{
    for (int round = 0; round < AFTER_ROUNDS_MAX; round++) {
        struct list batch;
        list_init(&batch);
        list_splice(&batch, &loop->afters);
        if (list_is_empty(&batch))
            return;
        for (struct list *link; (link = list_shift(&batch));) {
            struct loop_after *after = container_of(link, struct loop_after, link);
            after->run(after);
        }
    }
    /* Still not empty: the loop must not sleep before the next turn. */
    if (!list_is_empty(&loop->afters))
        (void)uv_async_send(&loop->wake);
}

static void begin_stop(struct loop *loop)
{
    if (loop->stopping)
        return;
    loop->stopping = true;
    uv_unref((uv_handle_t *)&loop->wake);
    for (struct list *link; (link = list_shift(&loop->handles));) {
        struct loop_handle *handle = container_of(link, struct loop_handle, link);
        handle->shut(handle);
    }
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    run_messages(loop);
    if (atomic_load(&loop->stop_wanted))
        begin_stop(loop);
}

static void on_before_poll(uv_prepare_t *prepare)
{
    run_afters(prepare->data);
}

static void read_wall_clock(struct loop *loop)
{
    loop->wall_offset_ms = monotime_wall_ms() - monotime_ms();
}

/* Deadlines are looked at behind the events of the turn, and wake keeps the loop from
 * sleeping till then: after a long pause of the machine or of a handler, what has come
 * meanwhile counts before the time that has passed. */
static void on_sweep(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    read_wall_clock(loop);
    loop->sweep_due = true;
    (void)uv_async_send(&loop->wake);
}

static void on_after_poll(uv_check_t *check)
{
    struct loop *loop = check->data;
    if (loop->sweep_due)
        loop_tcp_sweep(loop);
    loop->sweep_due = false;
    run_afters(loop);
}

/* These live as long as the loop and do not keep it running, except wake until stop. */
static void start_own_handles(struct loop *loop)
{
    require(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
    require(uv_prepare_init(&loop->uv, &loop->before_poll) == 0);
    require(uv_check_init(&loop->uv, &loop->after_poll) == 0);
    require(uv_timer_init(&loop->uv, &loop->sweep) == 0);
    loop->wake.data = loop->before_poll.data = loop;
    loop->after_poll.data = loop->sweep.data = loop;
    require(uv_prepare_start(&loop->before_poll, on_before_poll) == 0);
    require(uv_check_start(&loop->after_poll, on_after_poll) == 0);
    require(uv_timer_start(&loop->sweep, on_sweep, SWEEP_MS, SWEEP_MS) == 0);
    uv_unref((uv_handle_t *)&loop->before_poll);
    uv_unref((uv_handle_t *)&loop->after_poll);
    uv_unref((uv_handle_t *)&loop->sweep);
}

struct loop *loop_create(unsigned index)
{
    struct loop *loop = alloc_zero(sizeof *loop);
    loop->index = index;
    read_wall_clock(loop);
    list_init(&loop->handles);
    list_init(&loop->afters);
    list_init(&loop->tcps);
    list_init(&loop->mailbox);
    atomic_init(&loop->stop_wanted, false);
    require(pthread_mutex_init(&loop->lock, NULL) == 0);
    loop->read_buffer = alloc_zero(LOOP_READ_MAX);
    loop->record = alloc_zero(LOOP_WIRE_RECORD);
    require(uv_loop_init(&loop->uv) == 0);
    start_own_handles(loop);
    return loop;
}

static bool has_mail(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->lock);
    bool has = !list_is_empty(&loop->mailbox);
    (void)pthread_mutex_unlock(&loop->lock);
    return has;
}

bool loop_settle(struct loop *loop)
{
    begin_stop(loop);
    bool had = has_mail(loop) || !list_is_empty(&loop->afters);
    run_messages(loop);
    run_afters(loop);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    return had;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    while (loop_settle(loop) || has_mail(loop) || !list_is_empty(&loop->afters))
        continue;
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->before_poll, NULL);
    uv_close((uv_handle_t *)&loop->after_poll, NULL);
    uv_close((uv_handle_t *)&loop->sweep, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    require(uv_loop_close(&loop->uv) == 0);
    (void)pthread_mutex_destroy(&loop->lock);
    alloc_free(loop->read_buffer);
    alloc_free(loop->record);
    alloc_free(loop);
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop_wanted, true);
    (void)uv_async_send(&loop->wake);
}

void loop_post(struct loop *loop, struct loop_message *message)
{
    (void)pthread_mutex_lock(&loop->lock);
    bool was_empty = list_is_empty(&loop->mailbox);
    list_push(&loop->mailbox, &message->link);
    (void)pthread_mutex_unlock(&loop->lock);
    if (was_empty)
        (void)uv_async_send(&loop->wake);
}

unsigned loop_index(const struct loop *loop)
{
    return loop->index;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

int64_t loop_wall_ms(const struct loop *loop)
{
    return loop_now_ms(loop) + loop->wall_offset_ms;
}

void loop_after_init(struct loop_after *after, void (*run)(struct loop_after *after))
{
    list_init(&after->link);
    after->run = run;
}

void loop_after(struct loop *loop, struct loop_after *after)
{
    if (list_is_empty(&after->link))
        list_push(&loop->afters, &after->link);
}

void loop_after_cancel(struct loop_after *after)
{
    list_remove(&after->link);
}

void loop_handle_add(struct loop *loop, struct loop_handle *handle)
{
    if (loop->stopping) {
        list_init(&handle->link);
        handle->shut(handle);
    } else {
        list_push(&loop->handles, &handle->link);
    }
}
