#include "server/loop/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "server/loop/inside.h"
#include "server/loop/parcel_inside.h"
#include "server/loop/tcp_info.h"
#include "server/loop/tcp_queue.h"

enum {
    /* Sends and reads of one connection in one turn, so that a fast peer leaves time for
     * the others. */
    SENDS_PER_TURN = 8,
    READS_PER_TURN = 4,
    RECORDS_PER_TURN = 16, /* the same in TLS, where one read gives one record */
    /* After our last byte the peer has this long to close, while what it still sends is
     * thrown away: closing at once with bytes unread would reset the connection, and the
     * peer could lose the answer. */
    LINGER_MS = 1000,
};

enum tcp_state {
    LOOP_TCP_OPEN,      /* reads and writes */
    LOOP_TCP_FLUSHING,  /* what is queued still leaves, what comes in is dropped */
    LOOP_TCP_LINGERING, /* all has left, the peer is to close */
    LOOP_TCP_CLOSING,   /* the socket is gone, the owner will be told */
};

struct loop_tcp {
    struct loop_handle handle;
    struct list link; /* loop.tcps */
    uv_poll_t poll;
    bool polled; /* poll must be closed */
    enum tcp_state state;
    struct loop *loop;
    struct loop_wire wire;
    int events; /* what poll waits for now */
    bool paused;
    bool ended;           /* the peer has sent its last byte */
    bool blocked;         /* the socket takes no more for now */
    bool reading_blocked; /* TLS has to answer something before it can read on */
    const struct loop_tcp_handler *handler;
    const struct loop_tcp_limits *limits;
    void *ctx;
    struct loop_after flush; /* sends at the end of the turn */
    struct loop_after more;  /* reads what TLS has taken from the socket already */
    struct loop_tcp_queue queue;
    int64_t deadline_ms; /* the owner's; INT64_MAX: none */
    int64_t stalled_ms;  /* since when the queue has not moved; INT64_MAX: empty */
    int64_t close_deadline_ms; /* of flushing and lingering */
    enum err_code why;         /* for closed */
    int why_errno;
    const char *why_text;
    struct loop_peer peer;
};

static void set_state(struct loop_tcp *tcp, enum tcp_state state)
{
    require(state > tcp->state);
    tcp->state = state;
}

/* ---- closing ---- */

static void tell_closed(struct loop_tcp *tcp)
{
    list_remove(&tcp->link);
    struct err why;
    if (tcp->why_errno != 0)
        (void)err_set(&why, tcp->why, "%s: %s", tcp->why_text,
                      strerror(tcp->why_errno));
    else
        (void)err_set(&why, tcp->why, "%s", tcp->why_text);
    tcp->handler->closed(tcp->ctx, &why);
    alloc_free(tcp);
}

static void on_closed(uv_handle_t *uv)
{
    tell_closed(uv->data);
}

static void on_after_close(struct loop_after *after)
{
    tell_closed(container_of(after, struct loop_tcp, flush));
}

static void release_queue(struct loop_tcp *tcp)
{
    loop_tcp_queue_finish(&tcp->queue);
    tcp->stalled_ms = INT64_MAX;
}

static void begin_close(struct loop_tcp *tcp, enum err_code why, const char *text,
                        int cause)
{
    if (tcp->state == LOOP_TCP_CLOSING)
        return;
    set_state(tcp, LOOP_TCP_CLOSING);
    tcp->why = why;
    tcp->why_text = text;
    tcp->why_errno = cause;
    list_remove(&tcp->handle.link);
    loop_after_cancel(&tcp->flush);
    loop_after_cancel(&tcp->more);
    release_queue(tcp);
    if (tcp->polled) {
        uv_close((uv_handle_t *)&tcp->poll, on_closed);
    } else {
        loop_after_init(&tcp->flush, on_after_close);
        loop_after(tcp->loop, &tcp->flush);
    }
    loop_wire_close(&tcp->wire);
}

static void close_for_errno(struct loop_tcp *tcp, const char *text, int cause)
{
    bool gone = cause == ECONNRESET || cause == EPIPE || cause == 0;
    begin_close(tcp, gone ? ERR_CLOSED : ERR_IO, text, cause);
}

/* TLS breaks without the system's words; a connection that is plain never does. */
static void close_broken(struct loop_tcp *tcp)
{
    if (tcp->wire.cause == 0)
        begin_close(tcp, ERR_PROTO, tcp->wire.why, 0);
    else
        close_for_errno(tcp, tcp->wire.why, tcp->wire.cause);
}

