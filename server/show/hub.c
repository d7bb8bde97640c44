#include "server/show/hub.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/require.h"
#include "server/loop/loop.h"
#include "server/loop/timer.h"
#include "server/show/guests.h"
#include "server/show/rehearsal.h"
#include "server/show/share.h"
#include "server/show/show.h"
#include "server/show/wares.h"

enum { HUB_TICK_MS = 250 }; /* how late a deadline of a waiter or a show may be seen */

static void tick(void *ctx)
{
    struct show_hub *hub = ctx;
    int64_t now_ms = loop_now_ms(hub->loop);
    size_t cursor = 0;
    void *value;
    while (map_next(hub->shows, &cursor, NULL, &value))
        show_tick(value, now_ms);
    cursor = 0;
    while (map_next(hub->shelves, &cursor, NULL, &value))
        show_shelf_tick(value, now_ms);
    loop_timer_start(hub->tick, HUB_TICK_MS);
}

struct show_hub *show_hub_create(struct show_house *house, struct loop *loop,
                                 unsigned index)
{
    struct show_hub *hub = alloc_zero(sizeof *hub);
    hub->house = house;
    hub->loop = loop;
    hub->index = index;
    hub->directory = show_directory_create();
    hub->shelves = map_create();
    hub->shows = map_create();
    list_init(&hub->publishers);
    list_init(&hub->guests);
    hub->tick = loop_timer_create(loop, tick, hub);
    loop_timer_start(hub->tick, HUB_TICK_MS);
    return hub;
}

void show_hub_destroy(struct show_hub *hub)
{
    if (!hub)
        return;
    size_t cursor = 0;
    void *value;
    while (map_next(hub->shows, &cursor, NULL, &value))
        show_destroy(value);
    cursor = 0;
    while (map_next(hub->shelves, &cursor, NULL, &value))
        show_shelf_destroy(value);
    map_destroy(hub->shows);
    map_destroy(hub->shelves);
    show_guests_forget_all(hub);
    show_directory_unref(hub->directory);
    loop_timer_destroy(hub->tick);
    alloc_free(hub);
}

struct show_hub *show_hub_owner(const struct show_house *house, struct bytes any_id)
{
    struct bytes id = show_rehearsal_show(any_id);
    /* FNV-1a: the same on every loop and after every start. */
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ id.data[i]) * 16777619u;
    return house->hubs[hash % house->n_hubs];
}

struct show_shelf *show_hub_shelf(const struct show_hub *hub, struct bytes id)
{
    return map_find(hub->shelves, id);
}

static bool lives_here(const struct show_hub *hub, struct bytes id)
{
    return show_hub_owner(hub->house, id) == hub;
}

/* Its shelf is there as long as the show is, and only under the right letters. */
static struct show *make_rehearsal(struct show_hub *hub, struct bytes id)
{
    struct show_record *record =
        show_directory_find_show(hub->directory, show_rehearsal_show(id));
    if (!record || !show_hub_shelf(hub, id) || !lives_here(hub, id))
        return NULL;
    struct show_record *shadow = show_rehearsal_record(hub->house, record);
    struct show *show = show_create(hub, shadow);
    show_record_unref(shadow);
    map_put(hub->shows, id, show);
    return show;
}

struct show *show_hub_show(struct show_hub *hub, struct bytes id)
{
    struct show *show = map_find(hub->shows, id);
    return !show && show_rehearsal_is_id(id) ? make_rehearsal(hub, id) : show;
}

