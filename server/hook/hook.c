#include "server/hook/hook.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/auth/secret.h"
#include "server/hook/address.h"
#include "server/hook/poster.h"
#include "server/hook/queue.h"

struct hook {
    struct hook_config config;
    struct hook_poster *poster;
    char *name;
    char *tc_url;
    struct hook_stats stats;
    pthread_t thread;
    bool running;
    /* the thread's */
    struct hook_queue *queue;
    struct list requests;          /* request.link: under way */
    unsigned n_questions, n_tells; /* of them */
    struct log_limit lines;
    pthread_mutex_t lock;
    /* guarded by lock */
    struct list questions; /* hook_question.link, not taken yet */
    struct list news;      /* hook_tell.link, not taken yet */
    bool ended;            /* nothing is taken any more */
    int64_t end_by_ms;     /* INT64_MAX: not asked for */
};

/* One request that is under way: for a question or for news. */
struct request {
    struct list link; /* hook.requests */
    struct hook_post post;
    struct builder body;
    struct hook_question *question; /* or NULL */
    struct hook_tell *tell;         /* or NULL */
};

int hook_create(const struct hook_config *config, struct hook **ret_hook,
                struct err *err)
{
    struct hook_poster_config poster = {
        .url = config->url, .content_type = hook_body_content_type(config->mode)};
    int failed = hook_signature_key(config->secret, &poster.key, err);
    if (failed)
        return failed;
    struct hook *hook = alloc_zero(sizeof *hook);
    hook->config = *config;
    hook->poster = hook_poster_create(&poster);
    hook->name = hook_address_mask(config->url);
    hook->queue = hook_queue_create(HOOK_QUEUE_MAX);
    list_init(&hook->requests);
    list_init(&hook->questions);
    list_init(&hook->news);
    hook->end_by_ms = INT64_MAX;
    require(pthread_mutex_init(&hook->lock, NULL) == 0);
    explicit_bzero(&poster.key, sizeof poster.key);
    *ret_hook = hook;
    return 0;
}

void hook_destroy(struct hook *hook)
{
    if (!hook)
        return;
    require(!hook->running);
    for (struct list *link; (link = list_shift(&hook->news));)
        alloc_free(container_of(link, struct hook_tell, link));
    hook_queue_destroy(hook->queue);
    hook_poster_destroy(hook->poster);
    (void)pthread_mutex_destroy(&hook->lock);
    alloc_free(hook->name);
    alloc_free(hook->tc_url);
    alloc_free(hook);
}

/* ---- on the hooks' thread ---- */

static void answer(struct hook_question *question, struct hook_answer with)
{
    question->answer = with;
    loop_post(question->loop, &question->message);
}

static void warn(struct hook *hook, const struct hook_event *event, const char *what,
                 const char *why)
{
    unsigned n_more;
    if (!log_limit_pass(&hook->lines, monotime_ms(), &n_more))
        return;
    log_warn(hook->config.log, "%s of show %s %s: %s: %s", hook_event_name(event->type),
             event->show, what, hook->name, why);
    if (n_more > 0)
        log_warn(hook->config.log, "hooks: %u more failures since the last line",
                 n_more);
}

static void start_request(struct hook *hook, struct request *request,
                          const struct hook_event *event, int64_t timeout_ms)
{
    builder_init(&request->body, HOOK_EVENT_MAX);
    hook_body_print(hook->config.mode, event, hook->tc_url, &request->body);
    request->post = (struct hook_post){
        .id = event->id,
        .body = builder_bytes(&request->body),
        .timestamp_s = monotime_wall_ms() / 1000,
        .timeout_ms = timeout_ms,
        .ctx = request,
    };
    list_push(&hook->requests, &request->link);
    hook_poster_start(hook->poster, &request->post);
}

static void finish_request(struct request *request)
{
    list_remove(&request->link);
    hook_poster_finish(&request->post);
    builder_finish(&request->body);
    alloc_free(request);
}

static void start_question(struct hook *hook, struct hook_question *question)
{
    int64_t left_ms = question->deadline_ms - monotime_ms();
    if (left_ms <= 0 || hook->n_questions >= HOOK_QUESTIONS_MAX) {
        counter_add(&hook->stats.failed, 1);
        warn(hook, &question->event, "was not asked",
             left_ms <= 0 ? "its time was over" : "too many questions wait");
        answer(question, (struct hook_answer){.verdict = HOOK_UNANSWERED});
        return;
    }
    struct request *request = alloc_zero(sizeof *request);
    request->question = question;
    hook->n_questions++;
    start_request(hook, request, &question->event, left_ms);
}

