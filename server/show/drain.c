#include "server/show/drain.h"

#include "core/map.h"
#include "server/loop/loop.h"
#include "server/show/broadcast.h"
#include "server/show/hub.h"
#include "server/show/publisher.h"
#include "server/show/show.h"

bool show_drain_lets_in(const struct show_hub *hub)
{
    return hub->state == HUB_SERVES || (hub->state == HUB_DRAINS && hub->hands_over);
}

void show_drain_begin(struct show_hub *hub, bool hands_over)
{
    if (hub->state != HUB_SERVES)
        return;
    hub->state = HUB_DRAINS;
    hub->hands_over = hands_over;
    hub->draining_since_ms = loop_now_ms(hub->loop);
    list_for_each_safe (node, &hub->publishers) {
        struct show_publisher *publisher = show_publisher_of(node);
        bool may_ask = hands_over && !show_publisher_has_show(publisher);
        if (!may_ask && !show_publisher_is_on_air(publisher))
            show_publisher_send_away(publisher);
    }
}

bool show_drain_is_over(const struct show_hub *hub)
{
    int64_t age_ms = loop_now_ms(hub->loop) - hub->draining_since_ms;
    bool may_ask = hub->hands_over && age_ms < DRAIN_ASK_MS;
    if (age_ms >= DRAIN_GOP_MAX_MS)
        return true;
    list_for_each (node, &hub->publishers) {
        const struct show_publisher *publisher = show_publisher_of(node);
        if (show_publisher_is_on_air(publisher) ||
            (may_ask && show_publisher_may_ask(publisher)))
            return false;
    }
    return true;
}

void show_drain_finish(struct show_hub *hub)
{
    hub->state = HUB_DRAINED;
    list_for_each_safe (node, &hub->publishers)
        show_publisher_send_away(show_publisher_of(node));
}

void show_drain_hang_up(struct show_hub *hub)
{
    size_t cursor = 0;
    void *shelf;
    hub->state = HUB_STOPS;
    while (map_next(hub->shelves, &cursor, NULL, &shelf))
        show_shelf_hang_up(shelf);
}

/* Nothing is made any more, so the next number is known: what was reserved ahead is
 * given back, and playlists go on without a gap in their numbers. */
void show_drain_keep(struct show_hub *hub)
{
    size_t cursor = 0;
    void *show;
    while (map_next(hub->shows, &cursor, NULL, &show))
        show_broadcast_leave_off(show);
}
