#include "server/show/registry.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "overlay/overlay.h"

/* Entries that are being put back, before the first share. */
struct loading {
    void **entries;
    size_t n, cap;
};

struct show_registry {
    struct show_hub *hub;
    struct loading shows, products;
};

struct show_registry *show_registry_create(struct show_hub *hub)
{
    struct show_registry *registry = alloc_zero(sizeof *registry);
    registry->hub = hub;
    return registry;
}

static void finish_loading(struct show_registry *registry)
{
    for (size_t i = 0; i < registry->shows.n; i++)
        show_record_unref(registry->shows.entries[i]);
    for (size_t i = 0; i < registry->products.n; i++)
        catalogue_product_unref(registry->products.entries[i]);
    alloc_free(registry->shows.entries);
    alloc_free(registry->products.entries);
    registry->shows = registry->products = (struct loading){0};
}

void show_registry_destroy(struct show_registry *registry)
{
    if (!registry)
        return;
    finish_loading(registry);
    alloc_free(registry);
}

/* Takes the entry. */
static void load(struct loading *loading, void *entry)
{
    if (loading->n == loading->cap) {
        loading->cap = loading->cap ? 2 * loading->cap : 64;
        loading->entries =
            alloc_resize(loading->entries, loading->cap * sizeof *loading->entries);
    }
    loading->entries[loading->n++] = entry;
}

void show_registry_load_show(struct show_registry *registry,
                             const struct store_show *row)
{
    load(&registry->shows, show_record_create(row));
}

int show_registry_load_product(struct show_registry *registry, const char *sku,
                               const char *json, struct err *err)
{
    struct product *product;
    int failed =
        catalogue_product_parse(bytes_text(json), bytes_text(sku), &product, err);
    if (!failed)
        load(&registry->products, product);
    return failed;
}

/* A change that somebody waits for. What was not kept must not be in force: after a
 * restart it would be gone. */
struct pending {
    struct show_registry *registry;
    show_registry_done_fn done;
    void *ctx;
    /* The entry that was changed, before and after; NULL: there is none. */
    struct show_record *show, *show_before;
    struct product *product, *product_before;
};

/* Takes next. */
static void share(struct show_registry *registry, struct show_directory *next)
{
    counter_set(&registry->hub->house->metrics->shows, (int64_t)next->n_shows);
    show_hub_share_directory(registry->hub, next);
    show_directory_unref(next);
}

void show_registry_share(struct show_registry *registry)
{
    share(registry,
          show_directory_create_of((struct show_record *const *)registry->shows.entries,
                                   registry->shows.n,
                                   (struct product *const *)registry->products.entries,
                                   registry->products.n));
    finish_loading(registry);
}

static void undo_show(const struct pending *pending)
{
    const struct show_directory *now = pending->registry->hub->directory;
    struct show_record *before = pending->show_before;
    struct bytes id = bytes_text((before ? before : pending->show)->row.id);
    if (show_directory_find_show(now, id) != pending->show)
        return; /* a later change stands, and has its own answer */
    share(pending->registry, before ? show_directory_with_show(now, before)
                                    : show_directory_without_show(now, id));
}

static void undo_product(const struct pending *pending)
{
    const struct show_directory *now = pending->registry->hub->directory;
    struct product *before = pending->product_before;
    struct bytes sku = bytes_text((before ? before : pending->product)->sku);
    if (show_directory_find_product(now, sku) != pending->product)
        return;
    share(pending->registry, before ? show_directory_with_product(now, before)
                                    : show_directory_without_product(now, sku));
}

static void undo(const struct pending *pending)
{
    if (pending->show || pending->show_before)
        undo_show(pending);
    if (pending->product || pending->product_before)
        undo_product(pending);
}

static void on_committed(struct store_change *change, int error, const struct err *err)
{
    struct pending *pending = change->ctx;
    if (error)
        undo(pending);
    pending->done(pending->ctx, error, err);
    show_record_unref(pending->show);
    show_record_unref(pending->show_before);
    catalogue_product_unref(pending->product);
    catalogue_product_unref(pending->product_before);
    alloc_free(pending);
    store_change_destroy(change);
}

/* Takes the change and the directory that has it; pending's entries are borrowed. It goes
 * to the store first: the directory that is replaced holds the entry before. */
static void submit(struct show_registry *registry, struct store_change *change,
                   const struct pending *pending, struct show_directory *next)
{
    if (pending->done) {
        struct pending *kept = alloc_zero(sizeof *kept);
        *kept = *pending;
        kept->registry = registry;
        (void)show_record_ref(kept->show);
        (void)show_record_ref(kept->show_before);
        (void)catalogue_product_ref(kept->product);
        (void)catalogue_product_ref(kept->product_before);
        change->ctx = kept;
        change->done = on_committed;
        change->loop = registry->hub->loop;
    }
    store_submit(registry->hub->house->store, change);
    share(registry, next);
}

