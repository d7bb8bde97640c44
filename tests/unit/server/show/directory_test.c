#include "server/show/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/alloc.h"

static struct show_record *make_show(const char *name, const char *run_sheet)
{
    char id[SHOW_ID_MAX + 1];
    char sheet[64];
    char text[] = "x";
    (void)snprintf(id, sizeof id, "%s", name);
    (void)snprintf(sheet, sizeof sheet, "%s", run_sheet ? run_sheet : "");
    struct store_show row = {
        .id = id, .title = text, .token = text, .run_sheet = run_sheet ? sheet : NULL};
    return show_record_create(&row);
}

static struct product *make_product(const char *sku, int price)
{
    char json[200];
    struct product *product;
    (void)snprintf(
        json, sizeof json,
        "{\"title\":\"T\",\"url\":\"/p\",\"price_minor\":%d,\"currency\":\"EUR\"}",
        price);
    assert_int_equal(
        catalogue_product_parse(bytes_text(json), bytes_text(sku), &product, NULL), 0);
    return product;
}

/* Each step replaces *directory, as the registry does. */
static void put_show(struct show_directory **directory, const char *id,
                     const char *run_sheet)
{
    struct show_record *record = make_show(id, run_sheet);
    struct show_directory *next = show_directory_with_show(*directory, record);
    show_record_unref(record);
    show_directory_unref(*directory);
    *directory = next;
}

static void put_product(struct show_directory **directory, const char *sku, int price)
{
    struct product *product = make_product(sku, price);
    struct show_directory *next = show_directory_with_product(*directory, product);
    catalogue_product_unref(product);
    show_directory_unref(*directory);
    *directory = next;
}

static void finds_what_was_put_in_any_order(void **state)
{
    (void)state;
    struct show_directory *directory = show_directory_create();
    put_show(&directory, "m", NULL);
    put_show(&directory, "a", NULL);
    put_show(&directory, "z", NULL);
    assert_int_equal(directory->n_shows, 3);
    assert_string_equal(show_directory_find_show(directory, bytes_text("a"))->row.id,
                        "a");
    assert_string_equal(show_directory_find_show(directory, bytes_text("z"))->row.id,
                        "z");
    assert_null(show_directory_find_show(directory, bytes_text("b")));
    show_directory_unref(directory);
}

static void replaces_an_entry_of_the_same_key(void **state)
{
    (void)state;
    struct show_directory *directory = show_directory_create();
    put_product(&directory, "A", 100);
    put_product(&directory, "A", 200);
    assert_int_equal(directory->n_products, 1);
    assert_int_equal(
        show_directory_find_product(directory, bytes_text("A"))->price_minor, 200);
    show_directory_unref(directory);
}

static void leaves_the_one_before_as_it_was(void **state)
{
    (void)state;
    struct show_directory *before = show_directory_create();
    put_product(&before, "A", 100);
    struct product *changed = make_product("A", 200);
    struct show_directory *after = show_directory_with_product(before, changed);
    catalogue_product_unref(changed);
    assert_int_equal(show_directory_find_product(before, bytes_text("A"))->price_minor,
                     100);
    show_directory_unref(before);
    assert_int_equal(show_directory_find_product(after, bytes_text("A"))->price_minor,
                     200);
    show_directory_unref(after);
}

static void removes_an_entry_and_no_other(void **state)
{
    (void)state;
    struct show_directory *directory = show_directory_create();
    put_show(&directory, "a", NULL);
    put_show(&directory, "b", NULL);
    struct show_directory *next =
        show_directory_without_show(directory, bytes_text("a"));
    assert_int_equal(next->n_shows, 1);
    assert_null(show_directory_find_show(next, bytes_text("a")));
    assert_non_null(show_directory_find_show(next, bytes_text("b")));
    struct show_directory *same =
        show_directory_without_show(next, bytes_text("nobody"));
    assert_int_equal(same->n_shows, 1);
    show_directory_unref(directory);
    show_directory_unref(next);
    show_directory_unref(same);
}

