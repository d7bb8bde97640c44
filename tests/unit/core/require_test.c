#include "core/require.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void goes_on_when_the_promise_holds(void **state)
{
    (void)state;
    int calls = 0;
    require(++calls == 1);
    assert_int_equal(calls, 1);
}

static void ends_the_process_and_names_the_place(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        require(1 + 1 == 3);
        _exit(0);
    }
    assert_true(child > 0);
    close(ends[1]);
    char text[512] = "";
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(n > 0);
    assert_non_null(strstr(text, "require_test.c:"));
    assert_non_null(strstr(text, "broken promise: 1 + 1 == 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_when_the_promise_holds),
        cmocka_unit_test(ends_the_process_and_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
