#include "server/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/err.h"
#include "tests/unit/temp_dir.h"

static int setup(void **state)
{
    static struct temp_dir dir;
    temp_dir_make(&dir);
    *state = &dir;
    return 0;
}

static int teardown(void **state)
{
    temp_dir_remove(*state);
    return 0;
}

static char *write_script(const struct temp_dir *dir, const char *text)
{
    char *path = alloc_text(temp_dir_path(dir, "program"));
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

static void keeps_a_word_with_a_slash(void **state)
{
    (void)state;
    char *absolute = server_program_find("/opt/vitrine");
    char *relative = server_program_find("bin/vitrine");
    assert_string_equal(absolute, "/opt/vitrine");
    assert_int_equal(relative[0], '/');
    assert_non_null(strstr(relative, "/bin/vitrine"));
    alloc_free(absolute);
    alloc_free(relative);
}

static void finds_a_name_in_the_path(void **state)
{
    const struct temp_dir *dir = *state;
    char *script = write_script(dir, "#!/bin/sh\n");
    char path[400];
    (void)snprintf(path, sizeof path, "/nowhere:%s:/bin", dir->path);
    (void)setenv("PATH", path, 1);
    char *found = server_program_find("program");
    assert_string_equal(found, script);
    assert_null(server_program_find("no-such-program"));
    assert_null(server_program_find(""));
    alloc_free(found);
    alloc_free(script);
}

static int check(const struct temp_dir *dir, const char *text, const char *file,
                 struct err *err)
{
    char *script = write_script(dir, text);
    int failed = server_program_check(script, file, err);
    alloc_free(script);
    return failed;
}

static void asks_for_a_check_of_the_same_file(void **state)
{
    struct err err;
    static const char text[] = "#!/bin/sh\n"
                               "[ \"$1\" = check ] && [ \"$2\" = -c ] && "
                               "[ \"$3\" = some.yaml ] && [ $# = 3 ]\n";
    assert_int_equal(check(*state, text, "some.yaml", &err), 0);
    assert_int_equal(check(*state, "#!/bin/sh\n[ \"$*\" = check ]\n", NULL, &err), 0);
}

static void tells_that_there_are_faults(void **state)
{
    struct err err;
    assert_int_equal(check(*state, "#!/bin/sh\nexit 2\n", NULL, &err), -ERR_INVALID);
    assert_non_null(strstr(err.text, "ended with 2"));
    assert_int_equal(check(*state, "#!/bin/sh\nkill -9 $$\n", NULL, &err),
                     -ERR_INVALID);
    assert_non_null(strstr(err.text, "signal 9"));
}

static void tells_that_it_does_not_run(void **state)
{
    struct err err;
    assert_int_equal(server_program_check("/nowhere/vitrine", NULL, &err), -ERR_IO);
    assert_int_equal(check(*state, "no program at all", NULL, &err), -ERR_IO);
}

/* Descriptor 3 and up are closed, 0 to 2 are not. */
static void gives_it_nothing_that_is_open(void **state)
{
    struct err err;
    static const char text[] =
        "#!/bin/sh\n[ ! -e /proc/$$/fd/9 ] && [ -e /proc/$$/fd/2 ]\n";
    FILE *leak = fopen("/dev/null", "r");
    assert_non_null(leak);
    int result = dup2(fileno(leak), 9) == 9 ? check(*state, text, NULL, &err) : -1;
    assert_int_equal(fclose(leak), 0);
    assert_int_equal(result, 0);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(keeps_a_word_with_a_slash),
        IN_DIR(asks_for_a_check_of_the_same_file),
        IN_DIR(tells_that_there_are_faults),
        IN_DIR(tells_that_it_does_not_run),
        IN_DIR(gives_it_nothing_that_is_open),
        IN_DIR(finds_a_name_in_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