static void gives_products_in_the_run_sheets_order(void **state)
{
    (void)state;
    struct show_directory *directory = show_directory_create();
    struct product *run[SHOW_RUN_SHEET_MAX];
    put_product(&directory, "A", 1);
    put_product(&directory, "B", 2);
    put_product(&directory, "C", 3);
    put_show(&directory, "s", "C,gone,A");
    struct show_record *record = show_directory_find_show(directory, bytes_text("s"));
    assert_int_equal(show_directory_run_sheet(directory, record, run, 10), 2);
    assert_string_equal(run[0]->sku, "C");
    assert_string_equal(run[1]->sku, "A");
    assert_int_equal(show_directory_run_sheet(directory, record, run, 1), 1);
    show_directory_unref(directory);
}

static void gives_all_products_without_a_run_sheet(void **state)
{
    (void)state;
    struct show_directory *directory = show_directory_create();
    struct product *run[SHOW_RUN_SHEET_MAX];
    put_product(&directory, "B", 2);
    put_product(&directory, "A", 1);
    put_show(&directory, "s", NULL);
    struct show_record *record = show_directory_find_show(directory, bytes_text("s"));
    assert_int_equal(show_directory_run_sheet(directory, record, run, 10), 2);
    assert_string_equal(run[0]->sku, "A");
    show_directory_unref(directory);
}

static void is_made_of_entries_in_any_order(void **state)
{
    (void)state;
    struct show_record *shows[] = {make_show("m", NULL), make_show("z", NULL),
                                   make_show("a", NULL)};
    struct product *products[] = {make_product("P-2", 2), make_product("P-1", 1)};
    struct show_directory *directory = show_directory_create_of(shows, 3, products, 2);
    assert_string_equal(directory->shows[0]->row.id, "a");
    assert_ptr_equal(show_directory_find_show(directory, bytes_text("z")), shows[1]);
    assert_ptr_equal(show_directory_find_product(directory, bytes_text("P-1")),
                     products[1]);
    for (int i = 0; i < 3; i++)
        show_record_unref(shows[i]);
    for (int i = 0; i < 2; i++)
        catalogue_product_unref(products[i]);
    assert_string_equal(directory->shows[2]->row.id, "z"); /* has its own references */
    show_directory_unref(directory);
}

static void tells_new_and_changed_products(void **state)
{
    (void)state;
    struct show_directory *before = show_directory_create();
    put_product(&before, "P-2", 2);
    put_product(&before, "P-4", 4);
    put_product(&before, "P-6", 6);
    struct show_directory *now = show_directory_ref(before);
    put_product(&now, "P-1", 1);
    put_product(&now, "P-4", 44);
    put_product(&now, "P-7", 7);
    struct show_directory *next =
        show_directory_without_product(now, bytes_text("P-2"));
    size_t n;
    struct product **changed = show_directory_changed_products(before, next, &n);
    assert_int_equal(n, 3);
    assert_string_equal(changed[0]->sku, "P-1");
    assert_string_equal(changed[1]->sku, "P-4");
    assert_int_equal(changed[1]->price_minor, 44);
    assert_string_equal(changed[2]->sku, "P-7");
    alloc_free(changed);
    changed = show_directory_changed_products(next, next, &n);
    assert_int_equal(n, 0);
    alloc_free(changed);
    show_directory_unref(before);
    show_directory_unref(now);
    show_directory_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_made_of_entries_in_any_order),
        cmocka_unit_test(tells_new_and_changed_products),
        cmocka_unit_test(finds_what_was_put_in_any_order),
        cmocka_unit_test(replaces_an_entry_of_the_same_key),
        cmocka_unit_test(leaves_the_one_before_as_it_was),
        cmocka_unit_test(removes_an_entry_and_no_other),
        cmocka_unit_test(gives_products_in_the_run_sheets_order),
        cmocka_unit_test(gives_all_products_without_a_run_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
