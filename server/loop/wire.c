#include "server/loop/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/loop/tls_stream.h"

enum { VECTORS_MAX = 64 }; /* of one send; a segment's bufs fit */

struct loop_wire loop_wire_make(int fd)
{
    return (struct loop_wire){.fd = fd, .why = "closed"};
}

void loop_wire_close(struct loop_wire *wire)
{
    loop_tls_stream_destroy(wire->tls);
    wire->tls = NULL;
    if (wire->fd >= 0)
        (void)close(wire->fd);
    wire->fd = -1;
}

/* Short of buffers for a moment is not broken: the socket says when it takes more. */
static enum loop_wire_result failed(struct loop_wire *wire, const char *why,
                                    enum loop_wire_result waits)
{
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM)
        return waits;
    wire->why = why;
    wire->cause = errno;
    return LOOP_WIRE_BROKEN;
}

static enum loop_wire_result through_tls(struct loop_wire *wire,
                                         enum loop_wire_result result)
{
    if (result == LOOP_WIRE_BROKEN)
        wire->why = loop_tls_stream_why(wire->tls, &wire->cause);
    return result;
}

static enum loop_wire_result receive(struct loop_wire *wire, uint8_t *buffer,
                                     size_t max, size_t *ret_len)
{
    ssize_t got = recv(wire->fd, buffer, max, MSG_DONTWAIT);
    if (got < 0)
        return failed(wire, "cannot receive", LOOP_WIRE_WAITS_IN);
    *ret_len = (size_t)got;
    return got == 0 ? LOOP_WIRE_ENDED : LOOP_WIRE_DONE;
}

enum loop_wire_result loop_wire_read(struct loop_wire *wire, uint8_t *buffer,
                                     size_t max, size_t *ret_len)
{
    if (!wire->tls)
        return receive(wire, buffer, max, ret_len);
    return through_tls(wire, loop_tls_stream_read(wire->tls, buffer, max, ret_len));
}

bool loop_wire_has_pending(const struct loop_wire *wire)
{
    return wire->tls && loop_tls_stream_has_pending(wire->tls);
}

enum loop_wire_result loop_wire_drop(struct loop_wire *wire, uint8_t *buffer,
                                     size_t max)
{
    size_t len;
    return receive(wire, buffer, max, &len);
}

static enum loop_wire_result
send_plain(struct loop_wire *wire, const struct loop_tcp_queue *queue, size_t *ret_len)
{
    struct iovec vectors[VECTORS_MAX];
    struct msghdr message = {.msg_iov = vectors};
    message.msg_iovlen = (size_t)loop_tcp_queue_peek(queue, vectors, VECTORS_MAX);
    ssize_t sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        return failed(wire, "cannot send", LOOP_WIRE_WAITS_OUT);
    *ret_len = (size_t)sent;
    return LOOP_WIRE_DONE;
}

/* Many small bufs become one record. A write that has to be tried again must find the
 * same bytes: it does, since it is always the queue's first ones, at most a record. */
static struct bytes gather(const struct loop_tcp_queue *queue, uint8_t *record)
{
    struct iovec vectors[VECTORS_MAX];
    int n = loop_tcp_queue_peek(queue, vectors, VECTORS_MAX);
    if (n > 0 && vectors[0].iov_len >= LOOP_WIRE_RECORD)
        return bytes_make(vectors[0].iov_base, LOOP_WIRE_RECORD);
    size_t len = 0;
    for (int i = 0; i < n && len < LOOP_WIRE_RECORD; i++) {
        size_t room = LOOP_WIRE_RECORD - len;
        size_t part = vectors[i].iov_len < room ? vectors[i].iov_len : room;
        memcpy(record + len, vectors[i].iov_base, part);
        len += part;
    }
    return bytes_make(record, len);
}

enum loop_wire_result loop_wire_write(struct loop_wire *wire,
                                      const struct loop_tcp_queue *queue,
                                      uint8_t *record, size_t *ret_len)
{
    if (!wire->tls)
        return send_plain(wire, queue, ret_len);
    return through_tls(
        wire, loop_tls_stream_write(wire->tls, gather(queue, record), ret_len));
}

enum loop_wire_result loop_wire_end(struct loop_wire *wire)
{
    if (wire->tls) {
        enum loop_wire_result result =
            through_tls(wire, loop_tls_stream_end(wire->tls));
        if (result != LOOP_WIRE_DONE)
            return result;
    }
    return shutdown(wire->fd, SHUT_WR) < 0
               ? failed(wire, "cannot close", LOOP_WIRE_BROKEN)
               : LOOP_WIRE_DONE;
}
