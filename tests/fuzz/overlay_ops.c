/* Any sequence of calls on one overlay. The input is a list of operations of four bytes:
 * what, which card, which product and a time. Whatever the order: time and q never go
 * back, limits hold, what is announced can be loaded again. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "overlay/catalogue/product.h"
#include "overlay/overlay.h"

enum { N_PRODUCTS = 4, KEPT_MAX = 4096, OPS_MAX = 512, OP_SIZE = 4 };

static const int64_t ANCHOR_MS = 1795334400000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trial {
    struct overlay *overlay;
    struct product *products[N_PRODUCTS];
    struct overlay_clock clock;
    struct overlay_entry kept[KEPT_MAX];
    uint32_t last_q;
    int64_t last_time;
};

static void price(struct trial *trial, size_t i, int minor)
{
    char json[128];
    int len = snprintf(json, sizeof json,
                       "{\"title\":\"<%zu>\",\"url\":\"/%zu\",\"price_minor\":%d,"
                       "\"currency\":\"EUR\"}",
                       i, i, minor);
    char sku[] = {'P', (char)('0' + (int)i), '\0'};
    struct product *product = NULL;
    require(catalogue_product_parse(bytes_make(json, (size_t)len), bytes_text(sku),
                                    &product, NULL) == 0);
    catalogue_product_unref(trial->products[i]);
    trial->products[i] = product;
}

static void request(struct trial *trial, const uint8_t *op)
{
    static const char *const cards[] = {NULL, "c1", "c2", "x", "y", "z", "", "a b"};
    struct overlay_request wanted = {
        .kind = (enum overlay_kind)(op[0] % 3),
        .card = cards[op[1] % 8],
        .product = op[2] % 8 < N_PRODUCTS ? trial->products[op[2] % 8] : NULL,
        .now = op[2] & 0x80,
        .time = trial->clock.newest_time + (op[3] - 64) * 9000,
        .for_ms = op[2] & 0x40 ? op[3] * 100 : 0,
    };
    struct overlay_result result = {.late_ms = -1};
    struct err err = {0};
    int failed = overlay_request(trial->overlay, &wanted, trial->clock, &result, &err);
    require(failed ? err.text[0] != '\0'
                   : result.card[0] != '\0' && result.late_ms >= 0);
}

static void air(struct trial *trial, const uint8_t *op)
{
    int64_t start = trial->clock.open_time;
    int64_t end = start + (op[3] + 1) * 900;
    struct overlay_marker markers[OVERLAY_MARKERS_MAX];
    size_t n = overlay_air(trial->overlay, start, end, op[1] & 1, markers);
    int64_t before = start;
    for (size_t i = 0; i < n; i++) {
        require(markers[i].time >= before && markers[i].time < end);
        before = markers[i].time;
        require(buf_bytes(markers[i].box).len <= OVERLAY_CUE_MAX + 106);
        buf_unref(markers[i].box);
    }
    trial->clock.open_time = end;
    if (trial->clock.newest_time < end)
        trial->clock.newest_time = end;
}

static void look(const struct trial *trial, const uint8_t *op)
{
    struct overlay_range ranges[OVERLAY_RANGES_MAX];
    size_t n =
        overlay_ranges(trial->overlay, trial->clock.open_time - op[3] * 9000, ranges);
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        require(ranges[i].start < ranges[i].end);
        require((ranges[i].end == OVERLAY_OPEN) == !ranges[i].line_closed);
        size +=
            buf_bytes(ranges[i].line_closed ? ranges[i].line_closed : ranges[i].line)
                .len;
        buf_unref(ranges[i].line);
        buf_unref(ranges[i].line_closed);
    }
    require(size <= 6144);
    struct builder out;
    builder_init(&out, 1 << 22);
    overlay_print_state(trial->overlay, trial->clock.open_time - op[3] * 9000, &out);
    overlay_print_journal(trial->overlay, op[2], &out);
    require(!builder_failed(&out) && bytes_is_utf8(builder_bytes(&out)));
    builder_finish(&out);
}

static void keep(struct trial *trial)
{
    struct overlay_entry entry;
    while (overlay_next(trial->overlay, &entry)) {
        if (entry.q > 0) {
            require(entry.q == trial->last_q + 1 && entry.time >= trial->last_time);
            trial->last_q = entry.q;
            trial->last_time = entry.time;
        }
        require(entry.id > 0 && entry.id <= KEPT_MAX);
        overlay_entry_finish(&trial->kept[entry.id - 1]);
        trial->kept[entry.id - 1] = entry;
    }
    require(trial->last_q == overlay_last_q(trial->overlay));
}

static char *journal_of(const struct overlay *overlay)
{
    struct builder out;
    builder_init(&out, 1 << 22);
    overlay_print_state(overlay, INT64_MAX / 2, &out);
    overlay_print_journal(overlay, 0, &out);
    char *text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return text;
}

static void load(struct trial *trial)
{
    struct overlay *again = overlay_create("7Qm2", ANCHOR_MS);
    for (size_t i = 0; i < KEPT_MAX; i++) {
        if (trial->kept[i].id)
            require(overlay_load(again, &trial->kept[i], NULL) == 0);
        overlay_entry_finish(&trial->kept[i]);
    }
    char *a = journal_of(trial->overlay);
    char *b = journal_of(again);
    require(strcmp(a, b) == 0);
    alloc_free(a);
    alloc_free(b);
    overlay_destroy(again);
}

static void step(struct trial *trial, const uint8_t *op)
{
    static const char *const cards[] = {"c1", "c2", "x", "no such"};
    struct overlay_result result;
    switch (op[0] % 10) {
    case 0:
        (void)overlay_remove(trial->overlay, cards[op[1] % 4], trial->clock, &result,
                             NULL);
        break;
    case 1:
        price(trial, op[2] % N_PRODUCTS, op[3]);
        overlay_product_changed(trial->overlay, trial->products[op[2] % N_PRODUCTS],
                                trial->clock);
        break;
    case 2:
    case 3:
        air(trial, op);
        break;
    case 4:
        look(trial, op);
        break;
    case 5:
        trial->clock.live = op[1] & 1;
        trial->clock.newest_time += op[3] * 900;
        break;
    case 6:
        keep(trial);
        break;
    default:
        request(trial, op);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trial *trial = alloc_zero(sizeof *trial);
    trial->overlay = overlay_create("7Qm2", ANCHOR_MS);
    for (size_t i = 0; i < N_PRODUCTS; i++)
        price(trial, i, 100);
    for (size_t at = 0; at + OP_SIZE <= size && at < OPS_MAX * OP_SIZE; at += OP_SIZE)
        step(trial, data + at);
    keep(trial);
    load(trial);
    overlay_destroy(trial->overlay);
    for (size_t i = 0; i < N_PRODUCTS; i++)
        catalogue_product_unref(trial->products[i]);
    alloc_free(trial);
    return 0;
}
