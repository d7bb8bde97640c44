/* A product as the shop keeps it. Immutable once made; a change makes a new one.
 * Money is minor units (cents) with an ISO 4217 code; never floating point.
 *
 * Ownership: counted. Threads: ref and unref from any thread. */
#ifndef CATALOGUE_PRODUCT_H
#define CATALOGUE_PRODUCT_H

#include "core/bytes.h"

struct buf;
struct err;

enum {
    PRODUCT_SKU_MAX = 64,    /* bytes; [A-Za-z0-9._-] */
    PRODUCT_TITLE_MAX = 80,  /* characters; what fits two lines of a card */
    PRODUCT_URL_MAX = 200,   /* bytes; a cue stays below 1,000 */
    PRODUCT_BODY_MAX = 4096, /* bytes of the JSON that describes one */
};

#define PRODUCT_NO_PRICE INT64_MIN
#define PRODUCT_NO_STOCK INT64_MIN

struct product {
    char sku[PRODUCT_SKU_MAX + 1];
    char *title;              /* UTF-8, control and bidi override characters removed */
    char *url;                /* https:, http: or an absolute path of the same origin */
    char *image;              /* alike, or NULL */
    int64_t price_minor;      /* >= 0 */
    int64_t list_price_minor; /* PRODUCT_NO_PRICE: none */
    int64_t stock;            /* PRODUCT_NO_STOCK: not shown; 0: sold out */
    char currency[4];         /* ISO 4217, upper case */
};

/* From the JSON object of the API: {sku?, title, url, image?, price_minor,
 * list_price_minor?, currency, stock?}; sku must equal the given one when present. Without
 * a given one (data NULL) the object's own counts, as print() gives it. ERR_INVALID names the field: unknown fields, wrong types and ranges are refused. */
int catalogue_product_parse(struct bytes json, struct bytes sku,
                            struct product **ret_product, struct err *err);
struct product *catalogue_product_ref(struct product *product);
void catalogue_product_unref(struct product *product); /* NULL: nothing */

/* JSON object as the API gives it. A new buf. */
struct buf *catalogue_product_print(const struct product *product);

#endif
