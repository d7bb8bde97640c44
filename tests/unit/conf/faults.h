/* What the tests of conf share: text in, faults as `vitrine check` prints them out. */
#ifndef TESTS_UNIT_CONF_FAULTS_H
#define TESTS_UNIT_CONF_FAULTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "core/alloc.h"
#include "core/builder.h"

/* Freed with alloc_free(); empty when the text is taken. */
static inline char *faults_of(const char *text, size_t len, char *const *environ_)
{
    static struct conf_faults faults;
    struct builder out;
    builder_init(&out, 1 << 16);
    struct conf *conf = conf_parse(text, len, environ_, &faults);
    assert_int_equal(conf != NULL, faults.n == 0);
    conf_destroy(conf);
    conf_print_faults(&faults, "f.yaml", &out);
    assert_false(builder_failed(&out));
    char *printed = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return printed;
}

static inline void assert_faults(const char *text, const char *expected)
{
    char *printed = faults_of(text, strlen(text), NULL);
    assert_string_equal(printed, expected);
    alloc_free(printed);
}

static inline void assert_environment_faults(char *const *environ_,
                                             const char *expected)
{
    char *printed = faults_of("", 0, environ_);
    assert_string_equal(printed, expected);
    alloc_free(printed);
}

#endif
