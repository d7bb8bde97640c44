#include "server/show/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void takes_ids_that_stand_in_urls(void **state)
{
    (void)state;
    assert_true(show_record_is_id(bytes_text("a")));
    assert_true(show_record_is_id(bytes_text("spring-sale-2026")));
    assert_true(show_record_is_id(bytes_text("0123456789abcdef0123456789abcdef")));
}

static void refuses_other_ids(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",         "-a",  "A",
        "a_b",      "a/b", "a b",
        "\xc3\xa9", "..",  "0123456789abcdef0123456789abcdefg"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(show_record_is_id(bytes_text(wrong[i])));
}

static struct show_record *make(const char *run_sheet)
{
    char id[] = "demo";
    char title[] = "Demo";
    char token[] = "abc";
    char *sheet = run_sheet ? (char *)(uintptr_t)run_sheet : NULL;
    struct store_show row = {
        .id = id, .title = title, .token = token, .run_sheet = sheet};
    return show_record_create(&row);
}

static void lists_every_product_without_a_run_sheet(void **state)
{
    (void)state;
    struct show_record *record = make(NULL);
    assert_true(show_record_lists(record, "anything"));
    show_record_unref(record);
}

static void lists_what_is_on_the_run_sheet_only(void **state)
{
    (void)state;
    struct show_record *record = make("LIP-1,LIP-2");
    assert_true(show_record_lists(record, "LIP-1"));
    assert_true(show_record_lists(record, "LIP-2"));
    assert_false(show_record_lists(record, "LIP"));
    assert_false(show_record_lists(record, "LIP-1,LIP-2"));
    show_record_unref(record);
}

static void lists_nothing_with_an_empty_run_sheet(void **state)
{
    (void)state;
    struct show_record *record = make("");
    assert_false(show_record_lists(record, "LIP-1"));
    show_record_unref(record);
}

static void gives_the_store_texts_of_its_own(void **state)
{
    (void)state;
    struct show_record *record = make("LIP-1");
    struct store_change *change = show_record_change(record);
    show_record_unref(record);
    assert_string_equal(change->show.id, "demo");
    assert_string_equal(change->show.run_sheet, "LIP-1");
    assert_null(change->show.host);
    store_change_destroy(change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_ids_that_stand_in_urls),
        cmocka_unit_test(refuses_other_ids),
        cmocka_unit_test(lists_every_product_without_a_run_sheet),
        cmocka_unit_test(lists_what_is_on_the_run_sheet_only),
        cmocka_unit_test(lists_nothing_with_an_empty_run_sheet),
        cmocka_unit_test(gives_the_store_texts_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
