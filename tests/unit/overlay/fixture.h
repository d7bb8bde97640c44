/* What the tests of the overlay share: cmocka, and texts that are owned. */
#ifndef OVERLAY_FIXTURE_H
#define OVERLAY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"

#define MS(n) ((int64_t)(n)*90)

static inline void assert_text(char *owned, const char *expected)
{
    assert_string_equal(owned, expected);
    alloc_free(owned);
}

/* What a print function wrote; freed with alloc_free(). */
static inline char *printed(struct builder *out)
{
    assert_false(builder_failed(out));
    char *text = bytes_to_text(builder_bytes(out));
    builder_finish(out);
    return text;
}

#endif
