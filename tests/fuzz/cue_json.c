/* The JSON that asks for a cue, from any bytes: what is taken is within its limits and
 * says all that its kind needs; what is refused says why. */
#include <string.h>

#include "core/err.h"
#include "core/require.h"
#include "server/api/cue_body.h"
#include "server/show/cues.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DAY_MS = 24 * 3600 * 1000, CHARACTER_MAX = 4 /* bytes in UTF-8 */ };

static void check_name(const char *name, size_t max)
{
    struct bytes text = bytes_text(name);
    require(text.len <= max * CHARACTER_MAX && bytes_is_utf8(text));
    for (size_t i = 0; i < text.len; i++)
        require(text.data[i] >= 0x20 && text.data[i] != 0x7f);
}

static void check_request(const struct show_cues_request *request)
{
    require(request->kind == OVERLAY_SHOW || request->card);
    require(request->kind != OVERLAY_SHOW || request->sku);
    require(request->for_ms >= 0 && request->for_ms <= DAY_MS);
    require(request->at_ms >= 0 && request->at_ms <= INT64_MAX / 1000);
    require(request->when != SHOW_CUES_IN_MS || request->at_ms <= DAY_MS);
    if (request->card)
        check_name(request->card, OVERLAY_CARD_MAX);
    if (request->sku)
        check_name(request->sku, PRODUCT_SKU_MAX);
}

static void check_refusal(int code, const struct err *err)
{
    require(code == -ERR_PROTO || code == -ERR_INVALID);
    require(err->code == (enum err_code) - code && err->text[0] != '\0');
    require(strlen(err->text) < ERR_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *body = NULL;
    struct show_cues_request request;
    struct err err;
    int code = api_cue_body_read(bytes_make(data, size), &body, &err);
    if (!code)
        code = api_cue_body_take(body, &request, &err);
    if (code)
        check_refusal(code, &err);
    else
        check_request(&request);
    json_decref(body);
    return 0;
}
