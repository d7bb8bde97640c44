/* Ends of connections for tests of server/loop/tcp.h: what the owner of a connection is
 * told is counted, and each call may do something inside itself. A run lasts until the
 * loop is stopped by what the test waits for, which is the end's closing unless told
 * otherwise.
 *
 * Ownership: begin/finish. Threads: one. */
#ifndef TESTS_UNIT_SERVER_LOOP_END_H
#define TESTS_UNIT_SERVER_LOOP_END_H

#include "core/builder.h"
#include "core/err.h"
#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/loop/tcp.h"

enum end_action {
    END_NOTHING,
    END_CLOSE,
    END_CLOSE_TWICE,
    END_CLOSE_FLUSHED,
    END_DETACH,
    END_STOP
};

struct end {
    struct loop *loop;
    struct loop_tcp *tcp;
    struct builder got;
    unsigned n_readable, n_ended, n_drained, n_expired, n_closed;
    struct err why;
    enum end_action on_readable, on_ended, on_drained, on_expired;
    bool keep_running; /* closed does not stop the loop */
    bool inside;       /* a call of the owner's is on the stack */
    struct loop_parcel *detached;
};

extern const struct loop_tcp_handler end_handler;
extern const struct loop_tcp_limits end_limits; /* that no test runs into by itself */

void end_make_sockets(int fds[2]); /* local ones */
void end_begin(struct end *end, struct loop *loop, int fd);
void end_begin_parcel(struct end *end, struct loop *loop, struct loop_parcel *parcel);
void end_finish(struct end *end);
void end_write(struct end *end, const char *text);

/* An end whose peer is a plain descriptor. */
struct end_alone {
    struct loop *loop;
    struct end end;
    int fd; /* the end's own */
    int peer;
};

void end_alone_begin(struct end_alone *alone);
void end_alone_begin_on(struct end_alone *alone, const int fds[2]);
/* The loop goes first, and with it the connection; what was counted stays. */
void end_alone_finish(struct end_alone *alone);
/* The peer goes away, or says something. */
void end_alone_close_peer(struct end_alone *alone);
void end_alone_hear(struct end_alone *alone, const char *text);
/* Begins, and acts when bytes come in. The loop is gone when this returns. */
void end_alone_run(struct end_alone *alone, enum end_action action);

/* Both ends on one loop. */
struct end_pair {
    struct loop *loop;
    struct end a, b;
};

void end_pair_begin(struct end_pair *pair);
void end_pair_finish(struct end_pair *pair);

#endif
