#include "tests/kit/logged.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LOGGED_MAX = 16384 };

static int before = -1;
static int captured = -1;

void logged_begin(void)
{
    char path[] = "/tmp/logged.XXXXXX";
    captured = mkstemp(path);
    assert_true(captured >= 0);
    assert_int_equal(unlink(path), 0);
    before = dup(STDERR_FILENO);
    assert_true(dup2(captured, STDERR_FILENO) >= 0);
}

const char *logged_end(void)
{
    static char text[LOGGED_MAX];
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    ssize_t n = pread(captured, text, sizeof text - 1, 0);
    close(captured);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

unsigned logged_count(const char *text, const char *words)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        n++;
    return n;
}
