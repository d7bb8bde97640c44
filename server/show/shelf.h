/* What one loop has of one show: the newest view, those who wait for a newer one, and
 * those who listen to its events.
 *
 * Ownership: the hub's, as long as the show is known.
 * Threads:   the loop's. */
#ifndef SHOW_SHELF_H
#define SHOW_SHELF_H

#include "core/list.h"
#include "server/show/record.h"
#include "server/show/view.h"

struct show_shelf;

/* A request that waits for media. changed() is called with each new view, and with the
 * time when it may be late; it unlinks itself when it is done. shelf is dead after a call
 * with view NULL and gone true: the show was deleted. */
struct show_waiter {
    struct list link; /* show_shelf.waiters */
    void (*changed)(struct show_waiter *waiter, struct show_shelf *shelf,
                    int64_t now_ms, bool gone);
};

/* An event stream. event() gets the text of one event, complete with its empty line;
 * NULL: the stream is over. */
struct show_listener {
    struct list link; /* show_shelf.listeners */
    void (*event)(struct show_listener *listener, struct buf *event);
};

enum {
    SHOW_PACKED_MAX = 6
}; /* two renditions, full and delta; multivariant; a spare */

struct show_shelf {
    char id[SHOW_PUBLIC_ID_MAX + 1];
    struct show_view *view; /* NULL: nothing since the start of this process */
    struct list waiters;    /* show_waiter.link */
    struct list listeners;  /* show_listener.link */
    /* gzip of texts in the newest view, made when first asked for on this loop */
    struct {
        struct buf *plain, *packed;
    } packed[SHOW_PACKED_MAX];
    unsigned next_packed;
};

struct show_shelf *show_shelf_create(const char *id);
void show_shelf_destroy(
    struct show_shelf *shelf); /* tells waiters and listeners; NULL: nothing */
/* Takes the reference. */
void show_shelf_set_view(struct show_shelf *shelf, struct show_view *view,
                         int64_t now_ms);
void show_shelf_tell(struct show_shelf *shelf,
                     struct buf *event); /* to all listeners */
void show_shelf_tick(struct show_shelf *shelf, int64_t now_ms);
/* Ends all event streams: the server is going down. */
void show_shelf_hang_up(struct show_shelf *shelf);
/* The packed form of a text that pack() made of plain, shared by all who ask for it.
 * Borrowed; NULL when pack() could not. */
struct buf *show_shelf_packed(struct show_shelf *shelf, struct buf *plain,
                              struct buf *(*pack)(struct bytes plain));

#endif
