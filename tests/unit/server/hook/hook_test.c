#include "server/hook/hook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "core/monotime.h"
#include "tests/kit/receiver.h"

enum { QUESTIONS = HOOK_QUESTIONS_MAX + 20, DELIVERED_MAX = 16 };

/* A name server that says nothing until the test lets it: found by libcurl in place of
 * the system's. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool hangs;
    unsigned n_inside, n_called;
} names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

__attribute__((visibility("default"))) int getaddrinfo(const char *node,
                                                       const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **ret)
{
    (void)node;
    (void)service;
    (void)hints;
    (void)ret;
    (void)pthread_mutex_lock(&names.lock);
    names.n_inside++;
    names.n_called++;
    while (names.hangs)
        (void)pthread_cond_wait(&names.changed, &names.lock);
    names.n_inside--;
    (void)pthread_cond_broadcast(&names.changed);
    (void)pthread_mutex_unlock(&names.lock);
    return EAI_AGAIN;
}

static void let_names_go(void)
{
    (void)pthread_mutex_lock(&names.lock);
    names.hangs = false;
    (void)pthread_cond_broadcast(&names.changed);
    while (names.n_inside > 0)
        (void)pthread_cond_wait(&names.changed, &names.lock);
    (void)pthread_mutex_unlock(&names.lock);
}

struct desk {
    struct receiver receiver;
    struct hook *hook;
    struct loop *loop;
    unsigned n_answered, n_wanted, n_allowed, n_refused;
    char reason[HOOK_TEXT_MAX];
    struct hook_terms terms;
    pthread_mutex_t lock;
    char delivered[DELIVERED_MAX][HOOK_ID_MAX]; /* guarded by lock */
    unsigned n_delivered;
};

static void on_delivered(void *ctx, const char *id)
{
    struct desk *desk = ctx;
    (void)pthread_mutex_lock(&desk->lock);
    assert_true(desk->n_delivered < DELIVERED_MAX);
    (void)snprintf(desk->delivered[desk->n_delivered++], HOOK_ID_MAX, "%s", id);
    (void)pthread_mutex_unlock(&desk->lock);
}

static void open_hook(struct desk *desk, const char *url, enum hook_mode mode,
                      uint32_t timeout_ms)
{
    struct hook_config config = {.url = url,
                                 .mode = mode,
                                 .secret = "secret",
                                 .timeout_ms = timeout_ms,
                                 .delivered = on_delivered,
                                 .ctx = desk};
    assert_int_equal(hook_create(&config, &desk->hook, NULL), 0);
    hook_start(desk->hook, "rtmp://localhost:1935/live");
}

static int setup(void **state)
{
    static struct desk desk;
    log_set_level(LOG_ERROR);
    desk = (struct desk){0};
    (void)pthread_mutex_init(&desk.lock, NULL);
    receiver_open(&desk.receiver);
    desk.loop = loop_create(0);
    *state = &desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    hook_stop(desk->hook);
    hook_destroy(desk->hook);
    receiver_close(&desk->receiver);
    loop_destroy(desk->loop);
    (void)pthread_mutex_destroy(&desk->lock);
    return 0;
}

struct asked {
    struct hook_question question;
    struct desk *desk;
};

static void on_answered(struct hook_question *question)
{
    struct asked *asked = container_of(question, struct asked, question);
    struct desk *desk = asked->desk;
    desk->n_allowed += question->answer.verdict == HOOK_ALLOWED;
    desk->n_refused += question->answer.verdict == HOOK_REFUSED;
    (void)snprintf(desk->reason, sizeof desk->reason, "%s", question->answer.reason);
    desk->terms = question->answer.terms;
    if (++desk->n_answered == desk->n_wanted)
        loop_stop(desk->loop);
    alloc_free(asked);
}