static void forget(struct hook *hook, struct hook_tell *tell)
{
    if (hook->config.delivered)
        hook->config.delivered(hook->config.ctx, tell->event.id);
    alloc_free(tell);
}

static void drop(struct hook *hook, struct hook_tell *tell, const char *why)
{
    counter_add(&hook->stats.dropped, 1);
    warn(hook, &tell->event, "is given up", why);
    forget(hook, tell);
}

static void add_news(struct hook *hook, struct list *news)
{
    for (struct list *link; (link = list_shift(news));) {
        struct hook_tell *tell = container_of(link, struct hook_tell, link);
        struct hook_tell *dropped = hook_queue_add(hook->queue, tell);
        if (dropped)
            drop(hook, dropped, "too much waits to be told");
    }
}

static void start_tells(struct hook *hook)
{
    while (hook->n_tells < HOOK_TELLS_AT_ONCE) {
        struct hook_tell *tell = hook_queue_next(hook->queue, monotime_ms());
        if (!tell)
            return;
        struct request *request = alloc_zero(sizeof *request);
        request->tell = tell;
        hook->n_tells++;
        start_request(hook, request, &tell->event, HOOK_TELL_TIMEOUT_MS);
    }
}

/* Words for a request that brought nothing; the status when there was one. */
static const char *why_failed(const struct hook_post *post, char out[64])
{
    if (post->fault)
        return post->fault;
    (void)snprintf(out, 64, "the answer was %ld", post->status);
    return out;
}

static void count(struct hook *hook, bool good)
{
    counter_add(good ? &hook->stats.sent : &hook->stats.failed, 1);
}

static void finish_question(struct hook *hook, struct request *request)
{
    char words[64];
    struct hook_post *post = &request->post;
    struct hook_answer with = {.verdict = HOOK_UNANSWERED};
    hook->n_questions--;
    if (!post->fault)
        with = hook_answer_read(hook->config.mode,
                                &(struct hook_reply){
                                    .status = post->status,
                                    .body = builder_bytes(&post->answer),
                                    .location = post->location,
                                });
    count(hook, with.verdict != HOOK_UNANSWERED);
    if (with.fault)
        warn(hook, &request->question->event,
             with.verdict == HOOK_UNANSWERED ? "has an answer that is not understood"
                                             : "was refused",
             with.fault);
    else if (with.verdict == HOOK_UNANSWERED)
        warn(hook, &request->question->event, "was not answered",
             why_failed(post, words));
    answer(request->question, with);
}

static void finish_tell(struct hook *hook, struct request *request)
{
    char words[64];
    struct hook_post *post = &request->post;
    struct hook_tell *tell = request->tell;
    uint32_t random;
    bool good = !post->fault && hook_answer_is_receipt(hook->config.mode, post->status);
    hook->n_tells--;
    count(hook, good);
    if (good) {
        hook_queue_done(hook->queue, tell);
        forget(hook, tell);
        return;
    }
    auth_secret_random(&random, sizeof random);
    if (hook_queue_failed(hook->queue, tell, monotime_ms(), monotime_wall_ms(), random))
        drop(hook, tell, "a day has passed");
    else
        warn(hook, &tell->event, "was not received and is told again later",
             why_failed(post, words));
}

static void finish_requests(struct hook *hook)
{
    for (struct hook_post *post; (post = hook_poster_next(hook->poster));) {
        struct request *request = post->ctx;
        if (request->question)
            finish_question(hook, request);
        else
            finish_tell(hook, request);
        finish_request(request);
    }
}

/* Takes what came since the last turn; returns when the end is due. */
static int64_t take_inbox(struct hook *hook)
{
    struct list questions, news;
    list_init(&questions);
    list_init(&news);
    (void)pthread_mutex_lock(&hook->lock);
    list_splice(&questions, &hook->questions);
    list_splice(&news, &hook->news);
    int64_t end_by_ms = hook->end_by_ms;
    (void)pthread_mutex_unlock(&hook->lock);
    add_news(hook, &news);
    for (struct list *link; (link = list_shift(&questions));)
        start_question(hook, container_of(link, struct hook_question, link));
    return end_by_ms;
}

/* At the end nobody waits for the next attempt of what has failed. */
static bool is_over(const struct hook *hook, int64_t end_by_ms)
{
    int64_t now_ms = monotime_ms();
    bool busy = hook->n_tells > 0 || hook_queue_due_ms(hook->queue) <= now_ms;
    return end_by_ms != INT64_MAX && (!busy || now_ms >= end_by_ms);
}

