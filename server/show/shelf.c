#include "server/show/shelf.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"

struct show_shelf *show_shelf_create(const char *id)
{
    struct show_shelf *shelf = alloc_zero(sizeof *shelf);
    (void)snprintf(shelf->id, sizeof shelf->id, "%s", id);
    list_init(&shelf->waiters);
    list_init(&shelf->listeners);
    return shelf;
}

/* Calls every waiter; each may unlink itself, and none adds one meanwhile. */
static void call_waiters(struct show_shelf *shelf, int64_t now_ms, bool gone)
{
    list_for_each_safe (node, &shelf->waiters) {
        struct show_waiter *waiter = container_of(node, struct show_waiter, link);
        waiter->changed(waiter, shelf, now_ms, gone);
    }
}

void show_shelf_tell(struct show_shelf *shelf, struct buf *event)
{
    list_for_each_safe (node, &shelf->listeners) {
        struct show_listener *listener = container_of(node, struct show_listener, link);
        listener->event(listener, event);
    }
}

void show_shelf_hang_up(struct show_shelf *shelf)
{
    show_shelf_tell(shelf, NULL);
}

static void forget_packed(struct show_shelf *shelf)
{
    for (unsigned i = 0; i < SHOW_PACKED_MAX; i++) {
        buf_unref(shelf->packed[i].plain);
        buf_unref(shelf->packed[i].packed);
        shelf->packed[i].plain = shelf->packed[i].packed = NULL;
    }
}

void show_shelf_destroy(struct show_shelf *shelf)
{
    if (!shelf)
        return;
    show_view_unref(shelf->view);
    shelf->view = NULL;
    call_waiters(shelf, 0, true);
    show_shelf_hang_up(shelf);
    forget_packed(shelf);
    alloc_free(shelf);
}

void show_shelf_set_view(struct show_shelf *shelf, struct show_view *view,
                         int64_t now_ms)
{
    struct show_view *before = shelf->view;
    shelf->view = view;
    call_waiters(shelf, now_ms, false);
    show_view_unref(before);
}

void show_shelf_tick(struct show_shelf *shelf, int64_t now_ms)
{
    call_waiters(shelf, now_ms, false);
}

struct buf *show_shelf_packed(struct show_shelf *shelf, struct buf *plain,
                              struct buf *(*pack)(struct bytes plain))
{
    for (unsigned i = 0; i < SHOW_PACKED_MAX; i++)
        if (shelf->packed[i].plain == plain)
            return shelf->packed[i].packed;
    unsigned slot = shelf->next_packed++ % SHOW_PACKED_MAX;
    buf_unref(shelf->packed[slot].plain);
    buf_unref(shelf->packed[slot].packed);
    shelf->packed[slot].plain = buf_ref(plain);
    shelf->packed[slot].packed = pack(buf_bytes(plain));
    return shelf->packed[slot].packed;
}