static void shut(struct loop_handle *handle)
{
    struct loop_tcp *tcp = container_of(handle, struct loop_tcp, handle);
    begin_close(tcp, ERR_CLOSED, "the loop has ended", 0);
}

/* ---- polling ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void update_events(struct loop_tcp *tcp)
{
    if (tcp->state == LOOP_TCP_CLOSING)
        return;
    int events = 0;
    if (!tcp->ended && !tcp->reading_blocked &&
        (tcp->state != LOOP_TCP_OPEN || !tcp->paused))
        events |= UV_READABLE;
    if (tcp->blocked || tcp->reading_blocked)
        events |= UV_WRITABLE;
    if (events == tcp->events)
        return;
    tcp->events = events;
    if (events == 0)
        (void)uv_poll_stop(&tcp->poll);
    else
        (void)uv_poll_start(&tcp->poll, events, on_poll);
}

/* ---- sending ---- */

/* Our last byte has left; TLS has a word more, which may have to wait too. */
static void begin_linger(struct loop_tcp *tcp)
{
    enum loop_wire_result ended = loop_wire_end(&tcp->wire);
    tcp->blocked = ended == LOOP_WIRE_WAITS_OUT;
    tcp->reading_blocked = false;
    if (tcp->blocked) {
        update_events(tcp);
        return;
    }
    set_state(tcp, LOOP_TCP_LINGERING);
    if (tcp->ended || ended != LOOP_WIRE_DONE) {
        begin_close(tcp, ERR_CLOSED, "closed", 0);
        return;
    }
    int64_t until_ms = loop_now_ms(tcp->loop) + LINGER_MS;
    if (until_ms < tcp->close_deadline_ms)
        tcp->close_deadline_ms = until_ms;
    update_events(tcp);
}

static void on_queue_empty(struct loop_tcp *tcp)
{
    tcp->stalled_ms = INT64_MAX;
    if (tcp->state == LOOP_TCP_FLUSHING)
        begin_linger(tcp);
    else if (tcp->handler->drained)
        tcp->handler->drained(tcp->ctx);
}

/* One send; false when nothing more can be sent in this turn. */
static bool send_some(struct loop_tcp *tcp)
{
    size_t sent = 0;
    enum loop_wire_result result =
        loop_wire_write(&tcp->wire, &tcp->queue, tcp->loop->record, &sent);
    if (result == LOOP_WIRE_DONE) {
        loop_tcp_queue_advance(&tcp->queue, sent);
        tcp->stalled_ms = loop_now_ms(tcp->loop);
        return true;
    }
    if (result != LOOP_WIRE_WAITS_OUT)
        close_broken(tcp);
    return false;
}

static void send_queue(struct loop_tcp *tcp)
{
    for (int i = 0; i < SENDS_PER_TURN && loop_tcp_queue_len(&tcp->queue) > 0; i++)
        if (!send_some(tcp))
            break;
    if (tcp->state == LOOP_TCP_CLOSING)
        return;
    tcp->blocked = loop_tcp_queue_len(&tcp->queue) > 0;
    update_events(tcp);
    if (!tcp->blocked)
        on_queue_empty(tcp);
}

static void on_flush(struct loop_after *after)
{
    struct loop_tcp *tcp = container_of(after, struct loop_tcp, flush);
    if (!tcp->blocked && loop_tcp_queue_len(&tcp->queue) > 0)
        send_queue(tcp);
}

/* ---- receiving ---- */

static void on_end_of_stream(struct loop_tcp *tcp)
{
    tcp->ended = true;
    update_events(tcp);
    if (tcp->state == LOOP_TCP_LINGERING)
        begin_close(tcp, ERR_CLOSED, "closed", 0);
    else if (tcp->state == LOOP_TCP_OPEN && tcp->handler->ended)
        tcp->handler->ended(tcp->ctx);
    else if (tcp->state == LOOP_TCP_OPEN)
        begin_close(tcp, ERR_CLOSED, "the peer has closed", 0);
}

/* What nobody wants any more is not decrypted either. */
static enum loop_wire_result take_some(struct loop_tcp *tcp, size_t *ret_len)
{
    uint8_t *buffer = tcp->loop->read_buffer;
    if (tcp->state == LOOP_TCP_OPEN)
        return loop_wire_read(&tcp->wire, buffer, LOOP_READ_MAX, ret_len);
    *ret_len = 0;
    return loop_wire_drop(&tcp->wire, buffer, LOOP_READ_MAX);
}

