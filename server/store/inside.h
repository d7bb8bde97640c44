/* What the files of this room share. Not for other rooms. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/counter.h"
#include "core/err.h"

struct loop_worker;
struct sqlite3;
struct store_writer;

struct store {
    int lock; /* file of store_data_dir_lock(); -1: none */
    struct sqlite3 *db;
    struct store_writer *writer;
    struct loop_worker *worker; /* while it runs, db and writer are its thread's */
    struct counter failures;
    atomic_bool healthy;
    pthread_mutex_t fault_lock; /* of what follows */
    bool has_fault;
    struct err fault; /* newest that was not asked about */
};

#endif