void show_registry_put_show(struct show_registry *registry, struct show_record *record,
                            show_registry_done_fn done, void *ctx)
{
    struct show_directory *now = registry->hub->directory;
    struct pending pending = {.done = done, .ctx = ctx, .show = record};
    pending.show_before = show_directory_find_show(now, bytes_text(record->row.id));
    submit(registry, show_record_change(record), &pending,
           show_directory_with_show(now, record));
}

void show_registry_delete_show(struct show_registry *registry, struct bytes id,
                               show_registry_done_fn done, void *ctx)
{
    struct show_directory *now = registry->hub->directory;
    struct pending pending = {.done = done, .ctx = ctx};
    pending.show_before = show_directory_find_show(now, id);
    struct store_change *change = store_change_create(STORE_SHOW_DELETE);
    change->show.id = bytes_to_text(id);
    submit(registry, change, &pending, show_directory_without_show(now, id));
}

void show_registry_put_product(struct show_registry *registry, struct product *product,
                               show_registry_done_fn done, void *ctx)
{
    struct show_directory *now = registry->hub->directory;
    struct pending pending = {.done = done, .ctx = ctx, .product = product};
    pending.product_before = show_directory_find_product(now, bytes_text(product->sku));
    struct store_change *change = store_change_create(STORE_PRODUCT_PUT);
    struct buf *json = catalogue_product_print(product);
    change->product.sku = alloc_text(product->sku);
    change->product.json = bytes_to_text(buf_bytes(json));
    buf_unref(json);
    submit(registry, change, &pending, show_directory_with_product(now, product));
}

void show_registry_delete_product(struct show_registry *registry, struct bytes sku,
                                  show_registry_done_fn done, void *ctx)
{
    struct show_directory *now = registry->hub->directory;
    struct pending pending = {.done = done, .ctx = ctx};
    pending.product_before = show_directory_find_product(now, sku);
    struct store_change *change = store_change_create(STORE_PRODUCT_DELETE);
    change->product.sku = bytes_to_text(sku);
    submit(registry, change, &pending, show_directory_without_product(now, sku));
}

enum keep_what { KEEP_PACKAGING, KEEP_END_OF_RUN, KEEP_END_OF_REHEARSAL };

struct keep_message {
    struct loop_message message;
    struct show_house *house;
    char id[SHOW_ID_MAX + 1];
    char token[OVERLAY_TOKEN_MAX + 1];
    enum keep_what what;
    struct show_packaging packaging; /* of KEEP_PACKAGING */
};

static void set_packaging(struct store_show *row,
                          const struct show_packaging *packaging)
{
    row->part_target_ms = packaging->constants.part_target_ms;
    row->target_duration_s = packaging->constants.target_duration_s;
    row->wall_anchor_ms = packaging->constants.wall_anchor_ms;
    row->next_msn = packaging->next_msn;
    row->next_discontinuity = packaging->next_discontinuity;
    row->ended_ms = packaging->ended_ms;
    row->live_since_ms = packaging->live_since_ms;
}

/* Never one that was: clocks are set back. */
static int64_t next_run(int64_t run, int64_t wall_ms)
{
    return wall_ms > run ? wall_ms : run + 1;
}

static void run_keep(struct loop_message *base, struct loop *loop)
{
    struct keep_message *message = container_of(base, struct keep_message, message);
    struct show_registry *registry = message->house->registry;
    struct show_record *record =
        show_directory_find_show(registry->hub->directory, bytes_text(message->id));
    /* A show that was deleted and made again under its id is another one. */
    if (record && bytes_equal_text(bytes_text(record->row.token), message->token)) {
        struct store_show row = record->row;
        switch (message->what) {
        case KEEP_PACKAGING:
            set_packaging(&row, &message->packaging);
            break;
        case KEEP_END_OF_RUN:
            row.run = next_run(row.run, loop_wall_ms(loop));
            break;
        case KEEP_END_OF_REHEARSAL:
            row.rehearsal = false;
            break;
        }
        struct show_record *next = show_record_create(&row);
        show_registry_put_show(registry, next, NULL, NULL);
        show_record_unref(next);
    }
    alloc_free(message);
}

static struct keep_message *make_keep(struct show_house *house,
                                      const struct show_record *record)
{
    struct keep_message *message = alloc_zero(sizeof *message);
    message->message.run = run_keep;
    message->house = house;
    (void)snprintf(message->id, sizeof message->id, "%s", record->row.id);
    (void)snprintf(message->token, sizeof message->token, "%s", record->row.token);
    return message;
}

void show_registry_keep(struct show_house *house, const struct show_record *record,
                        struct show_packaging packaging)
{
    struct keep_message *message = make_keep(house, record);
    message->packaging = packaging;
    loop_post(house->hubs[0]->loop, &message->message);
}

void show_registry_end_run(struct show_house *house, const struct show_record *record)
{
    struct keep_message *message = make_keep(house, record);
    message->what = KEEP_END_OF_RUN;
    loop_post(house->hubs[0]->loop, &message->message);
}

void show_registry_end_rehearsal(struct show_house *house,
                                 const struct show_record *record)
{
    struct keep_message *message = make_keep(house, record);
    message->what = KEEP_END_OF_REHEARSAL;
    loop_post(house->hubs[0]->loop, &message->message);
}
