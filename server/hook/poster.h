/* HTTP requests to one URL, many at once: the only place that knows libcurl. Certificates
 * are checked, redirects are not followed, and only http and https are spoken.
 *
 * Ownership: create/destroy. A post is the caller's; between start and next (or cancel)
 *   the poster uses it and its body.
 * Threads:   hook_poster_wake() from any thread; all else on one.
 * Limits:    HOOK_ANSWER_MAX of each answer; a post ends by its timeout_ms at the latest,
 *   whatever the name server or the peer do. */
#ifndef HOOK_POSTER_H
#define HOOK_POSTER_H

#include "core/builder.h"
#include "core/list.h"
#include "server/hook/answer.h"
#include "server/hook/signature.h"

struct hook_poster;

struct hook_post {
    struct list link; /* private */
    void *easy;       /* private */
    void *headers;    /* private */
    const char *id;   /* for webhook-id */
    struct bytes body;
    int64_t timestamp_s; /* for webhook-timestamp */
    int64_t timeout_ms;
    void *ctx;
    /* Once it is done: */
    long status;       /* 0: no answer, and fault says why */
    const char *fault; /* never with a secret */
    struct builder answer;
    char location[HOOK_LOCATION_MAX]; /* the answer's header, cut to fit; or empty */
};

struct hook_poster_config {
    const char *url; /* copied, as the others */
    const char *content_type;
    struct hook_key key;
};

struct hook_poster *hook_poster_create(const struct hook_poster_config *config);
void hook_poster_destroy(struct hook_poster *poster); /* none is under way; NULL */
void hook_poster_start(struct hook_poster *poster, struct hook_post *post);
/* One that is done, or NULL. Then hook_poster_finish(). */
struct hook_post *hook_poster_next(struct hook_poster *poster);
void hook_poster_cancel(struct hook_poster *poster, struct hook_post *post);
void hook_poster_finish(struct hook_post *post);
/* Does what is to be done, for so long at most, or until woken. */
void hook_poster_wait(struct hook_poster *poster, int64_t timeout_ms);
void hook_poster_wake(struct hook_poster *poster);

#endif
