/* Time in these tests is bounded by the programs' TIMEOUT only: they wait for events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "core/alloc.h"
#include "core/monotime.h"
#include "server/loop/loop.h"

enum { SENDERS = 4, MESSAGES = 2000 };

struct note {
    struct loop_message message;
    struct inbox *inbox;
    unsigned sender, number;
};

struct inbox {
    struct loop *loop;
    unsigned next[SENDERS]; /* number expected from each sender */
    unsigned n_out_of_order;
    unsigned n;
    unsigned stop_at;
};

static void take_note(struct loop_message *message, struct loop *loop)
{
    struct note *note = container_of(message, struct note, message);
    struct inbox *inbox = note->inbox;
    if (inbox->next[note->sender]++ != note->number)
        inbox->n_out_of_order++;
    if (++inbox->n == inbox->stop_at)
        loop_stop(loop);
    alloc_free(note);
}

static void post_note(struct inbox *inbox, unsigned sender, unsigned number)
{
    struct note *note = alloc_zero(sizeof *note);
    note->message.run = take_note;
    note->inbox = inbox;
    note->sender = sender;
    note->number = number;
    loop_post(inbox->loop, &note->message);
}

struct sender {
    pthread_t thread;
    struct inbox *inbox;
    unsigned index;
};

static void *send_notes(void *arg)
{
    struct sender *sender = arg;
    for (unsigned i = 0; i < MESSAGES; i++)
        post_note(sender->inbox, sender->index, i);
    return NULL;
}

static void keeps_order_of_each_sender(void **state)
{
    (void)state;
    struct inbox inbox = {.loop = loop_create(0), .stop_at = SENDERS * MESSAGES};
    struct sender senders[SENDERS];
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.inbox = &inbox, .index = i};
        assert_int_equal(
            pthread_create(&senders[i].thread, NULL, send_notes, &senders[i]), 0);
    }
    loop_run(inbox.loop);
    for (unsigned i = 0; i < SENDERS; i++)
        (void)pthread_join(senders[i].thread, NULL);
    loop_destroy(inbox.loop);
    assert_int_equal(inbox.n, SENDERS * MESSAGES);
    assert_int_equal(inbox.n_out_of_order, 0);
}

static void runs_messages_left_when_destroyed(void **state)
{
    (void)state;
    struct inbox inbox = {.loop = loop_create(0), .stop_at = 1};
    post_note(&inbox, 0, 0);
    loop_run(inbox.loop);
    post_note(&inbox, 0, 1);
    post_note(&inbox, 0, 2);
    loop_destroy(inbox.loop);
    assert_int_equal(inbox.n, 3);
    assert_int_equal(inbox.n_out_of_order, 0);
}

struct reposter {
    struct loop_message message;
    unsigned left;
};

static void post_again(struct loop_message *message, struct loop *loop)
{
    struct reposter *reposter = container_of(message, struct reposter, message);
    if (reposter->left > 0) {
        reposter->left--;
        loop_post(loop, message);
    }
}

static void runs_messages_that_messages_post_when_destroyed(void **state)
{
    (void)state;
    struct reposter reposter = {.message.run = post_again, .left = 5};
    struct loop *loop = loop_create(0);
    loop_post(loop, &reposter.message);
    loop_destroy(loop);
    assert_int_equal(reposter.left, 0);
}

static void stops_when_asked_before_it_runs(void **state)
{
    (void)state;
    struct loop *loop = loop_create(7);
    assert_int_equal(loop_index(loop), 7);
    loop_stop(loop);
    loop_run(loop);
    loop_destroy(loop);
}

static void destroys_nothing(void **state)
{
    (void)state;
    loop_destroy(NULL);
}

struct work {
    struct loop_after after;
    struct loop_message message;
    struct loop *loop;
    unsigned n_runs;
    unsigned again; /* times run() asks again */
    unsigned n_messages;
};

static void run_work(struct loop_after *after)
{
    struct work *work = container_of(after, struct work, after);
    work->n_runs++;
    if (work->again > 0) {
        work->again--;
        loop_after(work->loop, after);
    } else {
        loop_stop(work->loop);
    }
}

static void ask_thrice(struct loop_message *message, struct loop *loop)
{
    struct work *work = container_of(message, struct work, message);
    for (int i = 0; i < 3; i++)
        loop_after(loop, &work->after);
    assert_int_equal(work->n_runs, 0); /* not at once */
}

static void runs_after_work_once_a_turn(void **state)
{
    (void)state;
    struct work work = {.loop = loop_create(0), .message.run = ask_thrice};
    loop_after_init(&work.after, run_work);
    loop_post(work.loop, &work.message);
    loop_run(work.loop);
    loop_destroy(work.loop);
    assert_int_equal(work.n_runs, 1);
}

static void runs_after_work_that_asks_again(void **state)
{
    (void)state;
    struct work work = {
        .loop = loop_create(0), .message.run = ask_thrice, .again = 100};
    loop_after_init(&work.after, run_work);
    loop_post(work.loop, &work.message);
    loop_run(work.loop);
    loop_destroy(work.loop);
    assert_int_equal(work.n_runs, 101);
}

static void ask_and_cancel(struct loop_message *message, struct loop *loop)
{
    struct work *work = container_of(message, struct work, message);
    loop_after(loop, &work->after);
    loop_after_cancel(&work->after);
    loop_after_cancel(&work->after);
    loop_stop(loop);
}

static void does_not_run_cancelled_after_work(void **state)
{
    (void)state;
    struct work work = {.loop = loop_create(0), .message.run = ask_and_cancel};
    loop_after_init(&work.after, run_work);
    loop_post(work.loop, &work.message);
    loop_run(work.loop);
    loop_destroy(work.loop);
    assert_int_equal(work.n_runs, 0);
}

static void tells_both_clocks(void **state)
{
    (void)state;
    int64_t before_ms = monotime_ms(), wall_before_ms = monotime_wall_ms();
    struct loop *loop = loop_create(0);
    int64_t now_ms = loop_now_ms(loop), wall_ms = loop_wall_ms(loop);
    loop_destroy(loop);
    /* A minute is far more than any test machine needs and far less than a mistake. */
    assert_in_range(now_ms + 60000, before_ms, before_ms + 120000);
    assert_in_range(wall_ms + 60000, wall_before_ms, wall_before_ms + 120000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_of_each_sender),
        cmocka_unit_test(runs_messages_left_when_destroyed),
        cmocka_unit_test(runs_messages_that_messages_post_when_destroyed),
        cmocka_unit_test(stops_when_asked_before_it_runs),
        cmocka_unit_test(destroys_nothing),
        cmocka_unit_test(runs_after_work_once_a_turn),
        cmocka_unit_test(runs_after_work_that_asks_again),
        cmocka_unit_test(does_not_run_cancelled_after_work),
        cmocka_unit_test(tells_both_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