/* How long there is nothing to do unless something comes. */
static int64_t pause_ms(const struct hook *hook, int64_t end_by_ms)
{
    int64_t until_ms = end_by_ms;
    int64_t due_ms = hook_queue_due_ms(hook->queue);
    if (hook->n_tells < HOOK_TELLS_AT_ONCE && due_ms < until_ms)
        until_ms = due_ms;
    if (until_ms == INT64_MAX)
        return INT64_MAX;
    int64_t now_ms = monotime_ms();
    return until_ms > now_ms ? until_ms - now_ms : 0;
}

/* News under way are told again after the next start: nobody knows how far they came. */
static void break_off(struct hook *hook)
{
    for (struct list *link; (link = list_shift(&hook->requests));) {
        struct request *request = container_of(link, struct request, link);
        hook_poster_cancel(hook->poster, &request->post);
        if (request->question)
            answer(request->question, (struct hook_answer){.verdict = HOOK_UNANSWERED});
        finish_request(request);
    }
}

/* From here on questions are answered by hook_ask() itself. */
static void close_inbox(struct hook *hook)
{
    struct list questions;
    list_init(&questions);
    (void)pthread_mutex_lock(&hook->lock);
    hook->ended = true;
    list_splice(&questions, &hook->questions);
    (void)pthread_mutex_unlock(&hook->lock);
    for (struct list *link; (link = list_shift(&questions));)
        answer(container_of(link, struct hook_question, link),
               (struct hook_answer){.verdict = HOOK_UNANSWERED});
}

static void *run(void *ctx)
{
    struct hook *hook = ctx;
    (void)pthread_setname_np(pthread_self(), "hooks");
    for (;;) {
        int64_t end_by_ms = take_inbox(hook);
        start_tells(hook);
        counter_set(&hook->stats.queued, (int64_t)hook_queue_count(hook->queue));
        if (is_over(hook, end_by_ms))
            break;
        hook_poster_wait(hook->poster, pause_ms(hook, end_by_ms));
        finish_requests(hook);
    }
    close_inbox(hook);
    break_off(hook);
    return NULL;
}

/* ---- from other threads ---- */

static void run_answered(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct hook_question *question =
        container_of(message, struct hook_question, message);
    question->answered(question);
}

void hook_start(struct hook *hook, const char *tc_url)
{
    hook->tc_url = alloc_text(tc_url);
    require(pthread_create(&hook->thread, NULL, run, hook) == 0);
    hook->running = true;
}

void hook_stop(struct hook *hook)
{
    if (!hook->running)
        return;
    (void)pthread_mutex_lock(&hook->lock);
    hook->end_by_ms = monotime_ms() + HOOK_GRACE_MS;
    (void)pthread_mutex_unlock(&hook->lock);
    hook_poster_wake(hook->poster);
    require(pthread_join(hook->thread, NULL) == 0);
    hook->running = false;
}

void hook_ask(struct hook *hook, struct hook_question *question)
{
    question->message.run = run_answered;
    question->deadline_ms = monotime_ms() + hook->config.timeout_ms;
    list_init(&question->link);
    (void)pthread_mutex_lock(&hook->lock);
    bool ended = hook->ended;
    if (!ended)
        list_push(&hook->questions, &question->link);
    (void)pthread_mutex_unlock(&hook->lock);
    if (ended)
        answer(question, (struct hook_answer){.verdict = HOOK_UNANSWERED});
    else
        hook_poster_wake(hook->poster);
}

void hook_tell(struct hook *hook, const struct hook_event *event)
{
    require(event->type != HOOK_PUBLISH);
    if (!hook_body_has(hook->config.mode, event->type)) {
        if (hook->config.delivered)
            hook->config.delivered(hook->config.ctx, event->id);
        return;
    }
    struct hook_tell *tell = alloc_zero(sizeof *tell);
    tell->event = *event;
    tell->event.query = NULL;
    list_init(&tell->link);
    (void)pthread_mutex_lock(&hook->lock);
    bool ended = hook->ended;
    if (!ended)
        list_push(&hook->news, &tell->link);
    (void)pthread_mutex_unlock(&hook->lock);
    if (ended)
        alloc_free(tell);
    else
        hook_poster_wake(hook->poster);
}

const struct hook_stats *hook_get_stats(const struct hook *hook)
{
    return &hook->stats;
}

const char *hook_get_name(const struct hook *hook)
{
    return hook->name;
}
