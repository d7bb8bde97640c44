#include "server/store/store.h"

#include <limits.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/require.h"
#include "server/store/data_dir.h"
#include "server/store/inside.h"
#include "server/store/migrations.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

static struct store_change *change_of(struct list *link)
{
    return container_of(link, struct store_change, job.link);
}

/* On the loop that the change came with. */
static void deliver(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct store_change *change = container_of(message, struct store_change, message);
    change->done(change, change->error, &change->err);
}

static void note_fault(struct store *store, const struct err *fault)
{
    counter_add(&store->failures, 1);
    (void)pthread_mutex_lock(&store->fault_lock);
    store->fault = *fault;
    store->has_fault = true;
    (void)pthread_mutex_unlock(&store->fault_lock);
}

static void finish(struct store *store, struct store_change *change)
{
    if (change->error)
        note_fault(store, &change->err);
    change->n_failures = store_failures(store);
    if (change->done)
        loop_post(change->loop, &change->message);
    else
        store_change_destroy(change);
}

static int apply_all(struct store *store, struct list *changes, struct err *err)
{
    list_for_each (link, changes) {
        int error = store_writer_apply(store->writer, change_of(link), err);
        if (error)
            return error;
    }
    return 0;
}

/* All of them or none. A change that cannot be says nothing about the disk's health. */
static int commit_all(struct store *store, struct list *changes, struct err *err)
{
    int error = store_writer_begin(store->writer, err);
    if (!error)
        error = apply_all(store, changes, err);
    if (!error)
        error = store_writer_commit(store->writer, err);
    if (error)
        store_writer_rollback(store->writer);
    if (error != -ERR_INVALID)
        atomic_store(&store->healthy, error == 0);
    return error;
}

static void fail_all(struct store *store, struct list *changes, int error,
                     const struct err *err)
{
    for (struct list *link; (link = list_shift(changes));) {
        struct store_change *change = change_of(link);
        change->error = error;
        change->err = *err;
        finish(store, change);
    }
}

/* Each for itself, so that one that cannot be does not fail the others. When the disk
 * fails it fails all that are left: each might wait long for the same answer. */
static void commit_each(struct store *store, struct list *changes)
{
    for (struct list *link; (link = list_shift(changes));) {
        struct list alone;
        list_init(&alone);
        list_push(&alone, link);
        struct store_change *change = change_of(link);
        int error = commit_all(store, &alone, &change->err);
        list_remove(link);
        struct err err = change->err;
        change->error = error;
        finish(store, change);
        if (error && error != -ERR_INVALID)
            fail_all(store, changes, error, &err);
    }
}

/* On the worker's thread: what has come in while the last group was committed is the
 * next group, so that a busy store waits for the disk less often, not more. */
static void commit_group(void *ctx, struct list *jobs)
{
    struct store *store = ctx;
    struct err err;
    int error = commit_all(store, jobs, &err);
    bool alone = jobs->next->next == jobs;
    if (error == -ERR_INVALID && !alone)
        commit_each(store, jobs);
    else if (error)
        fail_all(store, jobs, error, &err);
    for (struct list *link; (link = list_shift(jobs));)
        finish(store, change_of(link));
}

static int open_all(struct store *store, const char *data_dir, struct err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/vitrine.db", data_dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, ERR_IO, "data_dir: the path is too long");
    int error = store_data_dir_lock(data_dir, &store->lock, err);
    if (!error)
        error = store_data_dir_make_file(data_dir, path, err);
    if (!error)
        error = store_sqlite_open(path, &store->db, err);
    if (!error)
        error = store_migrations_run(store->db, err);
    if (!error)
        error = store_writer_create(store->db, &store->writer, err);
    return error;
}

int store_open(const char *data_dir, struct store **ret_store, struct err *err)
{
    struct store *store = alloc_zero(sizeof *store);
    store->lock = -1;
    require(pthread_mutex_init(&store->fault_lock, NULL) == 0);
    int error = open_all(store, data_dir, err);
    if (error) {
        store_close(store);
        return error;
    }
    atomic_store(&store->healthy, true);
    store->worker = loop_worker_create("store", commit_group, store);
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    loop_worker_destroy(store->worker);
    store_writer_destroy(store->writer);
    store_sqlite_close(store->db);
    store_data_dir_unlock(store->lock);
    (void)pthread_mutex_destroy(&store->fault_lock);
    alloc_free(store);
}

void store_submit(struct store *store, struct store_change *change)
{
    require((change->done != NULL) == (change->loop != NULL));
    change->error = 0;
    change->err = (struct err){0};
    change->message.run = deliver;
    loop_worker_post(store->worker, &change->job);
}

uint64_t store_failures(const struct store *store)
{
    return (uint64_t)counter_get(&store->failures);
}

bool store_is_healthy(const struct store *store)
{
    return atomic_load(&store->healthy);
}

bool store_next_fault(struct store *store, struct err *ret_fault)
{
    (void)pthread_mutex_lock(&store->fault_lock);
    bool has = store->has_fault;
    if (has)
        *ret_fault = store->fault;
    store->has_fault = false;
    (void)pthread_mutex_unlock(&store->fault_lock);
    return has;
}
