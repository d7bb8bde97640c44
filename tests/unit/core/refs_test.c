#include "core/refs.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void is_over_with_the_last_one(void **state)
{
    (void)state;
    struct refs refs;
    refs_init(&refs);
    refs_add(&refs);
    refs_add(&refs);
    assert_false(refs_drop(&refs));
    assert_false(refs_is_last(&refs));
    assert_false(refs_drop(&refs));
    assert_true(refs_is_last(&refs));
    assert_true(refs_drop(&refs));
}

enum { TURNS = 50000, THREADS = 4 };

struct shared {
    struct refs refs;
    atomic_int n_last;
};

static void *come_and_go(void *ctx)
{
    struct shared *shared = ctx;
    for (int i = 0; i < TURNS; i++) {
        refs_add(&shared->refs);
        if (refs_drop(&shared->refs))
            atomic_fetch_add(&shared->n_last, 1);
    }
    if (refs_drop(&shared->refs))
        atomic_fetch_add(&shared->n_last, 1);
    return NULL;
}

static void one_of_all_threads_has_the_last_one(void **state)
{
    (void)state;
    struct shared shared = {0};
    pthread_t threads[THREADS];
    refs_init(&shared.refs);
    for (size_t i = 1; i < THREADS; i++)
        refs_add(&shared.refs);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &shared), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&shared.n_last), 1);
}

static void one_given_back_twice_ends_the_process(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct refs refs;
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
        refs_init(&refs);
        (void)refs_drop(&refs);
        (void)refs_drop(&refs);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_over_with_the_last_one),
        cmocka_unit_test(one_of_all_threads_has_the_last_one),
        cmocka_unit_test(one_given_back_twice_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
