/* Compares a text with a file of tests/golden. With VITRINE_UPDATE_GOLDEN=1 in the
 * environment the file is written instead, to be read over before it is committed. */
#ifndef TESTS_PACKAGER_GOLDEN_H
#define TESTS_PACKAGER_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

enum { GOLDEN_MAX = 1 << 16 };

/* Includes of cmocka come first. Takes the reference. */
static inline void assert_golden(const char *name, struct buf *text)
{
    static char expected[GOLDEN_MAX];
    char path[256];
    struct bytes is = buf_bytes(text);
    (void)snprintf(path, sizeof path, "tests/golden/%s", name);
    bool update = getenv("VITRINE_UPDATE_GOLDEN") != NULL;
    FILE *file = fopen(path, update ? "wb" : "rb");
    assert_non_null(file);
    if (update) {
        assert_int_equal(fwrite(is.data, 1, is.len, file), is.len);
    } else {
        size_t len = fread(expected, 1, sizeof expected - 1, file);
        expected[len] = 0;
        char *copy = bytes_to_text(is);
        assert_string_equal(copy, expected);
        free(copy);
    }
    assert_int_equal(fclose(file), 0);
    buf_unref(text);
}

#endif
