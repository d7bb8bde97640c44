#include "server/hook/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/err.h"
#include "tests/unit/server/hook/sample.h"

static void reads_every_field_it_has_printed_but_the_query(void **state)
{
    (void)state;
    for (int type = 0; type < HOOK_EVENT_TYPES; type++) {
        struct hook_event event = sample_event((enum hook_event_type)type);
        struct hook_event read;
        struct builder out;
        builder_init(&out, HOOK_EVENT_MAX);
        hook_event_print(&event, &out);
        assert_int_equal(hook_event_parse(builder_bytes(&out), event.id, &read, NULL),
                         0);
        event.query = NULL;
        assert_memory_equal(&read, &event, sizeof read);
        builder_finish(&out);
    }
}

static int parse(const char *text)
{
    struct hook_event event;
    return hook_event_parse(bytes_text(text), "msg_1", &event, NULL);
}

static void refuses_what_is_no_event(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"type\":\"on_unpublish\",\"timestamp\":\"2026-11-22T18:00:00.000Z\"}",
        "{\"type\":\"on_dance\",\"timestamp\":\"2026-11-22T18:00:00.000Z\","
        "\"data\":{\"show\":\"a\"}}",
        "{\"type\":\"on_unpublish\",\"timestamp\":\"yesterday\","
        "\"data\":{\"show\":\"a\"}}",
        "{\"type\":\"on_unpublish\",\"timestamp\":\"2026-11-22T18:00:00.000Z\","
        "\"data\":{\"show\":\"\"}}",
        "{\"type\":\"on_unpublish\",\"timestamp\":\"2026-11-22T18:00:00.000Z\","
        "\"data\":{\"show\":\"a\",\"key\":7}}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse(wrong[i]), -ERR_INVALID);
    assert_int_equal(parse("{\"type\":\"on_unpublish\",\"timestamp\":"
                           "\"2026-11-22T18:00:00.000Z\",\"data\":{\"show\":\"a\"}}"),
                     0);
}

static void every_event_has_an_id_of_its_own(void **state)
{
    (void)state;
    struct hook_event a, b;
    hook_event_init(&a, HOOK_SHOW_LIVE, "spring", 5);
    hook_event_init(&b, HOOK_SHOW_LIVE, "spring", 5);
    assert_int_equal(strncmp(a.id, "msg_", 4), 0);
    assert_int_equal(strlen(a.id), 30);
    assert_string_not_equal(a.id, b.id);
}

static void cuts_a_text_between_two_characters(void **state)
{
    (void)state;
    char out[4];
    hook_event_set(out, sizeof out, "ab\xc3\xa9");
    assert_string_equal(out, "ab");
    hook_event_set(out, sizeof out, "a\xc3\xa9");
    assert_string_equal(out, "a\xc3\xa9");
    hook_event_set(out, sizeof out, NULL);
    assert_string_equal(out, "");
}

static void a_stream_key_in_the_query_is_blotted_out(void **state)
{
    (void)state;
    char *clean =
        hook_event_clean_query("x=1&key=spring_abcdefgh&abcdefgh=2", "spring_abcdefgh");
    assert_string_equal(clean, "x=1&key=spring_********&********=2");
    alloc_free(clean);
    clean = hook_event_clean_query(NULL, "spring_abcdefgh");
    assert_string_equal(clean, "");
    alloc_free(clean);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field_it_has_printed_but_the_query),
        cmocka_unit_test(refuses_what_is_no_event),
        cmocka_unit_test(every_event_has_an_id_of_its_own),
        cmocka_unit_test(cuts_a_text_between_two_characters),
        cmocka_unit_test(a_stream_key_in_the_query_is_blotted_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
