#include "overlay/catalogue/product.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/json.h"
#include "core/list.h"
#include "core/refs.h"
#include "core/require.h"
#include "overlay/catalogue/currency.h"
#include "overlay/catalogue/field.h"
#include "overlay/catalogue/link.h"
#include "overlay/catalogue/title.h"

static const int64_t PRICE_MAX = 1000000000000; /* 10^12 minor units: no real price is
                                                   longer, and sums stay far from 2^53 */
static const int64_t STOCK_MAX = 1000000000;

/* The counter stays out of what others see. */
struct counted_product {
    struct refs refs;
    struct product product;
};

static struct product *create(void)
{
    struct counted_product *counted = alloc_zero(sizeof *counted);
    refs_init(&counted->refs);
    counted->product.list_price_minor = PRODUCT_NO_PRICE;
    counted->product.stock = PRODUCT_NO_STOCK;
    return &counted->product;
}

struct product *catalogue_product_ref(struct product *product)
{
    if (product)
        refs_add(&container_of(product, struct counted_product, product)->refs);
    return product;
}

void catalogue_product_unref(struct product *product)
{
    if (!product)
        return;
    struct counted_product *counted =
        container_of(product, struct counted_product, product);
    if (!refs_drop(&counted->refs))
        return;
    alloc_free(product->title);
    alloc_free(product->url);
    alloc_free(product->image);
    alloc_free(counted);
}

static bool is_sku(struct bytes sku)
{
    if (sku.len == 0 || sku.len > PRODUCT_SKU_MAX || bytes_equal_text(sku, ".") ||
        bytes_equal_text(sku, ".."))
        return false;
    for (size_t i = 0; i < sku.len; i++) {
        uint8_t c = sku.data[i]; /* NOLINT: without data, len is 0 */
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static int parse_sku(const json_t *object, struct bytes sku, struct product *product,
                     struct err *err)
{
    const json_t *value = json_object_get(object, "sku");
    if (!sku.data && json_is_string(value))
        sku = bytes_make(json_string_value(value), json_string_length(value));
    if (!is_sku(sku))
        return err_set(err, ERR_INVALID,
                       "sku: must be 1 to %d letters, digits, dots, dashes or "
                       "underscores",
                       PRODUCT_SKU_MAX);
    memcpy(product->sku, sku.data, sku.len);
    if (!value)
        return 0;
    if (!json_is_string(value) ||
        !bytes_equal(bytes_make(json_string_value(value), json_string_length(value)),
                     sku))
        return err_set(err, ERR_INVALID,
                       "sku: must be the same as in the address, \"%s\", or left out",
                       product->sku);
    return 0;
}

/* NULL with words in err when the field is missing or no text. */
static const char *find_text(const json_t *object, const char *name, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value) {
        (void)err_set(err, ERR_INVALID, "%s: is missing", name);
        return NULL;
    }
    if (!json_is_string(value)) {
        (void)err_set(err, ERR_INVALID, "%s: must be a text", name);
        return NULL;
    }
    return json_string_value(value);
}

static bool is_absent(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return !value || json_is_null(value);
}

static int parse_title(const json_t *object, struct product *product, struct err *err)
{
    const char *text = find_text(object, "title", err);
    if (!text)
        return -ERR_INVALID;
    product->title = catalogue_title_clean(bytes_text(text));
    size_t n = catalogue_title_count(product->title);
    if (n == 0)
        return err_set(err, ERR_INVALID, "title: must not be empty");
    if (n > PRODUCT_TITLE_MAX)
        return err_set(err, ERR_INVALID,
                       "title: must be %d characters at most, these are %zu",
                       PRODUCT_TITLE_MAX, n);
    return 0;
}

static int parse_link(const json_t *object, const char *name, char **ret_link,
                      struct err *err)
{
    const char *text = find_text(object, name, err);
    if (!text)
        return -ERR_INVALID;
    const char *fault = catalogue_link_fault(bytes_text(text));
    if (fault)
        return err_set(err, ERR_INVALID, "%s: %s", name, fault);
    *ret_link = alloc_text(text);
    return 0;
}

static int parse_whole(const json_t *object, const char *name, int64_t max,
                       const char *what, int64_t *ret, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return err_set(err, ERR_INVALID, "%s: is missing", name);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return err_set(err, ERR_INVALID, "%s: must be a whole number%s, 0 or more",
                       name, what);
    if (json_integer_value(value) > max)
        return err_set(err, ERR_INVALID, "%s: must be %" PRId64 " at most", name, max);
    *ret = json_integer_value(value);
    return 0;
}

static int parse_price(const json_t *object, const char *name, int64_t *ret,
                       struct err *err)
{
    return parse_whole(object, name, PRICE_MAX, " of minor units (cents)", ret, err);
}

static int parse_currency(const json_t *object, struct product *product,
                          struct err *err)
{
    const char *text = find_text(object, "currency", err);
    if (!text)
        return -ERR_INVALID;
    if (!catalogue_currency_is_known(bytes_text(text)))
        return err_set(
            err, ERR_INVALID,
            "currency: must be an ISO 4217 code in capital letters, like EUR");
    memcpy(product->currency, text, sizeof product->currency);
    return 0;
}

static int parse_fields(json_t *object, struct bytes sku, struct product *product,
                        struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        int failed = catalogue_field_check(name, err);
        if (failed)
            return failed;
    }
    int failed = parse_sku(object, sku, product, err);
    if (!failed)
        failed = parse_title(object, product, err);
    if (!failed)
        failed = parse_link(object, "url", &product->url, err);
    if (!failed && !is_absent(object, "image"))
        failed = parse_link(object, "image", &product->image, err);
    if (!failed)
        failed = parse_price(object, "price_minor", &product->price_minor, err);
    if (!failed && !is_absent(object, "list_price_minor"))
        failed =
            parse_price(object, "list_price_minor", &product->list_price_minor, err);
    if (!failed)
        failed = parse_currency(object, product, err);
    if (!failed && !is_absent(object, "stock"))
        failed = parse_whole(object, "stock", STOCK_MAX, "", &product->stock, err);
    return failed;
}

