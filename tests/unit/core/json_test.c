#include "core/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/builder.h"

static void becomes(struct bytes in, const char *wanted)
{
    struct builder out;
    builder_init(&out, 1000);
    json_put_string(&out, in);
    assert_true(bytes_equal_text(builder_bytes(&out), wanted));
    builder_finish(&out);
}

static void quotes_plain_text(void **state)
{
    (void)state;
    becomes(bytes_text("Satin lipstick"), "\"Satin lipstick\"");
    becomes(bytes_make(NULL, 0), "\"\"");
}

static void escapes_quotes_backslashes_and_controls(void **state)
{
    (void)state;
    becomes(bytes_text("a\"b\\c"), "\"a\\\"b\\\\c\"");
    struct builder out;
    builder_init(&out, 1000);
    json_put_string(&out, bytes_make("\0\n\x1f\x7f", 4));
    struct bytes made = builder_bytes(&out);
    for (size_t i = 0; i < made.len; i++)
        assert_true(made.data[i] >= 0x20);
    builder_finish(&out);
}

static void keeps_well_formed_utf8(void **state)
{
    (void)state;
    becomes(bytes_text("Ros\xc3\xa9 \xf0\x9f\x92\x84"),
            "\"Ros\xc3\xa9 \xf0\x9f\x92\x84\"");
}

static void escapes_what_would_end_a_script_or_a_line(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 1000);
    json_put_string(&out, bytes_text("</script>\xe2\x80\xa8\xe2\x80\xa9"));
    struct bytes made = builder_bytes(&out);
    assert_int_equal(bytes_index(made, 0, '<'), made.len);
    assert_int_equal(bytes_index(made, 0, 0xe2), made.len);
    builder_finish(&out);
}

static void malformed_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 1000);
    json_put_string(&out, bytes_text("a\xff\xc3"));
    assert_true(bytes_is_utf8(builder_bytes(&out)));
    assert_true(bytes_has_prefix(builder_bytes(&out), "\"a"));
    assert_true(builder_bytes(&out).len > 4);
    builder_finish(&out);
}

static void missing_text_is_null(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 1000);
    json_put_text(&out, NULL);
    json_put_text(&out, "x");
    assert_true(bytes_equal_text(builder_bytes(&out), "null\"x\""));
    builder_finish(&out);
}

static void marks_the_builder_when_it_does_not_fit(void **state)
{
    (void)state;
    struct builder out;
    builder_init(&out, 5);
    json_put_text(&out, "long enough");
    assert_true(builder_failed(&out));
    builder_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_plain_text),
        cmocka_unit_test(escapes_quotes_backslashes_and_controls),
        cmocka_unit_test(keeps_well_formed_utf8),
        cmocka_unit_test(escapes_what_would_end_a_script_or_a_line),
        cmocka_unit_test(malformed_utf8_becomes_the_replacement_character),
        cmocka_unit_test(missing_text_is_null),
        cmocka_unit_test(marks_the_builder_when_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
