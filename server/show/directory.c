#include "server/show/directory.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* Both tables are arrays of pointers sorted by a text key; these do the work for both. */
typedef const char *(*key_fn)(const void *entry);

static const char *show_key(const void *entry)
{
    return ((const struct show_record *)entry)->row.id;
}

static const char *product_key(const void *entry)
{
    return ((const struct product *)entry)->sku;
}

/* Index of the first entry whose key is not below; ret_equal tells whether it is the key. */
static size_t lower_bound(void *const *entries, size_t n, key_fn key,
                          struct bytes wanted, bool *ret_equal)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(bytes_text(key(entries[middle])), wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_equal = low < n && bytes_equal_text(wanted, key(entries[low]));
    return low;
}

static void **copy_with(void *const *entries, size_t *n, key_fn key, void *entry)
{
    bool equal;
    size_t at = lower_bound(entries, *n, key, bytes_text(key(entry)), &equal);
    void **copy = alloc_array(*n + 1, sizeof *copy);
    size_t behind = at + (equal ? 1 : 0);
    if (at > 0)
        memcpy(copy, entries, at * sizeof *copy);
    copy[at] = entry;
    if (*n > behind)
        memcpy(copy + at + 1, entries + behind, (*n - behind) * sizeof *copy);
    *n += equal ? 0 : 1;
    return copy;
}

static void **copy_without(void *const *entries, size_t *n, key_fn key,
                           struct bytes gone)
{
    bool equal;
    size_t at = lower_bound(entries, *n, key, gone, &equal);
    void **copy = alloc_array(*n + 1, sizeof *copy);
    size_t behind = at + (equal ? 1 : 0);
    if (at > 0)
        memcpy(copy, entries, at * sizeof *copy);
    if (*n > behind)
        memcpy(copy + at, entries + behind, (*n - behind) * sizeof *copy);
    *n -= equal ? 1 : 0;
    return copy;
}

struct show_directory *show_directory_create(void)
{
    struct show_directory *directory = alloc_zero(sizeof *directory);
    refs_init(&directory->refs);
    return directory;
}

struct show_directory *show_directory_ref(struct show_directory *directory)
{
    if (directory)
        refs_add(&directory->refs);
    return directory;
}

void show_directory_unref(struct show_directory *directory)
{
    if (!directory || !refs_drop(&directory->refs))
        return;
    for (size_t i = 0; i < directory->n_shows; i++)
        show_record_unref(directory->shows[i]);
    for (size_t i = 0; i < directory->n_products; i++)
        catalogue_product_unref(directory->products[i]);
    alloc_free(directory->shows);
    alloc_free(directory->products);
    alloc_free(directory);
}

struct show_record *show_directory_find_show(const struct show_directory *directory,
                                             struct bytes id)
{
    bool equal;
    size_t at = lower_bound((void *const *)directory->shows, directory->n_shows,
                            show_key, id, &equal);
    return equal ? directory->shows[at] : NULL;
}

struct product *show_directory_find_product(const struct show_directory *directory,
                                            struct bytes sku)
{
    bool equal;
    size_t at = lower_bound((void *const *)directory->products, directory->n_products,
                            product_key, sku, &equal);
    return equal ? directory->products[at] : NULL;
}

/* The arrays were copied as pointers: every entry of the next one needs its reference. */
static struct show_directory *finish_next(struct show_directory *next)
{
    for (size_t i = 0; i < next->n_shows; i++)
        show_record_ref(next->shows[i]);
    for (size_t i = 0; i < next->n_products; i++)
        catalogue_product_ref(next->products[i]);
    return next;
}

static void **copy_all(void *const *entries, size_t n)
{
    void **copy = alloc_array(n + 1, sizeof *copy);
    if (n > 0)
        memcpy(copy, entries, n * sizeof *copy);
    return copy;
}

static struct show_directory *begin_next(const struct show_directory *directory)
{
    struct show_directory *next = show_directory_create();
    next->n_shows = directory->n_shows;
    next->n_products = directory->n_products;
    return next;
}

