/* What was answered under an Idempotency-Key, so that a tap that is sent twice does its
 * work once. Kept in memory: after a restart a key is new again, which for a cue means at
 * worst the same card shown once more.
 *
 * Ownership: create/destroy; nobody waits any more then. Threads: one a loop.
 * Limits:    MEMORY_RECORDS_MAX answers, the oldest is forgotten first; requests that wait
 *   are as many as there are connections. */
#ifndef API_MEMORY_H
#define API_MEMORY_H

#include "core/bytes.h"
#include "core/list.h"

struct api_memory;
struct buf;

/* A request under a key that another one is working on. wake() runs when that one has
 * ended, in whatever way; it asks api_memory_begin() again. */
struct api_memory_waiter {
    struct list link; /* private */
    void (*wake)(struct api_memory_waiter *waiter);
};

enum {
    MEMORY_KEY_MAX = 128,      /* characters of an Idempotency-Key */
    MEMORY_RECORDS_MAX = 4096, /* hours of taps on one loop */
};

enum api_memory_found {
    API_MEMORY_NEW,     /* remembered as being worked on */
    API_MEMORY_WORKING, /* the first request under this key is not answered yet */
    API_MEMORY_KNOWN,   /* answered: status and json are set */
    API_MEMORY_OTHER,   /* the key was used for another request */
};

struct api_memory *api_memory_create(void);
void api_memory_destroy(struct api_memory *memory); /* NULL: nothing */

/* scope: the show; body: whole request. json is a new reference. WORKING: waiter is woken
 * later. */
enum api_memory_found api_memory_begin(struct api_memory *memory, const char *scope,
                                       const char *key, struct bytes body,
                                       struct api_memory_waiter *waiter,
                                       int *ret_status, struct buf **ret_json);
/* The answer to what api_memory_begin() found new; json NULL: it failed, forget the key.
 * Wakes those who wait for it. */
void api_memory_end(struct api_memory *memory, const char *scope, const char *key,
                    int status, struct buf *json);

#endif
