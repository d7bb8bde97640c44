/* A product from any bytes: what is taken is within its limits, comes out again as the
 * same product, and makes cues that stay within theirs. */
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/require.h"
#include "overlay/catalogue/product.h"
#include "overlay/cue/text.h"
#include "overlay/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t max)
{
    struct bytes bytes = bytes_text(text);
    require(bytes.len > 0 && bytes.len <= max && bytes_is_utf8(bytes));
    for (size_t i = 0; i < bytes.len; i++)
        require(bytes.data[i] >= 0x20 && bytes.data[i] != 0x7f);
}

static void check_link(const char *link)
{
    check_text(link, PRODUCT_URL_MAX);
    require(!strpbrk(link, "\"'`\\<> "));
    require(strncasecmp(link, "https://", 8) == 0 ||
            strncasecmp(link, "http://", 7) == 0 || (link[0] == '/' && link[1] != '/'));
}

static void check_cues(struct product *product)
{
    const struct cue_text_show show = {"token-of-16bytes", 1795334400000};
    struct cue_entry entry = {
        .kind = CUE_SHOW,
        .q = UINT32_MAX,
        .card = "card-with-name16",
        .revision = 65535,
        .expires = 90 * INT64_C(86400000),
        .item = overlay_state_item(product),
    };
    struct cue_board board = {CUE_CARDS_MAX, {&entry, &entry, &entry, &entry}};
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_delta(&out, &show, &entry);
    require(!builder_failed(&out) && bytes_is_utf8(builder_bytes(&out)));
    builder_clear(&out);
    cue_text_range(&out, &show, &entry);
    require(!builder_failed(&out));
    builder_clear(&out);
    cue_text_snapshot(&out, &show, &board, UINT32_MAX, 0);
    require(!builder_failed(&out));
    builder_finish(&out);
}

static void check_again(const struct product *product)
{
    struct buf *json = catalogue_product_print(product);
    struct product *again = NULL;
    require(catalogue_product_parse(buf_bytes(json), bytes_text(product->sku), &again,
                                    NULL) == 0);
    struct buf *json_again = catalogue_product_print(again);
    require(bytes_equal(buf_bytes(json), buf_bytes(json_again)));
    catalogue_product_unref(again);
    buf_unref(json_again);
    buf_unref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct product *product = NULL;
    if (catalogue_product_parse(bytes_make(data, size), bytes_text("SKU-1"), &product,
                                NULL))
        return 0;
    check_text(product->title, 4 * (size_t)PRODUCT_TITLE_MAX);
    check_link(product->url);
    if (product->image)
        check_link(product->image);
    require(product->price_minor >= 0 && strlen(product->currency) == 3);
    check_again(product);
    check_cues(product);
    catalogue_product_unref(product);
    return 0;
}
