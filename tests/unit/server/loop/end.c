#include "tests/unit/server/loop/end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"

static void act(struct end *end, enum end_action action)
{
    end->inside = true;
    if (action == END_CLOSE_FLUSHED)
        loop_tcp_close_flushed(end->tcp, 1000);
    if (action == END_CLOSE || action == END_CLOSE_TWICE)
        loop_tcp_close(end->tcp);
    if (action == END_CLOSE_TWICE)
        loop_tcp_close(end->tcp);
    if (action == END_DETACH) {
        end->detached = loop_tcp_detach(end->tcp);
        loop_stop(end->loop);
    }
    if (action == END_STOP)
        loop_stop(end->loop);
    end->inside = false;
}

static void on_readable(void *ctx, struct bytes in)
{
    struct end *end = ctx;
    end->n_readable++;
    builder_put(&end->got, in);
    act(end, end->on_readable);
}

static void on_ended(void *ctx)
{
    struct end *end = ctx;
    end->n_ended++;
    act(end, end->on_ended);
}

static void on_drained(void *ctx)
{
    struct end *end = ctx;
    end->n_drained++;
    act(end, end->on_drained);
}

static void on_expired(void *ctx)
{
    struct end *end = ctx;
    end->n_expired++;
    act(end, end->on_expired);
}

static void on_closed(void *ctx, const struct err *why)
{
    struct end *end = ctx;
    assert_false(end->inside);
    end->n_closed++;
    end->why = *why;
    end->tcp = NULL;
    if (!end->keep_running)
        loop_stop(end->loop);
}

const struct loop_tcp_handler end_handler = {
    .readable = on_readable,
    .ended = on_ended,
    .drained = on_drained,
    .expired = on_expired,
    .closed = on_closed,
};
const struct loop_tcp_limits end_limits = {.queue_max = 8 << 20, .stall_ms = 60000};

static void prepare(struct end *end, struct loop *loop)
{
    *end = (struct end){.loop = loop};
    builder_init(&end->got, 16 << 20);
}

void end_begin(struct end *end, struct loop *loop, int fd)
{
    prepare(end, loop);
    end->tcp = loop_tcp_adopt(loop, fd, &end_handler, &end_limits, end);
}

void end_begin_parcel(struct end *end, struct loop *loop, struct loop_parcel *parcel)
{
    prepare(end, loop);
    end->tcp = loop_tcp_adopt_parcel(loop, parcel, &end_handler, &end_limits, end);
}

void end_finish(struct end *end)
{
    builder_finish(&end->got);
}

void end_write(struct end *end, const char *text)
{
    loop_tcp_write(end->tcp, buf_copy(bytes_text(text)));
}

void end_make_sockets(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

/* ---- one end ---- */

void end_alone_begin_on(struct end_alone *alone, const int fds[2])
{
    alone->loop = loop_create(0);
    alone->fd = fds[0];
    alone->peer = fds[1];
    end_begin(&alone->end, alone->loop, fds[0]);
}

void end_alone_begin(struct end_alone *alone)
{
    int fds[2];
    end_make_sockets(fds);
    end_alone_begin_on(alone, fds);
}

void end_alone_close_peer(struct end_alone *alone)
{
    if (alone->peer >= 0)
        (void)close(alone->peer);
    alone->peer = -1;
}

void end_alone_finish(struct end_alone *alone)
{
    loop_destroy(alone->loop);
    end_alone_close_peer(alone);
    end_finish(&alone->end);
}

void end_alone_hear(struct end_alone *alone, const char *text)
{
    struct bytes out = bytes_text(text);
    assert_int_equal(send(alone->peer, out.data, out.len, MSG_NOSIGNAL), out.len);
}

void end_alone_run(struct end_alone *alone, enum end_action action)
{
    end_alone_begin(alone);
    alone->end.on_readable = action;
    end_alone_hear(alone, "hello");
    loop_run(alone->loop);
    loop_destroy(alone->loop);
    alone->loop = NULL;
}

/* ---- both ends ---- */

void end_pair_begin(struct end_pair *pair)
{
    int fds[2];
    end_make_sockets(fds);
    pair->loop = loop_create(0);
    end_begin(&pair->a, pair->loop, fds[0]);
    end_begin(&pair->b, pair->loop, fds[1]);
}

void end_pair_finish(struct end_pair *pair)
{
    loop_destroy(pair->loop);
    end_finish(&pair->a);
    end_finish(&pair->b);
}