static void add_show(struct show_hub *hub, struct show_record *record)
{
    struct bytes id = bytes_text(record->row.id);
    char rehearsal[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(hub->house, record->row.id, rehearsal);
    map_put(hub->shelves, id, show_shelf_create(record->row.id));
    map_put(hub->shelves, bytes_text(rehearsal), show_shelf_create(rehearsal));
    if (lives_here(hub, id))
        map_put(hub->shows, id, show_create(hub, record));
}

static void change_show(struct show_hub *hub, const struct show_record *before,
                        struct show_record *record)
{
    struct show *show = show_hub_show(hub, bytes_text(record->row.id));
    char rehearsal[SHOW_PUBLIC_ID_MAX + 1];
    if (show)
        show_set_record(show, record);
    show_guests_follow(hub, before, record);
    show_rehearsal_print_id(hub->house, record->row.id, rehearsal);
    struct show *shadow = map_find(hub->shows, bytes_text(rehearsal));
    if (!shadow)
        return;
    struct show_record *next = show_rehearsal_record(hub->house, record);
    show_set_record(shadow, next);
    show_record_unref(next);
}

static void remove_show(struct show_hub *hub, const struct show_record *record)
{
    const char *id = record->row.id;
    char rehearsal[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(hub->house, id, rehearsal);
    show_destroy(map_remove(hub->shows, bytes_text(rehearsal)));
    show_destroy(map_remove(hub->shows, bytes_text(id)));
    show_shelf_destroy(map_remove(hub->shelves, bytes_text(rehearsal)));
    show_shelf_destroy(map_remove(hub->shelves, bytes_text(id)));
    show_guests_follow(hub, record, NULL);
}

/* Both tables are sorted by id, and the same pointer is the same record: what a change
 * costs does not grow with what stays. */
static void follow_shows(struct show_hub *hub, const struct show_directory *before)
{
    const struct show_directory *now = hub->directory;
    size_t old = 0;
    size_t new = 0;
    while (old < before->n_shows || new < now->n_shows) {
        struct show_record *gone = old < before->n_shows ? before->shows[old] : NULL;
        struct show_record *here = new < now->n_shows ? now->shows[new] : NULL;
        int order = !here          ? -1
                    : !gone        ? 1
                    : gone == here ? 0
                                   : bytes_compare(bytes_text(gone->row.id),
                                                   bytes_text(here->row.id));
        if (order < 0)
            remove_show(hub, gone);
        else if (order > 0)
            add_show(hub, here);
        else if (gone != here)
            change_show(hub, gone, here);
        old += order <= 0;
        new += order >= 0;
    }
}

static void tell_of_products(struct show_hub *hub, const struct show_directory *before)
{
    size_t n_changed;
    struct product **changed =
        show_directory_changed_products(before, hub->directory, &n_changed);
    bool had = before->n_products > 0;
    bool has = hub->directory->n_products > 0;
    size_t cursor = 0;
    void *value;
    while ((n_changed > 0 || had != has) &&
           map_next(hub->shows, &cursor, NULL, &value)) {
        show_wares_changed(value, changed, n_changed);
        if (had != has)
            show_wares_stock_changed(value);
    }
    alloc_free(changed);
}

void show_hub_set_directory(struct show_hub *hub, struct show_directory *directory)
{
    struct show_directory *before = hub->directory;
    hub->directory = directory;
    follow_shows(hub, before);
    /* What was kept is no news. */
    if (hub->loaded)
        tell_of_products(hub, before);
    hub->loaded = true;
    show_directory_unref(before);
}

struct directory_message {
    struct loop_message message;
    struct show_hub *hub;
    struct show_directory *directory;
};

static void run_directory(struct loop_message *base, struct loop *loop)
{
    (void)loop;
    struct directory_message *message =
        container_of(base, struct directory_message, message);
    show_hub_set_directory(message->hub, message->directory);
    alloc_free(message);
}

void show_hub_share_directory(struct show_hub *hub, struct show_directory *directory)
{
    for (unsigned i = 0; i < hub->house->n_hubs; i++) {
        struct show_hub *other = hub->house->hubs[i];
        if (other == hub) {
            show_hub_set_directory(hub, show_directory_ref(directory));
            continue;
        }
        struct directory_message *message = alloc_zero(sizeof *message);
        message->message.run = run_directory;
        message->hub = other;
        message->directory = show_directory_ref(directory);
        loop_post(other->loop, &message->message);
    }
}

struct view_message {
    struct loop_message message;
    struct show_hub *hub;
    struct show_view *view; /* or NULL */
    struct buf *event;      /* or NULL */
    char id[SHOW_PUBLIC_ID_MAX + 1];
};

/* Takes both references. */
static void receive_view(struct show_hub *hub, const char *id, struct show_view *view,
                         struct buf *event)
{
    struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
    if (shelf && view)
        show_shelf_set_view(shelf, show_view_ref(view), loop_now_ms(hub->loop));
    if (shelf && event)
        show_shelf_tell(shelf, event);
    show_view_unref(view);
    buf_unref(event);
}

static void run_view(struct loop_message *base, struct loop *loop)
{
    (void)loop;
    struct view_message *message = container_of(base, struct view_message, message);
    receive_view(message->hub, message->id, message->view, message->event);
    alloc_free(message);
}

void show_hub_share_view(struct show_hub *hub, const char *id, struct show_view *view,
                         struct buf *event)
{
    for (unsigned i = 0; i < hub->house->n_hubs; i++) {
        struct show_hub *other = hub->house->hubs[i];
        if (other == hub)
            continue;
        struct view_message *message = alloc_zero(sizeof *message);
        message->message.run = run_view;
        message->hub = other;
        message->view = show_view_ref(view);
        message->event = buf_ref(event);
        (void)snprintf(message->id, sizeof message->id, "%s", id);
        loop_post(other->loop, &message->message);
    }
    receive_view(hub, id, view, buf_ref(event));
}

void show_hub_share_lingering(struct show_hub *hub)
{
    size_t cursor = 0;
    void *value;
    while (map_next(hub->shows, &cursor, NULL, &value)) {
        struct show *show = value;
        if (show->live_since_ms)
            show_share_ensure(show);
    }
}
