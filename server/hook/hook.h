/* Hooks: questions and news to one URL of the shop's, over HTTP, from a thread of their
 * own, so that a receiver that is slow, dead or wrong holds up no loop.
 *
 * A question (on_publish) has one attempt within timeout_ms and gets an answer in any
 * case. News are told until they are received, at least once each, in the order of their
 * show (server/hook/queue.h); whoever tells keeps them until delivered() says that they
 * may be forgotten.
 *
 * Ownership: create, start, stop, destroy in this order; stop and start may be left out.
 * Threads:   hook_ask() and hook_tell() from any thread; the rest on one. answered() runs
 *   on the loop given, delivered() on the hooks' thread.
 * Errors:    ERR_INVALID, a secret that is none. What fails later is logged. */
#ifndef HOOK_H
#define HOOK_H

#include "core/counter.h"
#include "server/hook/answer.h"
#include "server/loop/loop.h"

struct hook;
struct log;

enum {
    HOOK_QUESTIONS_MAX = 256, /* at once; one more is answered as unanswered */
    HOOK_TELLS_AT_ONCE = 8,   /* requests that carry news; the rest waits its turn */
    HOOK_TELL_TIMEOUT_MS = 10000, /* nobody waits for it */
    HOOK_GRACE_MS = 1000,         /* at the end, for news that are under way */
};

struct hook_config {
    const char *url; /* borrowed until destroy, as the others */
    enum hook_mode mode;
    const char *secret;  /* NULL or empty: nothing is signed */
    uint32_t timeout_ms; /* for an answer to a question */
    const struct log *log;
    /* It need not be kept any more: received, or given up. */
    void (*delivered)(void *ctx, const char *id);
    void *ctx;
};

struct hook_question {
    struct loop_message message; /* private */
    struct list link;            /* private */
    int64_t deadline_ms;         /* private, monotonic */
    struct hook_event event;     /* its query must stay until answered */
    struct loop *loop;           /* where answered() runs */
    void (*answered)(struct hook_question *question); /* always comes, once */
    struct hook_answer answer;
};

/* All from any thread. */
struct hook_stats {
    struct counter sent;    /* requests that were answered well */
    struct counter failed;  /* requests without a good answer */
    struct counter dropped; /* news given up */
    struct counter queued;  /* news that wait */
};

int hook_create(const struct hook_config *config, struct hook **ret_hook,
                struct err *err);
/* tc_url: as in hook_body_print(); copied. */
void hook_start(struct hook *hook, const char *tc_url);
/* Waits HOOK_GRACE_MS at the most. Questions are answered as unanswered. */
void hook_stop(struct hook *hook);
void hook_destroy(struct hook *hook); /* stopped, or never started; NULL: nothing */

/* Takes question until answered(). */
void hook_ask(struct hook *hook, struct hook_question *question);
/* Copies event, which is not HOOK_PUBLISH. The mode may have no word for it: then it is
 * delivered at once. After the end it is left to whoever keeps it. */
void hook_tell(struct hook *hook, const struct hook_event *event);
const struct hook_stats *hook_get_stats(const struct hook *hook);
/* The URL without what may be secret in it: user, password and query. */
const char *hook_get_name(const struct hook *hook);

#endif