int catalogue_product_parse(struct bytes json, struct bytes sku,
                            struct product **ret_product, struct err *err)
{
    if (json.len > PRODUCT_BODY_MAX)
        return err_set(err, ERR_INVALID, "the product must be %d bytes of JSON at most",
                       PRODUCT_BODY_MAX);
    json_error_t fault;
    json_t *object = json_loadb(json.data ? (const char *)json.data : "", json.len,
                                JSON_REJECT_DUPLICATES, &fault);
    if (!object)
        return err_set(err, ERR_INVALID,
                       "the product is not valid JSON (line %d, column %d)", fault.line,
                       fault.column);
    struct product *product = create();
    int failed = json_is_object(object)
                     ? parse_fields(object, sku, product, err)
                     : err_set(err, ERR_INVALID, "the product must be a JSON object");
    json_decref(object);
    if (failed) {
        catalogue_product_unref(product);
        return failed;
    }
    *ret_product = product;
    return 0;
}

static void put_text(struct builder *out, const char *name, const char *text)
{
    builder_printf(out, ",\"%s\":", name);
    json_put_text(out, text);
}

static void put_number(struct builder *out, const char *name, int64_t number)
{
    builder_printf(out, ",\"%s\":%" PRId64, name, number);
}

struct buf *catalogue_product_print(const struct product *product)
{
    struct builder out;
    builder_init(&out, PRODUCT_BODY_MAX);
    builder_text(&out, "{\"sku\":");
    json_put_text(&out, product->sku);
    put_text(&out, "title", product->title);
    put_text(&out, "url", product->url);
    if (product->image)
        put_text(&out, "image", product->image);
    put_number(&out, "price_minor", product->price_minor);
    if (product->list_price_minor != PRODUCT_NO_PRICE)
        put_number(&out, "list_price_minor", product->list_price_minor);
    put_text(&out, "currency", product->currency);
    if (product->stock != PRODUCT_NO_STOCK)
        put_number(&out, "stock", product->stock);
    builder_text(&out, "}");
    struct buf *json = builder_take(&out);
    require(json); /* the longest product is far below the limit */
    builder_finish(&out);
    return json;
}