/* One read; false when nothing more is to be read in this turn. */
static bool receive_some(struct loop_tcp *tcp)
{
    size_t got = 0;
    switch (take_some(tcp, &got)) {
    case LOOP_WIRE_DONE:
        break;
    case LOOP_WIRE_WAITS_IN:
        return false;
    case LOOP_WIRE_WAITS_OUT:
        tcp->reading_blocked = true;
        update_events(tcp);
        return false;
    case LOOP_WIRE_ENDED:
        on_end_of_stream(tcp);
        return false;
    case LOOP_WIRE_BROKEN:
        close_broken(tcp);
        return false;
    }
    if (got > 0)
        tcp->handler->readable(tcp->ctx, bytes_make(tcp->loop->read_buffer, got));
    /* A short read has emptied the socket. */
    return got == LOOP_READ_MAX || got == LOOP_WIRE_RECORD ||
           loop_wire_has_pending(&tcp->wire);
}

static bool wants_input(const struct loop_tcp *tcp)
{
    return tcp->state != LOOP_TCP_CLOSING && (tcp->events & UV_READABLE);
}

/* The socket does not tell of what TLS has taken from it. */
static void ask_for_more(struct loop_tcp *tcp)
{
    if (tcp->state == LOOP_TCP_OPEN && loop_wire_has_pending(&tcp->wire))
        loop_after(tcp->loop, &tcp->more);
}

static void receive(struct loop_tcp *tcp)
{
    int max = tcp->wire.tls ? RECORDS_PER_TURN : READS_PER_TURN;
    for (int i = 0; i < max; i++)
        if (!wants_input(tcp) || !receive_some(tcp))
            return;
    ask_for_more(tcp);
}

/* A record at a time: others have their turn between. */
static void on_more(struct loop_after *after)
{
    struct loop_tcp *tcp = container_of(after, struct loop_tcp, more);
    if (wants_input(tcp) && receive_some(tcp))
        ask_for_more(tcp);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct loop_tcp *tcp = poll->data;
    if (tcp->state == LOOP_TCP_CLOSING)
        return;
    if (status < 0) {
        int cause = 0;
        socklen_t len = sizeof cause;
        (void)getsockopt(tcp->wire.fd, SOL_SOCKET, SO_ERROR, &cause, &len);
        close_for_errno(tcp, "connection lost", cause);
        return;
    }
    bool resumed = (events & UV_WRITABLE) && tcp->reading_blocked;
    if (resumed)
        tcp->reading_blocked = false;
    if ((events & UV_WRITABLE) && tcp->blocked)
        send_queue(tcp);
    if (resumed)
        update_events(tcp);
    if (resumed || (events & UV_READABLE))
        receive(tcp);
}

/* ---- deadlines ---- */

static void check_deadlines(struct loop_tcp *tcp, int64_t now_ms)
{
    if (tcp->state == LOOP_TCP_CLOSING)
        return;
    if (tcp->stalled_ms != INT64_MAX &&
        now_ms - tcp->stalled_ms >= tcp->limits->stall_ms)
        begin_close(tcp, ERR_LIMIT, "the peer takes no data", 0);
    else if (tcp->state != LOOP_TCP_OPEN && now_ms >= tcp->close_deadline_ms)
        begin_close(tcp, ERR_CLOSED, "closed", 0);
    else if (tcp->state == LOOP_TCP_OPEN && now_ms >= tcp->deadline_ms) {
        tcp->deadline_ms = INT64_MAX;
        if (tcp->handler->expired)
            tcp->handler->expired(tcp->ctx);
    }
}

void loop_tcp_sweep(struct loop *loop)
{
    int64_t now_ms = loop_now_ms(loop);
    /* Connections leave the list in close callbacks only, so none goes meanwhile. */
    list_for_each (link, &loop->tcps)
        check_deadlines(container_of(link, struct loop_tcp, link), now_ms);
}

/* ---- the owner's calls ---- */