/* Asks so often, and waits until all are answered. */
static void ask(struct desk *desk, unsigned n)
{
    desk->n_answered = desk->n_allowed = desk->n_refused = 0;
    desk->n_wanted = n;
    for (unsigned i = 0; i < n; i++) {
        struct asked *asked = alloc_zero(sizeof *asked);
        asked->desk = desk;
        asked->question.loop = desk->loop;
        asked->question.answered = on_answered;
        hook_event_init(&asked->question.event, HOOK_PUBLISH, "spring", 0);
        hook_ask(desk->hook, &asked->question);
    }
    loop_run(desk->loop);
    loop_destroy(desk->loop);
    desk->loop = loop_create(0);
    assert_int_equal(desk->n_answered, n);
}

static void tell(struct desk *desk, const char *show, const char *id)
{
    struct hook_event event;
    hook_event_init(&event, HOOK_UNPUBLISH, show, monotime_wall_ms());
    hook_event_set(event.id, sizeof event.id, id);
    hook_event_set(event.session, sizeof event.session, id);
    hook_tell(desk->hook, &event);
}

static void a_question_gets_the_receiver_s_answer(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    ask(desk, 1);
    assert_int_equal(desk->n_allowed, 1);
    const struct receiver_request *request =
        receiver_await(&desk->receiver, 1, "on_publish");
    assert_non_null(strstr(request->head, "POST /hooks HTTP/1.1\r\n"));
    assert_non_null(strstr(request->head, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(request->head, "webhook-id: msg_"));
    assert_non_null(strstr(request->head, "webhook-timestamp: "));
    assert_non_null(strstr(request->head, "webhook-signature: v1,"));
    assert_null(strstr(request->head, "Expect"));
    receiver_answer(&desk->receiver, 403, "{\"reason\":\"Not today.\"}");
    ask(desk, 1);
    assert_int_equal(desk->n_refused, 1);
    assert_string_equal(desk->reason, "Not today.");
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->sent), 2);
}

static void a_yes_comes_with_its_terms(void **state)
{
    struct desk *desk = *state;
    receiver_answer(&desk->receiver, 200, "{\"stream\":\"away\",\"max_kbps\":4000}");
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    ask(desk, 1);
    assert_int_equal(desk->n_allowed, 1);
    assert_string_equal(desk->terms.stream, "away");
    assert_int_equal(desk->terms.max_kbps, 4000);
}

static void terms_that_are_not_understood_are_no_answer(void **state)
{
    struct desk *desk = *state;
    receiver_answer(&desk->receiver, 200, "{\"max_kbps\":\"much\"}");
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    ask(desk, 1);
    assert_int_equal(desk->n_allowed + desk->n_refused, 0);
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->failed), 1);
}

static void a_redirect_is_read_and_not_followed(void **state)
{
    struct desk *desk = *state;
    receiver_redirect(&desk->receiver, 302, "away");
    open_hook(desk, desk->receiver.url, HOOK_NGINX, 2000);
    ask(desk, 1);
    assert_int_equal(desk->n_allowed, 1);
    assert_string_equal(desk->terms.stream, "away");
    receiver_redirect(&desk->receiver, 302, "rtmp://127.0.0.1/live/away");
    ask(desk, 1);
    assert_int_equal(desk->n_refused, 1);
    assert_int_equal(receiver_count(&desk->receiver, ""), 2);
}

static void a_question_to_nobody_is_answered_all_the_same(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, "http://127.0.0.1:1/", HOOK_SRS, 2000);
    ask(desk, 3);
    assert_int_equal(desk->n_allowed + desk->n_refused, 0);
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->failed), 3);
}

static void a_name_server_that_hangs_delays_neither_answers_nor_the_end(void **state)
{
    struct desk *desk = *state;
    names.hangs = true;
    open_hook(desk, "http://shop.invalid/", HOOK_VITRINE, 200);
    tell(desk, "spring", "msg_1");
    ask(desk, QUESTIONS); /* more than are taken at once */
    assert_int_equal(desk->n_allowed + desk->n_refused, 0);
    hook_stop(desk->hook);
    assert_int_equal(desk->n_delivered, 0);
    let_names_go();
    assert_true(names.n_called > 0);
}

