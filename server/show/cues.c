#include "server/show/cues.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "server/loop/loop.h"
#include "server/show/state.h"

static struct store_change *change_of(const struct show *show,
                                      const struct overlay_entry *entry)
{
    struct store_change *change = store_change_create(STORE_CUE_PUT);
    struct buf *product =
        entry->product ? catalogue_product_print(entry->product) : NULL;
    change->cue = (struct store_cue){
        .show = alloc_text(show->record->row.id),
        .id = entry->id,
        .q = entry->q,
        .cancelled = entry->cancelled,
        .kind = (int)entry->kind,
        .card = alloc_text(entry->card),
        .revision = entry->revision,
        .time = entry->time,
        .expires_ms = entry->expires_ms,
        .product = product ? bytes_to_text(buf_bytes(product)) : NULL,
    };
    buf_unref(product);
    return change;
}

struct waiting {
    show_cues_kept_fn kept;
    void *ctx;
    uint64_t n_failures; /* of the store, when it was asked for */
};

static void on_committed(struct store_change *change, int error, const struct err *err)
{
    struct waiting *waiting = change->ctx;
    struct err lost;
    if (!error && change->n_failures != waiting->n_failures) {
        error = err_set(&lost, ERR_IO,
                        "The cue was sent to viewers but could not be kept.");
        err = &lost;
    }
    waiting->kept(waiting->ctx, error, err);
    alloc_free(waiting);
    store_change_destroy(change);
}

static void tell(struct show *show, const struct overlay_entry *entry)
{
    if (entry->q == 0 || entry->cancelled)
        return;
    struct buf *event = show_state_cue_event(show, entry);
    show_hub_share_view(show->hub, show->record->row.id, NULL, event);
    buf_unref(event);
    counter_add(&show->hub->house->metrics->cues_total, 1);
}

void show_cues_flush(struct show *show)
{
    struct overlay_entry entry;
    while (overlay_next(show->overlay, &entry)) {
        if (!show->rehearses)
            store_submit(show->hub->house->store, change_of(show, &entry));
        tell(show, &entry);
        overlay_entry_finish(&entry);
    }
}

void show_cues_sync(struct show *show, uint64_t failures_before, show_cues_kept_fn kept,
                    void *ctx)
{
    struct store_change *change = store_change_create(STORE_SYNC);
    struct waiting *waiting = alloc_zero(sizeof *waiting);
    waiting->kept = kept;
    waiting->ctx = ctx;
    waiting->n_failures = failures_before;
    change->ctx = waiting;
    change->done = on_committed;
    change->loop = show->hub->loop;
    store_submit(show->hub->house->store, change);
}

/* In 90 kHz on the show's axis. */
static int64_t wanted_time(const struct show *show,
                           const struct show_cues_request *request,
                           struct overlay_clock clock)
{
    switch (request->when) {
    case SHOW_CUES_NOW:
        return clock.newest_time;
    case SHOW_CUES_IN_MS:
        return clock.newest_time + request->at_ms * 90;
    case SHOW_CUES_WALL_MS:
        return (request->at_ms - show_get_anchor_ms(show)) * 90;
    case SHOW_CUES_MEDIA_MS:
        return request->at_ms * 90;
    }
    return clock.newest_time;
}

static void count_late(struct show *show, const struct overlay_result *result)
{
    if (result->late_ms > 0)
        counter_add(&show->hub->house->metrics->cues_late_total, 1);
}

static int take_from_budget(struct show *show, struct err *err)
{
    if (show_budget_take(&show->budget, loop_now_ms(show->hub->loop)))
        return 0;
    return err_set(err, ERR_LIMIT,
                   "Too many cues: %d a second, %d at once. Try again in a second.",
                   BUDGET_PER_SECOND, BUDGET_BURST);
}

int show_cues_add(struct show *show, const struct show_cues_request *request,
                  struct overlay_result *ret, struct err *err)
{
    struct overlay_clock clock = show_get_clock(show);
    struct product *product = NULL;
    int failed = take_from_budget(show, err);
    if (failed)
        return failed;
    if (request->sku) {
        product =
            show_directory_find_product(show->hub->directory, bytes_text(request->sku));
        if (!product)
            return err_set(err, ERR_NOT_FOUND, "sku: there is no product \"%.64s\"",
                           request->sku);
    }
    if (request->when != SHOW_CUES_NOW && request->when != SHOW_CUES_MEDIA_MS &&
        !clock.live)
        return err_set(err, ERR_CONFLICT,
                       "The show is off air: a cue can be timed when media flows.");
    struct overlay_request wanted = {
        .kind = request->kind,
        .card = request->card,
        .product = product,
        .now = request->when == SHOW_CUES_NOW,
        .time = wanted_time(show, request, clock),
        .for_ms = request->for_ms,
    };
    failed = overlay_request(show->overlay, &wanted, clock, ret, err);
    if (failed)
        return failed;
    count_late(show, ret);
    show_cues_flush(show);
    return 0;
}

int show_cues_remove(struct show *show, const char *card, struct overlay_result *ret,
                     struct err *err)
{
    int failed = take_from_budget(show, err);
    if (!failed)
        failed = overlay_remove(show->overlay, card, show_get_clock(show), ret, err);
    if (failed)
        return failed;
    show_cues_flush(show);
    return 0;
}

int show_cues_load(struct show *show, const struct store_cue *cue, struct err *err)
{
    struct overlay_entry entry = {
        .id = cue->id,
        .q = cue->q,
        .cancelled = cue->cancelled,
        .kind = (enum overlay_kind)cue->kind,
        .revision = cue->revision,
        .time = cue->time,
        .expires_ms = cue->expires_ms,
    };
    (void)snprintf(entry.card, sizeof entry.card, "%s", cue->card);
    if (cue->product) {
        int failed = catalogue_product_parse(bytes_text(cue->product),
                                             bytes_make(NULL, 0), &entry.product, err);
        if (failed)
            return failed;
    }
    int failed = overlay_load(show->overlay, &entry, err);
    catalogue_product_unref(entry.product);
    return failed;
}
