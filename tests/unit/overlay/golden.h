/* Compares what was made with a file of tests/golden/cue. With VITRINE_UPDATE_GOLDEN=1 the
 * file is written instead; look at the difference before you keep it. */
#ifndef OVERLAY_GOLDEN_H
#define OVERLAY_GOLDEN_H

#include <stdlib.h>

#include "tests/unit/overlay/fixture.h"

static inline void golden_write(const char *path, struct bytes content)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

static inline char *golden_read(const char *path)
{
    enum { GOLDEN_MAX = 65536 };
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing", path);
    char *content = alloc_zero(GOLDEN_MAX);
    size_t len = fread(content, 1, GOLDEN_MAX - 1, file);
    assert_true(len < GOLDEN_MAX - 1);
    assert_int_equal(fclose(file), 0);
    return content;
}

/* A text and a line end. */
static inline void assert_golden_text(const char *name, struct bytes text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "tests/golden/cue/%s", name);
    struct builder line;
    builder_init(&line, 65536);
    builder_put(&line, text);
    builder_text(&line, "\n");
    assert_false(builder_failed(&line));
    const char *update = getenv("VITRINE_UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0)
        golden_write(path, builder_bytes(&line));
    char *expected = golden_read(path);
    char *made = bytes_to_text(builder_bytes(&line));
    assert_string_equal(made, expected);
    alloc_free(made);
    alloc_free(expected);
    builder_finish(&line);
}

/* Bytes as hex, 32 a line. */
static inline void assert_golden_hex(const char *name, struct bytes content)
{
    struct builder hex;
    builder_init(&hex, 65536);
    for (size_t i = 0; i < content.len; i++)
        builder_printf(&hex, "%s%02x", i && i % 32 == 0 ? "\n" : "", content.data[i]);
    assert_golden_text(name, builder_bytes(&hex));
    builder_finish(&hex);
}

#endif
