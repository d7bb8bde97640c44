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

enum guest_state {
    GUEST_PROXY,   /* its PROXY header is read */
    GUEST_HELLO,   /* the first byte of TLS is looked at */
    GUEST_SHAKING, /* TLS shakes hands */
    GUEST_GONE,    /* handed on or closed; libuv still holds the handle */
};

struct guest {
    struct loop_handle handle;
    struct list link; /* loop_porch.guests */
    uv_poll_t poll;
    struct loop_porch *porch;
    struct loop_parcel *parcel;
    enum guest_state state;
    int64_t deadline_ms;
    uint8_t
        *held; /* of a PROXY header in pieces; LOOP_PROXY_HEADER_MAX bytes, or NULL */
    size_t n_held;
};

struct loop_porch {
    struct loop *loop;
    struct loop_porch_options options;
    const struct loop_porch_handler *handler;
    void *ctx;
    struct list guests; /* guest.link, in the order of their deadlines */
    unsigned n_guests;
    struct loop_timer *timer; /* of the first guest */
};

static void set_state(struct guest *guest, enum guest_state state)
{
    require(state > guest->state);
    guest->state = state;
}

/* ---- leaving ---- */

/* NULL: nobody waits. */
static struct guest *first_guest(const struct loop_porch *porch)
{
    return list_is_empty(&porch->guests)
               ? NULL
               : container_of(porch->guests.next, struct guest, link);
}

static void watch_deadlines(struct loop_porch *porch)
{
    const struct guest *first = first_guest(porch);
    loop_timer_start_at(porch->timer, first ? first->deadline_ms : INT64_MAX);
}

static void on_closed(uv_handle_t *uv)
{
    alloc_free(uv->data);
}

/* What is left of it goes by itself; the parcel is the caller's. */
static struct loop_parcel *leave(struct guest *guest)
{
    struct loop_parcel *parcel = guest->parcel;
    set_state(guest, GUEST_GONE);
    guest->parcel = NULL;
    list_remove(&guest->handle.link);
    list_remove(&guest->link);
    guest->porch->n_guests--;
    watch_deadlines(guest->porch);
    alloc_free(guest->held);
    guest->held = NULL;
    uv_close((uv_handle_t *)&guest->poll, on_closed);
    return parcel;
}

static void go_quietly(struct guest *guest)
{
    loop_parcel_destroy(leave(guest));
}

static void refuse(struct guest *guest, const char *why)
{
    struct loop_porch *porch = guest->porch;
    struct loop_parcel *parcel = leave(guest);
    porch->handler->refused(porch->ctx, parcel, why);
    loop_parcel_destroy(parcel);
}

static void shut(struct loop_handle *handle)
{
    go_quietly(container_of(handle, struct guest, handle));
}

static void on_deadline(void *ctx)
{
    struct loop_porch *porch = ctx;
    int64_t now_ms = loop_now_ms(porch->loop);
    for (struct guest *guest;
         (guest = first_guest(porch)) && guest->deadline_ms <= now_ms;)
        refuse(guest, guest->state == GUEST_PROXY
                          ? "no PROXY header in time"
                          : "the TLS handshake was not done in time");
    watch_deadlines(porch);
}

/* ---- the PROXY header ---- */

static bool is_crowded(const struct loop_porch *porch, const struct guest *newcomer)
{
    const struct loop_peer *peer = &newcomer->parcel->peer;
    unsigned n = 0;
    if (peer->is_loopback || porch->options.per_host_max == 0)
        return false;
    list_for_each (link, &porch->guests) {
        const struct guest *guest = container_of(link, struct guest, link);
        n += strcmp(guest->parcel->peer.host, peer->host) == 0;
    }
    return n > porch->options.per_host_max;
}

/* Bytes of the header only are taken: what follows is for TLS or the owner. While it is
 * not whole, all that is there belongs to it. */
static ssize_t peek(struct guest *guest)
{
    size_t room = LOOP_PROXY_HEADER_MAX - guest->n_held;
    return recv(guest->parcel->wire.fd, guest->held + guest->n_held, room,
                MSG_PEEK | MSG_DONTWAIT);
}

static void take(struct guest *guest, size_t len)
{
    uint8_t *to = guest->held + guest->n_held;
    ssize_t taken = recv(guest->parcel->wire.fd, to, len, MSG_DONTWAIT);
    guest->n_held += taken > 0 ? (size_t)taken : 0;
}

/* The socket gave n: no bytes, its end, or an error. True when all is said. */
static bool has_ended(struct guest *guest, ssize_t n)
{
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return false;
    if (guest->n_held == 0)
        go_quietly(guest);
    else
        refuse(guest, "the peer went away in the middle of its PROXY header");
    return true;
}

