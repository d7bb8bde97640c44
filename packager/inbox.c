#include "packager/inbox.h"

#include <string.h>

#include "core/alloc.h"
#include "core/require.h"

enum { FIRST_CAP = 4 };

void packager_inbox_discard(struct arrival *arrival)
{
    media_packet_finish(&arrival->packet);
    for (unsigned id = 0; arrival->media && id < RENDITIONS_MAX; id++) {
        media_track_unref(arrival->media[id].track);
        mux_fmp4_destroy(arrival->media[id].fmp4);
        segment_part_epoch_unref(arrival->media[id].epoch);
    }
    alloc_free(arrival->media);
    *arrival = (struct arrival){0};
}

void packager_inbox_finish(struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->n; i++)
        packager_inbox_discard(&inbox->arrivals[inbox->first + i]);
    alloc_free(inbox->arrivals);
    *inbox = (struct inbox){0};
}

bool packager_inbox_is_full(const struct inbox *inbox)
{
    return inbox->n >= INBOX_MAX;
}

void packager_inbox_put(struct inbox *inbox, const struct arrival *arrival)
{
    if (inbox->first + inbox->n == inbox->cap) {
        if (inbox->first == 0) {
            inbox->cap = inbox->cap > 0 ? inbox->cap * 2 : FIRST_CAP;
            inbox->arrivals =
                alloc_resize(inbox->arrivals, inbox->cap * sizeof *inbox->arrivals);
        }
        memmove(inbox->arrivals, inbox->arrivals + inbox->first,
                inbox->n * sizeof *inbox->arrivals);
        inbox->first = 0;
    }
    inbox->arrivals[inbox->first + inbox->n++] = *arrival;
}

struct arrival *packager_inbox_peek(struct inbox *inbox)
{
    return inbox->n > 0 ? &inbox->arrivals[inbox->first] : NULL;
}

void packager_inbox_drop(struct inbox *inbox)
{
    require(inbox->n > 0);
    inbox->first++;
    if (--inbox->n == 0)
        inbox->first = 0;
}