struct show_directory *show_directory_with_show(const struct show_directory *directory,
                                                struct show_record *record)
{
    struct show_directory *next = begin_next(directory);
    next->shows = (struct show_record **)copy_with((void *const *)directory->shows,
                                                   &next->n_shows, show_key, record);
    next->products = (struct product **)copy_all((void *const *)directory->products,
                                                 directory->n_products);
    return finish_next(next);
}

struct show_directory *
show_directory_without_show(const struct show_directory *directory, struct bytes id)
{
    struct show_directory *next = begin_next(directory);
    next->shows = (struct show_record **)copy_without((void *const *)directory->shows,
                                                      &next->n_shows, show_key, id);
    next->products = (struct product **)copy_all((void *const *)directory->products,
                                                 directory->n_products);
    return finish_next(next);
}

struct show_directory *
show_directory_with_product(const struct show_directory *directory,
                            struct product *product)
{
    struct show_directory *next = begin_next(directory);
    next->shows = (struct show_record **)copy_all((void *const *)directory->shows,
                                                  directory->n_shows);
    next->products = (struct product **)copy_with(
        (void *const *)directory->products, &next->n_products, product_key, product);
    return finish_next(next);
}

struct show_directory *
show_directory_without_product(const struct show_directory *directory, struct bytes sku)
{
    struct show_directory *next = begin_next(directory);
    next->shows = (struct show_record **)copy_all((void *const *)directory->shows,
                                                  directory->n_shows);
    next->products = (struct product **)copy_without(
        (void *const *)directory->products, &next->n_products, product_key, sku);
    return finish_next(next);
}

static int compare_shows(const void *a, const void *b)
{
    return strcmp(show_key(*(struct show_record *const *)a),
                  show_key(*(struct show_record *const *)b));
}

static int compare_products(const void *a, const void *b)
{
    return strcmp(product_key(*(struct product *const *)a),
                  product_key(*(struct product *const *)b));
}

struct show_directory *show_directory_create_of(struct show_record *const *shows,
                                                size_t n_shows,
                                                struct product *const *products,
                                                size_t n_products)
{
    struct show_directory *directory = show_directory_create();
    directory->n_shows = n_shows;
    directory->n_products = n_products;
    directory->shows = (struct show_record **)copy_all((void *const *)shows, n_shows);
    directory->products =
        (struct product **)copy_all((void *const *)products, n_products);
    qsort(directory->shows, n_shows, sizeof *directory->shows, compare_shows);
    qsort(directory->products, n_products, sizeof *directory->products,
          compare_products);
    return finish_next(directory);
}

/* Products are immutable: the same pointer is the same product. Both tables are sorted. */
struct product **show_directory_changed_products(const struct show_directory *before,
                                                 const struct show_directory *now,
                                                 size_t *ret_n)
{
    struct product **changed = alloc_array(now->n_products + 1, sizeof *changed);
    size_t n = 0;
    size_t old = 0;
    for (size_t i = 0; i < now->n_products; i++) {
        struct product *product = now->products[i];
        while (old < before->n_products && before->products[old] != product &&
               strcmp(before->products[old]->sku, product->sku) < 0)
            old++;
        if (old < before->n_products && before->products[old] == product)
            old++;
        else
            changed[n++] = product;
    }
    *ret_n = n;
    return changed;
}

size_t show_directory_run_sheet(const struct show_directory *directory,
                                const struct show_record *record, struct product **ret,
                                size_t max)
{
    size_t n = 0;
    if (!record->row.run_sheet) {
        for (; n < directory->n_products && n < max; n++)
            ret[n] = directory->products[n];
        return n;
    }
    struct bytes rest = bytes_text(record->row.run_sheet);
    struct bytes sku;
    while (n < max && bytes_cut(&rest, ',', &sku)) {
        struct product *product = show_directory_find_product(directory, sku);
        if (product)
            ret[n++] = product;
    }
    return n;
}
