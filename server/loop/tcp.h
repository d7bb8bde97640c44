/* A TCP connection on non-blocking poll, with a queue of shared buffers that leaves by
 * writev, or gathered into TLS records: which of them it is came with the parcel, and
 * makes no difference to the owner. TCP_NODELAY is on.
 *
 * Ownership: adopt() makes it; close() gives it up. handler.closed comes exactly once,
 *   later, never inside a call of the owner's; after it the pointer is dead.
 * Threads:   the loop's.
 * Errors:    handler.closed gets the reason: ERR_CLOSED, the peer closed or close() was
 *   called; ERR_IO, the system's words; ERR_PROTO, TLS was broken; ERR_LIMIT, queue too
 *   long or stalled. */
#ifndef LOOP_TCP_H
#define LOOP_TCP_H

#include "core/bytes.h"

struct buf;
struct err;
struct loop;
struct loop_parcel;
struct loop_tcp;
struct loop_tcp_info;

struct loop_tcp_handler {
    /* Bytes came in, valid during the call. */
    void (*readable)(void *ctx, struct bytes in);
    /* The peer will send no more (half close). NULL: the connection is closed then. */
    void (*ended)(void *ctx);
    /* The queue has run empty after it was not; may be NULL. */
    void (*drained)(void *ctx);
    /* Deadline passed; may be NULL when none is set. */
    void (*expired)(void *ctx);
    void (*closed)(void *ctx, const struct err *why);
};

struct loop_tcp_limits {
    size_t queue_max; /* bytes that may wait for the peer; more is ERR_LIMIT */
    int64_t
        stall_ms; /* no byte taken by the peer for this long while some wait: ERR_LIMIT */
};

/* Takes a connected non-blocking socket. handler and limits must outlive the connection. */
struct loop_tcp *loop_tcp_adopt(struct loop *loop, int fd,
                                const struct loop_tcp_handler *handler,
                                const struct loop_tcp_limits *limits, void *ctx);
struct loop_tcp *loop_tcp_adopt_parcel(struct loop *loop, struct loop_parcel *parcel,
                                       const struct loop_tcp_handler *handler,
                                       const struct loop_tcp_limits *limits, void *ctx);
/* Queues; the reference is taken. Leaves at the end of the loop's turn or when the socket
 * takes it, several bufs in one writev. After close: dropped. */
void loop_tcp_write(struct loop_tcp *tcp, struct buf *buf);
size_t loop_tcp_queued(const struct loop_tcp *tcp);
void loop_tcp_pause(struct loop_tcp *tcp); /* stop reading */
void loop_tcp_resume(struct loop_tcp *tcp);
/* handler.expired at loop_now_ms() >= at_ms; INT64_MAX: none. */
void loop_tcp_set_deadline(struct loop_tcp *tcp, int64_t at_ms);
void loop_tcp_close(struct loop_tcp *tcp); /* at once; what is queued is lost */
void loop_tcp_close_flushed(struct loop_tcp *tcp,
                            int64_t within_ms); /* after the queue left */
/* Takes the connection back for another loop; NULL when it is closing. Nothing may be
 * queued. handler.closed does not come; the pointer is dead. */
struct loop_parcel *loop_tcp_detach(struct loop_tcp *tcp);
/* A peer that is gone without a word is noticed within this time, by the kernel, even
 * when we have nothing to say to it: closed comes with ERR_IO. */
void loop_tcp_notice_death(struct loop_tcp *tcp, int64_t within_ms);
/* Asks the kernel: a system call. */
void loop_tcp_info(const struct loop_tcp *tcp, struct loop_tcp_info *ret);
/* "192.0.2.1:5000" or "[2001:db8::1]:5000". Valid while the connection is. */
const char *loop_tcp_peer(const struct loop_tcp *tcp);
/* Without the port: "192.0.2.1", "2001:db8::1"; "local" for a local socket. */
const char *loop_tcp_host(const struct loop_tcp *tcp);

#endif
