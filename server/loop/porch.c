#include "server/loop/porch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/require.h"
#include "server/loop/inside.h"
#include "server/loop/parcel_inside.h"
#include "server/loop/proxy_header.h"
#include "server/loop/timer.h"
#include "server/loop/tls.h"
#include "server/loop/tls_stream.h"

enum visitor_state {
    VISITOR_PROXY,   /* its PROXY header is read */
    VISITOR_HELLO,   /* the first byte of TLS is looked at */
    VISITOR_SHAKING, /* TLS shakes hands */
    VISITOR_GONE,    /* handed on or closed; libuv still holds the handle */
};

struct visitor {
    struct loop_handle handle;
    struct list link; /* loop_porch.visitors */
    uv_poll_t poll;
    struct loop_porch *porch;
    struct loop_parcel *parcel;
    enum visitor_state state;
    int64_t deadline_ms;
    /* of a PROXY header in pieces; LOOP_PROXY_HEADER_MAX bytes, or NULL */
    uint8_t *held;
    size_t n_held;
};

struct loop_porch {
    struct loop *loop;
    struct loop_porch_options options;
    const struct loop_porch_handler *handler;
    void *ctx;
    struct list visitors; /* visitor.link, in the order of their deadlines */
    unsigned n_visitors;
    struct loop_timer *timer; /* of the first visitor */
};

static void set_state(struct visitor *visitor, enum visitor_state state)
{
    require(state > visitor->state);
    visitor->state = state;
}

/* ---- leaving ---- */

/* NULL: nobody waits. */
static struct visitor *first_visitor(const struct loop_porch *porch)
{
    return list_is_empty(&porch->visitors)
               ? NULL
               : container_of(porch->visitors.next, struct visitor, link);
}

static void watch_deadlines(struct loop_porch *porch)
{
    const struct visitor *first = first_visitor(porch);
    loop_timer_start_at(porch->timer, first ? first->deadline_ms : INT64_MAX);
}

static void on_closed(uv_handle_t *uv)
{
    alloc_free(uv->data);
}

/* What is left of it goes by itself; the parcel is the caller's. */
static struct loop_parcel *leave(struct visitor *visitor)
{
    struct loop_parcel *parcel = visitor->parcel;
    set_state(visitor, VISITOR_GONE);
    visitor->parcel = NULL;
    list_remove(&visitor->handle.link);
    list_remove(&visitor->link);
    visitor->porch->n_visitors--;
    watch_deadlines(visitor->porch);
    alloc_free(visitor->held);
    visitor->held = NULL;
    uv_close((uv_handle_t *)&visitor->poll, on_closed);
    return parcel;
}

static void go_quietly(struct visitor *visitor)
{
    loop_parcel_destroy(leave(visitor));
}

static void refuse(struct visitor *visitor, const char *why)
{
    struct loop_porch *porch = visitor->porch;
    struct loop_parcel *parcel = leave(visitor);
    porch->handler->refused(porch->ctx, parcel, why);
    loop_parcel_destroy(parcel);
}

static void shut(struct loop_handle *handle)
{
    go_quietly(container_of(handle, struct visitor, handle));
}

static void on_deadline(void *ctx)
{
    struct loop_porch *porch = ctx;
    int64_t now_ms = loop_now_ms(porch->loop);
    for (struct visitor *visitor;
         (visitor = first_visitor(porch)) && visitor->deadline_ms <= now_ms;)
        refuse(visitor, visitor->state == VISITOR_PROXY
                            ? "no PROXY header in time"
                            : "the TLS handshake was not done in time");
    watch_deadlines(porch);
}

/* ---- the PROXY header ---- */

static bool is_crowded(const struct loop_porch *porch, const struct visitor *newcomer)
{
    const struct loop_peer *peer = &newcomer->parcel->peer;
    unsigned n = 0;
    if (peer->is_loopback || porch->options.per_host_max == 0)
        return false;
    list_for_each (link, &porch->visitors) {
        const struct visitor *visitor = container_of(link, struct visitor, link);
        n += strcmp(visitor->parcel->peer.host, peer->host) == 0;
    }
    return n > porch->options.per_host_max;
}

/* Bytes of the header only are taken: what follows is for TLS or the owner. While it is
 * not whole, all that is there belongs to it. */
static ssize_t peek(struct visitor *visitor)
{
    size_t room = LOOP_PROXY_HEADER_MAX - visitor->n_held;
    return recv(visitor->parcel->wire.fd, visitor->held + visitor->n_held, room,
                MSG_PEEK | MSG_DONTWAIT);
}

static void take(struct visitor *visitor, size_t len)
{
    uint8_t *to = visitor->held + visitor->n_held;
    ssize_t taken = recv(visitor->parcel->wire.fd, to, len, MSG_DONTWAIT);
    visitor->n_held += taken > 0 ? (size_t)taken : 0;
}

/* The socket gave n: no bytes, its end, or an error. True when all is said. */
static bool has_ended(struct visitor *visitor, ssize_t n)
{
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return false;
    if (visitor->n_held == 0)
        go_quietly(visitor);
    else
        refuse(visitor, "the peer went away in the middle of its PROXY header");
    return true;
}

/* True when the header is whole. */
static bool read_proxy(struct visitor *visitor)
{
    struct err err;
    struct loop_proxy_header header;
    ssize_t n = peek(visitor);
    if (has_ended(visitor, n) || n < 0)
        return false;
    struct bytes in = bytes_make(visitor->held, visitor->n_held + (size_t)n);
    int used = loop_proxy_header_read(in, &header, &err);
    if (used < 0) {
        refuse(visitor, err.text);
        return false;
    }
    take(visitor, used > 0 ? (size_t)used - visitor->n_held : (size_t)n);
    if (used > 0 && header.has_source)
        loop_peer_set(&visitor->parcel->peer, &header.source);
    return used > 0;
}

