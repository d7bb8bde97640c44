/* One thread's event loop: the only room that knows libuv. Everything that belongs to a
 * loop is touched on its thread only; other threads post messages.
 *
 * Ownership: create/destroy, after the thread has left loop_run(). A handle (timer, tcp,
 *   listener) is closed by its owner; closing is idempotent, may be done inside the
 *   handle's own callback, and the memory goes later, by itself.
 * Threads: loop_post() and loop_stop() from any thread; all else on the loop's thread
 *   (or before it runs). */
#ifndef LOOP_H
#define LOOP_H

#include <stdint.h>

#include "core/list.h"

struct loop;

/* A message to a loop: embedded in a larger struct, which run() must free or pass on. */
struct loop_message {
    struct list link; /* loop's mailbox */
    void (*run)(struct loop_message *message, struct loop *loop);
};

struct loop *loop_create(unsigned index);
void loop_destroy(struct loop *loop); /* NULL: nothing */
void loop_run(struct loop *loop);     /* until loop_stop() and all handles are closed */
void loop_stop(struct loop *loop);    /* closes handles that are left, ends run */

/* For the end, when the threads of all loops are joined: does what is left in one loop's
 * mailbox, which may post to others. True when there was something: call it for all loops
 * until none has anything, then destroy them. */
bool loop_settle(struct loop *loop);

/* Never blocks; messages of one sender arrive in order, each exactly once. After the loop
 * has stopped, run() is still called, on the thread that destroys the loop, so that
 * nothing leaks. */
void loop_post(struct loop *loop, struct loop_message *message);

unsigned loop_index(const struct loop *loop);
/* Time at the start of this turn of the loop: monotonic and wall clock. */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_wall_ms(const struct loop *loop);

/* Called at the end of a turn in which it was asked for, once: to do work that several
 * events of a turn share. The owner embeds it; it must stay alive until it has run. */
struct loop_after {
    struct list link; /* loop's after list; unlinked when not asked for */
    void (*run)(struct loop_after *after);
};
void loop_after_init(struct loop_after *after, void (*run)(struct loop_after *after));
void loop_after(struct loop *loop, struct loop_after *after); /* again: nothing */
void loop_after_cancel(struct loop_after *after);

#endif