/* True when the header is whole. */
static bool read_proxy(struct guest *guest)
{
    struct err err;
    struct loop_proxy_header header;
    ssize_t n = peek(guest);
    if (has_ended(guest, n) || n < 0)
        return false;
    struct bytes in = bytes_make(guest->held, guest->n_held + (size_t)n);
    int used = loop_proxy_header_read(in, &header, &err);
    if (used < 0) {
        refuse(guest, err.text);
        return false;
    }
    take(guest, used > 0 ? (size_t)used - guest->n_held : (size_t)n);
    if (used > 0 && header.has_source)
        loop_peer_set(&guest->parcel->peer, &header.source);
    return used > 0;
}

/* ---- TLS ---- */

/* Something else than TLS is told apart while it can be. True when it is TLS. */
static bool look_at_hello(struct guest *guest)
{
    uint8_t first;
    ssize_t n = recv(guest->parcel->wire.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        go_quietly(guest);
    else if (first == 3)
        refuse(guest, "plain RTMP came to the port of RTMPS: the encoder's server must "
                      "begin with rtmps://, or have the port of RTMP");
    else if (first != 0x16)
        refuse(guest, "what came is not TLS");
    return n > 0 && first == 0x16;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static bool shake_hands(struct guest *guest)
{
    struct loop_wire *wire = &guest->parcel->wire;
    char why[ERR_TEXT_MAX];
    int cause;
    if (!wire->tls)
        wire->tls = loop_tls_stream_create(guest->porch->options.tls, wire->fd);
    switch (loop_tls_stream_shake_hands(wire->tls)) {
    case LOOP_WIRE_DONE:
        return true;
    case LOOP_WIRE_WAITS_IN:
        (void)uv_poll_start(&guest->poll, UV_READABLE, on_poll);
        return false;
    case LOOP_WIRE_WAITS_OUT:
        (void)uv_poll_start(&guest->poll, UV_WRITABLE, on_poll);
        return false;
    case LOOP_WIRE_ENDED:
        refuse(guest, "the client went away in the middle of the TLS handshake (those "
                      "that do not "
                      "take the certificate do that)");
        return false;
    case LOOP_WIRE_BROKEN:
        break;
    }
    const char *words = loop_tls_stream_why(wire->tls, &cause);
    (void)snprintf(why, sizeof why, "no TLS handshake: %s%s%s", words,
                   cause ? ": " : "", cause ? strerror(cause) : "");
    refuse(guest, why);
    return false;
}

/* ---- one after the other ---- */

static void hand_on(struct guest *guest)
{
    struct loop_porch *porch = guest->porch;
    porch->handler->ready(porch->ctx, leave(guest));
}

/* The connection's true address is known from here on. */
static void enter(struct guest *guest)
{
    if (is_crowded(guest->porch, guest))
        refuse(guest, "too many connections of this address wait for their handshake");
    else if (!guest->porch->options.tls)
        hand_on(guest);
    else
        set_state(guest, GUEST_HELLO);
}

static void go_on(struct guest *guest)
{
    if (guest->state == GUEST_PROXY && read_proxy(guest))
        enter(guest);
    if (guest->state == GUEST_HELLO && look_at_hello(guest))
        set_state(guest, GUEST_SHAKING);
    if (guest->state == GUEST_SHAKING && shake_hands(guest))
        hand_on(guest);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct guest *guest = poll->data;
    (void)events;
    if (guest->state == GUEST_GONE)
        return;
    if (status < 0)
        go_quietly(guest);
    else
        go_on(guest);
}

static void receive_guest(struct loop_porch *porch, struct loop_parcel *parcel)
{
    struct guest *guest = alloc_zero(sizeof *guest);
    guest->porch = porch;
    guest->parcel = parcel;
    guest->poll.data = guest;
    guest->handle.shut = shut;
    guest->deadline_ms = loop_now_ms(porch->loop) + porch->options.within_ms;
    if (uv_poll_init(&porch->loop->uv, &guest->poll, parcel->wire.fd) < 0) {
        loop_parcel_destroy(parcel);
        alloc_free(guest);
        return;
    }
    list_push(&porch->guests, &guest->link);
    porch->n_guests++;
    watch_deadlines(porch);
    (void)uv_poll_start(&guest->poll, UV_READABLE, on_poll);
    loop_handle_add(porch->loop, &guest->handle);
    if (guest->state == GUEST_GONE)
        return;
    if (porch->options.proxy)
        guest->held = alloc_zero(LOOP_PROXY_HEADER_MAX);
    else
        enter(guest);
}

void loop_porch_accept(struct loop_porch *porch, int fd)
{
    struct loop_parcel *parcel = loop_parcel_create(fd);
    if (!porch->options.proxy && !porch->options.tls) {
        porch->handler->ready(porch->ctx, parcel);
    } else if (porch->n_guests < LOOP_PORCH_MAX) {
        receive_guest(porch, parcel);
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
    list_init(&porch->guests);
    porch->timer = loop_timer_create(loop, on_deadline, porch);
    return porch;
}

void loop_porch_destroy(struct loop_porch *porch)
{
    if (!porch)
        return;
    for (struct guest *guest; (guest = first_guest(porch));)
        go_quietly(guest);
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
