/* A data message of an encoder, from any bytes: the first one says which name it has, the
 * rest are its values. What comes of it as a wish is complete and within its limits; what
 * is refused says why. */
#include <string.h>

#include "core/err.h"
#include "core/require.h"
#include "server/show/cue_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_wish(const struct cue_wish *wish)
{
    size_t card = strnlen(wish->card, sizeof wish->card);
    size_t sku = strnlen(wish->sku, sizeof wish->sku);
    require(wish->has_kind && card < sizeof wish->card && sku < sizeof wish->sku);
    require(card == 0 || cue_entry_is_name(bytes_text(wish->card)));
    require(wish->kind != CUE_SHOW || sku > 0);
    require(card > 0 || sku > 0);
    for (size_t i = 0; i < sku; i++)
        require(wish->sku[i] > ' ' && wish->sku[i] <= 'z');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"onTextData", "onCuePoint", "onProductCue",
                                        "onShopEvent"};
    struct cue_wish wish;
    struct err err = {0};
    if (size == 0)
        return 0;
    const char *name = names[data[0] % (sizeof names / sizeof names[0])];
    memset(&wish, 0xa5, sizeof wish);
    switch (show_cue_in_read(name, bytes_make(data + 1, size - 1), &wish, &err)) {
    case CUE_IN_WISH:
        check_wish(&wish);
        break;
    case CUE_IN_WRONG:
        require(err.text[0] != '\0' && strlen(err.text) < ERR_TEXT_MAX);
        break;
    case CUE_IN_OTHER:
    case CUE_IN_AD:
        break;
    }
    return 0;
}
