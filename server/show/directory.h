/* All shows and products at one moment. Every loop has a reference to the newest, so each
 * answers what is only read by itself; changes go to the registry, which makes the next.
 *
 * Ownership: counted. Threads: ref, unref and reading from any thread. */
#ifndef SHOW_DIRECTORY_H
#define SHOW_DIRECTORY_H

#include "core/refs.h"
#include "overlay/catalogue/product.h"
#include "server/show/record.h"

enum {
    DIRECTORY_SHOWS_MAX = 10000,    /* a change copies the table of pointers: 80 kB */
    DIRECTORY_PRODUCTS_MAX = 20000, /* a shop's whole catalogue */
};

struct show_directory {
    struct refs refs; /* private */
    size_t n_shows;
    struct show_record **shows; /* sorted by id */
    size_t n_products;
    struct product **products; /* sorted by sku */
};

struct show_directory *show_directory_create(void); /* empty */
/* Of all these, in any order, each key once: takes references. */
struct show_directory *show_directory_create_of(struct show_record *const *shows,
                                                size_t n_shows,
                                                struct product *const *products,
                                                size_t n_products);
struct show_directory *show_directory_ref(struct show_directory *directory);
void show_directory_unref(struct show_directory *directory); /* NULL: nothing */

/* Borrowed; NULL when not there. */
struct show_record *show_directory_find_show(const struct show_directory *directory,
                                             struct bytes id);
struct product *show_directory_find_product(const struct show_directory *directory,
                                            struct bytes sku);

/* The next directory: with the entry set or replaced (a reference is taken), or without. */
struct show_directory *show_directory_with_show(const struct show_directory *directory,
                                                struct show_record *record);
struct show_directory *
show_directory_without_show(const struct show_directory *directory, struct bytes id);
struct show_directory *
show_directory_with_product(const struct show_directory *directory,
                            struct product *product);
struct show_directory *
show_directory_without_product(const struct show_directory *directory,
                               struct bytes sku);

/* Products of now that are not in before as they are: new and changed ones. Borrowed from
 * now; the table is freed with alloc_free(). */
struct product **show_directory_changed_products(const struct show_directory *before,
                                                 const struct show_directory *now,
                                                 size_t *ret_n);

/* Products of a show in the order of its run sheet (all, by sku, when it has none);
 * borrowed; returns how many were written. */
size_t show_directory_run_sheet(const struct show_directory *directory,
                                const struct show_record *record, struct product **ret,
                                size_t max);

#endif