static void news_are_told_again_until_they_are_received(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    receiver_answer(&desk->receiver, 503, "");
    tell(desk, "spring", "msg_1");
    (void)receiver_await(&desk->receiver, 1, "msg_1");
    receiver_answer(&desk->receiver, 204, "");
    (void)receiver_await(&desk->receiver, 2, "msg_1");
    tell(desk, "spring", "msg_2");
    (void)receiver_await(&desk->receiver, 1, "msg_2");
    hook_stop(desk->hook);
    assert_int_equal(desk->n_delivered, 2);
    assert_string_equal(desk->delivered[0], "msg_1");
    assert_string_equal(desk->delivered[1], "msg_2");
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->queued), 0);
}

static void await_failure(const struct hook *hook)
{
    int64_t until_ms = monotime_ms() + RECEIVER_PATIENCE_MS;
    while (counter_get(&hook_get_stats(hook)->failed) == 0) {
        assert_true(monotime_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
}

/* The news that a try has failed to tell stay, in the queue and with their owner. */
static void assert_kept(struct desk *desk)
{
    tell(desk, "spring", "msg_1");
    await_failure(desk->hook);
    hook_stop(desk->hook);
    assert_int_equal(desk->n_delivered, 0);
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->sent), 0);
    assert_int_equal(counter_get(&hook_get_stats(desk->hook)->queued), 1);
}

static void news_that_reach_nobody_are_kept(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, "http://127.0.0.1:1/", HOOK_NGINX, 2000);
    assert_kept(desk);
}

static void news_that_are_answered_with_a_fault_are_kept(void **state)
{
    struct desk *desk = *state;
    receiver_answer(&desk->receiver, 502, "");
    open_hook(desk, desk->receiver.url, HOOK_SRS, 2000);
    assert_kept(desk);
}

static void what_is_told_at_the_end_is_still_sent(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    tell(desk, "spring", "msg_1");
    tell(desk, "summer", "msg_2");
    hook_stop(desk->hook);
    assert_int_equal(receiver_count(&desk->receiver, "on_unpublish"), 2);
    assert_int_equal(desk->n_delivered, 2);
}

static void after_the_end_questions_are_answered_and_news_left(void **state)
{
    struct desk *desk = *state;
    open_hook(desk, desk->receiver.url, HOOK_VITRINE, 2000);
    hook_stop(desk->hook);
    ask(desk, 1);
    assert_int_equal(desk->n_allowed + desk->n_refused, 0);
    tell(desk, "spring", "msg_1");
    assert_int_equal(desk->n_delivered, 0);
    assert_int_equal(receiver_count(&desk->receiver, ""), 0);
}

static void what_the_mode_has_no_words_for_need_not_be_kept(void **state)
{
    struct desk *desk = *state;
    struct hook_event event;
    open_hook(desk, desk->receiver.url, HOOK_NGINX, 2000);
    hook_event_init(&event, HOOK_SHOW_LIVE, "spring", 0);
    hook_tell(desk->hook, &event);
    assert_int_equal(desk->n_delivered, 1);
    hook_stop(desk->hook);
    assert_int_equal(receiver_count(&desk->receiver, ""), 0);
}

static void a_secret_that_is_none_is_refused(void **state)
{
    (void)state;
    struct hook *hook;
    struct err err;
    struct hook_config config = {.url = "http://localhost", .secret = "whsec_?"};
    assert_int_equal(hook_create(&config, &hook, &err), -ERR_INVALID);
}

#define DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        DESK(a_question_gets_the_receiver_s_answer),
        DESK(a_yes_comes_with_its_terms),
        DESK(terms_that_are_not_understood_are_no_answer),
        DESK(a_redirect_is_read_and_not_followed),
        DESK(a_question_to_nobody_is_answered_all_the_same),
        DESK(a_name_server_that_hangs_delays_neither_answers_nor_the_end),
        DESK(news_are_told_again_until_they_are_received),
        DESK(news_that_reach_nobody_are_kept),
        DESK(news_that_are_answered_with_a_fault_are_kept),
        DESK(what_is_told_at_the_end_is_still_sent),
        DESK(after_the_end_questions_are_answered_and_news_left),
        DESK(what_the_mode_has_no_words_for_need_not_be_kept),
        cmocka_unit_test(a_secret_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