struct loop_tcp *loop_tcp_adopt_parcel(struct loop *loop, struct loop_parcel *parcel,
                                       const struct loop_tcp_handler *handler,
                                       const struct loop_tcp_limits *limits, void *ctx)
{
    struct loop_tcp *tcp = alloc_zero(sizeof *tcp);
    int on = 1;
    tcp->loop = loop;
    tcp->wire = parcel->wire;
    tcp->peer = parcel->peer;
    alloc_free(parcel);
    tcp->handler = handler;
    tcp->limits = limits;
    tcp->ctx = ctx;
    tcp->deadline_ms = tcp->stalled_ms = tcp->close_deadline_ms = INT64_MAX;
    tcp->handle.shut = shut;
    tcp->poll.data = tcp;
    list_init(&tcp->handle.link);
    list_push(&loop->tcps, &tcp->link);
    loop_after_init(&tcp->flush, on_flush);
    loop_after_init(&tcp->more, on_more);
    loop_tcp_queue_init(&tcp->queue);
    /* Fails for what is not TCP, and matters not there. */
    (void)setsockopt(tcp->wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int failed = uv_poll_init(&loop->uv, &tcp->poll, tcp->wire.fd);
    tcp->polled = failed == 0;
    if (failed) {
        begin_close(tcp, ERR_IO, "cannot poll", -failed);
        return tcp;
    }
    update_events(tcp);
    loop_handle_add(loop, &tcp->handle);
    ask_for_more(tcp);
    return tcp;
}

struct loop_tcp *loop_tcp_adopt(struct loop *loop, int fd,
                                const struct loop_tcp_handler *handler,
                                const struct loop_tcp_limits *limits, void *ctx)
{
    return loop_tcp_adopt_parcel(loop, loop_parcel_create(fd), handler, limits, ctx);
}

void loop_tcp_write(struct loop_tcp *tcp, struct buf *buf)
{
    if (tcp->state != LOOP_TCP_OPEN) {
        buf_unref(buf);
        return;
    }
    size_t queued = loop_tcp_queue_len(&tcp->queue);
    size_t len = buf_bytes(buf).len;
    if (queued > tcp->limits->queue_max || len > tcp->limits->queue_max - queued) {
        buf_unref(buf);
        begin_close(tcp, ERR_LIMIT, "too much waits for the peer", 0);
        return;
    }
    loop_tcp_queue_push(&tcp->queue, buf);
    if (queued == 0 && len > 0)
        tcp->stalled_ms = loop_now_ms(tcp->loop);
    if (!tcp->blocked)
        loop_after(tcp->loop, &tcp->flush);
}

size_t loop_tcp_queued(const struct loop_tcp *tcp)
{
    return loop_tcp_queue_len(&tcp->queue);
}

void loop_tcp_pause(struct loop_tcp *tcp)
{
    tcp->paused = true;
    update_events(tcp);
}

void loop_tcp_resume(struct loop_tcp *tcp)
{
    tcp->paused = false;
    update_events(tcp);
    ask_for_more(tcp);
}

void loop_tcp_set_deadline(struct loop_tcp *tcp, int64_t at_ms)
{
    tcp->deadline_ms = at_ms;
}

void loop_tcp_close(struct loop_tcp *tcp)
{
    begin_close(tcp, ERR_CLOSED, "closed", 0);
}

void loop_tcp_close_flushed(struct loop_tcp *tcp, int64_t within_ms)
{
    if (tcp->state != LOOP_TCP_OPEN)
        return;
    set_state(tcp, LOOP_TCP_FLUSHING);
    tcp->close_deadline_ms = loop_now_ms(tcp->loop) + within_ms;
    if (loop_tcp_queue_len(&tcp->queue) == 0)
        begin_linger(tcp);
    else
        update_events(tcp);
}

static void on_detached(uv_handle_t *uv)
{
    struct loop_tcp *tcp = uv->data;
    list_remove(&tcp->link);
    alloc_free(tcp);
}

struct loop_parcel *loop_tcp_detach(struct loop_tcp *tcp)
{
    if (tcp->state != LOOP_TCP_OPEN)
        return NULL;
    require(loop_tcp_queue_len(&tcp->queue) == 0);
    set_state(tcp, LOOP_TCP_CLOSING);
    list_remove(&tcp->handle.link);
    loop_after_cancel(&tcp->flush);
    loop_after_cancel(&tcp->more);
    release_queue(tcp);
    struct loop_parcel *parcel = alloc_zero(sizeof *parcel);
    *parcel = (struct loop_parcel){.wire = tcp->wire, .peer = tcp->peer};
    tcp->wire = loop_wire_make(-1);
    uv_close((uv_handle_t *)&tcp->poll, on_detached);
    return parcel;
}

void loop_tcp_notice_death(struct loop_tcp *tcp, int64_t within_ms)
{
    if (tcp->wire.fd >= 0)
        (void)loop_tcp_info_notice_death(tcp->wire.fd, within_ms);
}

void loop_tcp_info(const struct loop_tcp *tcp, struct loop_tcp_info *ret)
{
    loop_tcp_info_read(tcp->wire.fd, ret);
}

const char *loop_tcp_peer(const struct loop_tcp *tcp)
{
    return tcp->peer.text;
}

const char *loop_tcp_host(const struct loop_tcp *tcp)
{
    return tcp->peer.host;
}
