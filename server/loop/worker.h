/* A thread for work that blocks (the store, files), with a queue in order. Jobs run on
 * the worker's thread; they answer by loop_post().
 *
 * Ownership: create/destroy; destroy runs what is queued, then joins.
 * Threads: post from any. */
#ifndef LOOP_WORKER_H
#define LOOP_WORKER_H

#include "core/list.h"

struct loop_worker;

struct loop_worker_job {
    struct list link; /* worker's queue */
};

/* batch(): all jobs that have come since the last call, at least one, in order; the
 * callee owns them. So a store commits several jobs as one group. */
struct loop_worker *loop_worker_create(const char *name,
                                       void (*batch)(void *ctx, struct list *jobs),
                                       void *ctx);
void loop_worker_destroy(struct loop_worker *worker); /* NULL: nothing */
void loop_worker_post(struct loop_worker *worker, struct loop_worker_job *job);

#endif
