#include "server/loop/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/require.h"

enum { THREAD_NAME_MAX = 16 }; /* of the kernel, with the NUL */

struct loop_worker {
    pthread_t thread;
    void (*batch)(void *ctx, struct list *jobs);
    void *ctx;
    char name[THREAD_NAME_MAX];
    pthread_mutex_t lock;
    pthread_cond_t changed; /* jobs or stopping */
    /* guarded by lock */
    struct list jobs; /* loop_worker_job.link */
    bool stopping;
};

/* Waits for jobs and takes them all; false at the end, when none is left. */
static bool take_jobs(struct loop_worker *worker, struct list *jobs)
{
    (void)pthread_mutex_lock(&worker->lock);
    while (list_is_empty(&worker->jobs) && !worker->stopping)
        (void)pthread_cond_wait(&worker->changed, &worker->lock);
    list_splice(jobs, &worker->jobs);
    (void)pthread_mutex_unlock(&worker->lock);
    return !list_is_empty(jobs);
}

static void *run(void *arg)
{
    struct loop_worker *worker = arg;
    (void)pthread_setname_np(pthread_self(), worker->name);
    for (;;) {
        struct list jobs;
        list_init(&jobs);
        if (!take_jobs(worker, &jobs))
            return NULL;
        worker->batch(worker->ctx, &jobs);
    }
}

/* Signals are for the thread that asks for them, not for a worker. */
static int start_without_signals(struct loop_worker *worker)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&worker->thread, NULL, run, worker);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

struct loop_worker *loop_worker_create(const char *name,
                                       void (*batch)(void *ctx, struct list *jobs),
                                       void *ctx)
{
    struct loop_worker *worker = alloc_zero(sizeof *worker);
    worker->batch = batch;
    worker->ctx = ctx;
    (void)snprintf(worker->name, sizeof worker->name, "%s", name);
    list_init(&worker->jobs);
    require(pthread_mutex_init(&worker->lock, NULL) == 0);
    require(pthread_cond_init(&worker->changed, NULL) == 0);
    require(start_without_signals(worker) == 0);
    return worker;
}

void loop_worker_destroy(struct loop_worker *worker)
{
    if (!worker)
        return;
    (void)pthread_mutex_lock(&worker->lock);
    worker->stopping = true;
    (void)pthread_cond_signal(&worker->changed);
    (void)pthread_mutex_unlock(&worker->lock);
    (void)pthread_join(worker->thread, NULL);
    (void)pthread_cond_destroy(&worker->changed);
    (void)pthread_mutex_destroy(&worker->lock);
    alloc_free(worker);
}

void loop_worker_post(struct loop_worker *worker, struct loop_worker_job *job)
{
    (void)pthread_mutex_lock(&worker->lock);
    list_push(&worker->jobs, &job->link);
    (void)pthread_cond_signal(&worker->changed);
    (void)pthread_mutex_unlock(&worker->lock);
}
