/* Events that wait to be told: one line for each show, told one after the other, so that
 * their order is kept; a show whose turn fails waits longer each time and holds up no
 * other. It does no I/O.
 *
 * Ownership: a tell is the queue's from add until done, failed or dropped gives it back.
 * Threads:   one at a time.
 * Time:      now_ms is monotonic, wall_ms Unix time, for the age.
 * Limits:    HOOK_QUEUE_MAX; the oldest makes room. */
#ifndef HOOK_QUEUE_H
#define HOOK_QUEUE_H

#include "core/list.h"
#include "server/hook/event.h"

enum {
    /* A hundred events of a hundred shows while a receiver is down; 15 MB at the most. */
    HOOK_QUEUE_MAX = 10000,
    HOOK_BACKOFF_MIN_MS = 1000,
    HOOK_BACKOFF_MAX_MS = 300000,
    /* After a day nobody acts on a stream that began or ended. */
    HOOK_AGE_MAX_MS = 24 * 60 * 60 * 1000,
};

struct hook_line;
struct hook_queue;

struct hook_tell {
    struct list link;       /* private: its line's tells */
    struct list age;        /* private: all tells, oldest first */
    struct hook_line *line; /* private */
    struct hook_event event;
};

struct hook_queue *hook_queue_create(size_t max);
void hook_queue_destroy(struct hook_queue *queue); /* with what waits; NULL: nothing */

/* Takes tell. Returns the one that had to go, for the caller to free, or NULL. */
struct hook_tell *hook_queue_add(struct hook_queue *queue, struct hook_tell *tell);
/* The next that may be sent now; NULL: none. It stays the queue's, and its line stands
 * still until hook_queue_done() or hook_queue_failed(). */
struct hook_tell *hook_queue_next(struct hook_queue *queue, int64_t now_ms);
/* When to ask again at the latest; INT64_MAX: not before something is added or done. */
int64_t hook_queue_due_ms(const struct hook_queue *queue);
/* Delivered, or not worth another try: back to the caller. */
void hook_queue_done(struct hook_queue *queue, struct hook_tell *tell);
/* Not delivered: it is tried again later, unless it is too old. random: any number, for
 * the jitter. Returns true when it was given up, as hook_queue_done(). */
bool hook_queue_failed(struct hook_queue *queue, struct hook_tell *tell, int64_t now_ms,
                       int64_t wall_ms, uint32_t random);
size_t hook_queue_count(const struct hook_queue *queue);

#endif
