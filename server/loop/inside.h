/* What the files of this room share: the loop's own struct and how handles hang on it.
 * Not for other rooms. */
#ifndef LOOP_INSIDE_H
#define LOOP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "core/list.h"
#include "server/loop/loop.h"

/* One read takes at most this much, and all connections of a loop share the memory:
 * large enough for a publisher's burst, small enough to stay in the cache. */
enum { LOOP_READ_MAX = 64 * 1024 };

/* Anything a loop must close before it can end. */
struct loop_handle {
    struct list link; /* loop.handles; unlinked when it is closing */
    void (*shut)(struct loop_handle *handle); /* starts closing; once */
};

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t before_poll;
    uv_check_t after_poll;
    uv_timer_t sweep;
    unsigned index;
    int64_t wall_offset_ms; /* wall clock less loop time; read again at each sweep */
    bool sweep_due;         /* at the end of this turn */
    bool stopping;
    struct list handles; /* loop_handle.link */
    struct list afters;  /* loop_after.link */
    struct list tcps;    /* loop_tcp.link */
    uint8_t *read_buffer;
    uint8_t *record; /* LOOP_WIRE_RECORD bytes: small bufs on their way into TLS */
    atomic_bool stop_wanted;
    pthread_mutex_t lock;
    /* guarded by lock */
    struct list mailbox; /* loop_message.link */
};

/* A handle that comes while the loop is stopping is shut at once. */
void loop_handle_add(struct loop *loop, struct loop_handle *handle);
/* Looks at the deadlines of all connections (tcp.c). */
void loop_tcp_sweep(struct loop *loop);

#endif