/* ---- TLS ---- */

/* Something else than TLS is told apart while it can be. True when it is TLS. */
static bool look_at_hello(struct visitor *visitor)
{
    uint8_t first;
    ssize_t n = recv(visitor->parcel->wire.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        go_quietly(visitor);
    else if (first == 3)
        refuse(visitor,
               "plain RTMP came to the port of RTMPS: the encoder's server must "
               "begin with rtmps://, or have the port of RTMP");
    else if (first != 0x16)
        refuse(visitor, "what came is not TLS");
    return n > 0 && first == 0x16;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static bool shake_hands(struct visitor *visitor)
{
    struct loop_wire *wire = &visitor->parcel->wire;
    char why[ERR_TEXT_MAX];
    int cause;
    if (!wire->tls)
        wire->tls = loop_tls_stream_create(visitor->porch->options.tls, wire->fd);
    switch (loop_tls_stream_shake_hands(wire->tls)) {
    case LOOP_WIRE_DONE:
        return true;
    case LOOP_WIRE_WAITS_IN:
        (void)uv_poll_start(&visitor->poll, UV_READABLE, on_poll);
        return false;
    case LOOP_WIRE_WAITS_OUT:
        (void)uv_poll_start(&visitor->poll, UV_WRITABLE, on_poll);
        return false;
    case LOOP_WIRE_ENDED:
        refuse(visitor,
               "the client went away in the middle of the TLS handshake (those "
               "that do not take the certificate do that)");
        return false;
    case LOOP_WIRE_BROKEN:
        break;
    }
    const char *words = loop_tls_stream_why(wire->tls, &cause);
    (void)snprintf(why, sizeof why, "no TLS handshake: %s%s%s", words,
                   cause ? ": " : "", cause ? strerror(cause) : "");
    refuse(visitor, why);
    return false;
}

/* ---- one after the other ---- */

static void hand_on(struct visitor *visitor)
{
    struct loop_porch *porch = visitor->porch;
    porch->handler->ready(porch->ctx, leave(visitor));
}

/* The connection's true address is known from here on. */
static void enter(struct visitor *visitor)
{
    if (is_crowded(visitor->porch, visitor))
        refuse(visitor,
               "too many connections of this address wait for their handshake");
    else if (!visitor->porch->options.tls)
        hand_on(visitor);
    else
        set_state(visitor, VISITOR_HELLO);
}

static void go_on(struct visitor *visitor)
{
    if (visitor->state == VISITOR_PROXY && read_proxy(visitor))
        enter(visitor);
    if (visitor->state == VISITOR_HELLO && look_at_hello(visitor))
        set_state(visitor, VISITOR_SHAKING);
    if (visitor->state == VISITOR_SHAKING && shake_hands(visitor))
        hand_on(visitor);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct visitor *visitor = poll->data;
    (void)events;
    if (visitor->state == VISITOR_GONE)
        return;
    if (status < 0)
        go_quietly(visitor);
    else
        go_on(visitor);
}

static void let_in(struct loop_porch *porch, struct loop_parcel *parcel)
{
    struct visitor *visitor = alloc_zero(sizeof *visitor);
    visitor->porch = porch;
    visitor->parcel = parcel;
    visitor->poll.data = visitor;
    visitor->handle.shut = shut;
    visitor->deadline_ms = loop_now_ms(porch->loop) + porch->options.within_ms;
    if (uv_poll_init(&porch->loop->uv, &visitor->poll, parcel->wire.fd) < 0) {
        loop_parcel_destroy(parcel);
        alloc_free(visitor);
        return;
    }
    list_push(&porch->visitors, &visitor->link);
    porch->n_visitors++;
    watch_deadlines(porch);
    (void)uv_poll_start(&visitor->poll, UV_READABLE, on_poll);
    loop_handle_add(porch->loop, &visitor->handle);
    if (visitor->state == VISITOR_GONE)
        return;
    if (porch->options.proxy)
        visitor->held = alloc_zero(LOOP_PROXY_HEADER_MAX);
    else
        enter(visitor);
}

void loop_porch_accept(struct loop_porch *porch, int fd)
{
    struct loop_parcel *parcel = loop_parcel_create(fd);
    if (!porch->options.proxy && !porch->options.tls) {
        porch->handler->ready(porch->ctx, parcel);
    } else if (porch->n_visitors < LOOP_PORCH_MAX) {
        let_in(porch, parcel);
    } else {
        porch->handler->refused(porch->ctx, parcel,
                                "too many connections wait for their handshake");
        loop_parcel_destroy(parcel);
    }
}

struct loop_porch *loop_porch_create(struct loop *loop,
                                     const struct loop_porch_options *options,
                                     const struct loop_porch_handler *handler,
                                     void *ctx)
{
    struct loop_porch *porch = alloc_zero(sizeof *porch);
    porch->loop = loop;
    porch->options = *options;
    if (options->tls)
        (void)loop_tls_ref(options->tls);
    porch->handler = handler;
    porch->ctx = ctx;
    list_init(&porch->visitors);
    porch->timer = loop_timer_create(loop, on_deadline, porch);
    return porch;
}

void loop_porch_destroy(struct loop_porch *porch)
{
    if (!porch)
        return;
    for (struct visitor *visitor; (visitor = first_visitor(porch));)
        go_quietly(visitor);
    loop_timer_destroy(porch->timer);
    loop_tls_unref(porch->options.tls);
    alloc_free(porch);
}

void loop_porch_set_tls(struct loop_porch *porch, struct loop_tls *tls)
{
    require(porch->options.tls);
    loop_tls_unref(porch->options.tls);
    porch->options.tls = tls;
}
