#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "core/alloc.h"
#include "server/loop/loop.h"
#include "server/loop/worker.h"

enum { JOBS = 1000 };

struct job {
    struct loop_worker_job job;
    struct loop_message answer;
    struct office *office;
    unsigned number;
};

struct office {
    struct loop *loop;
    unsigned n_done, n_out_of_order, n_empty_batches, n_answers;
    pthread_t caller;
    unsigned n_on_caller;
};

static void work(void *ctx, struct list *jobs)
{
    struct office *office = ctx;
    if (list_is_empty(jobs))
        office->n_empty_batches++;
    for (struct list *link; (link = list_shift(jobs));) {
        struct job *job = container_of(link, struct job, job.link);
        if (job->number != office->n_done++)
            office->n_out_of_order++;
        if (pthread_equal(pthread_self(), office->caller))
            office->n_on_caller++;
        alloc_free(job);
    }
}

static struct job *make_job(struct office *office, unsigned number)
{
    struct job *job = alloc_zero(sizeof *job);
    job->office = office;
    job->number = number;
    return job;
}

static void does_all_jobs_in_order_before_it_goes(void **state)
{
    (void)state;
    struct office office = {.caller = pthread_self()};
    struct loop_worker *worker = loop_worker_create("office", work, &office);
    for (unsigned i = 0; i < JOBS; i++)
        loop_worker_post(worker, &make_job(&office, i)->job);
    loop_worker_destroy(worker);
    assert_int_equal(office.n_done, JOBS);
    assert_int_equal(office.n_out_of_order, 0);
    assert_int_equal(office.n_empty_batches, 0);
    assert_int_equal(office.n_on_caller, 0);
}

static void take_answer(struct loop_message *message, struct loop *loop)
{
    struct job *job = container_of(message, struct job, answer);
    if (job->number != job->office->n_answers++)
        job->office->n_out_of_order++;
    if (job->office->n_answers == JOBS)
        loop_stop(loop);
    alloc_free(job);
}

static void answer(void *ctx, struct list *jobs)
{
    struct office *office = ctx;
    for (struct list *link; (link = list_shift(jobs));) {
        struct job *job = container_of(link, struct job, job.link);
        job->answer.run = take_answer;
        loop_post(office->loop, &job->answer);
    }
}

static void answers_reach_the_loop_in_order(void **state)
{
    (void)state;
    struct office office = {.loop = loop_create(0)};
    struct loop_worker *worker = loop_worker_create("office", answer, &office);
    for (unsigned i = 0; i < JOBS; i++)
        loop_worker_post(worker, &make_job(&office, i)->job);
    loop_run(office.loop);
    loop_worker_destroy(worker);
    loop_destroy(office.loop);
    assert_int_equal(office.n_answers, JOBS);
    assert_int_equal(office.n_out_of_order, 0);
}

static void goes_without_a_job(void **state)
{
    (void)state;
    struct office office = {0};
    loop_worker_destroy(
        loop_worker_create("a-name-longer-than-the-kernel-takes", work, &office));
    loop_worker_destroy(NULL);
    assert_int_equal(office.n_empty_batches, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_all_jobs_in_order_before_it_goes),
        cmocka_unit_test(answers_reach_the_loop_in_order),
        cmocka_unit_test(goes_without_a_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
