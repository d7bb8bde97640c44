#include "server/show/spare.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "server/loop/loop.h"
#include "server/rtmp/session.h"
#include "server/show/ingest.h"
#include "server/show/publisher.h"
#include "server/show/replay.h"
#include "server/show/show.h"

struct spare_watch {
    char session[ADMISSION_SESSION_LEN + 1]; /* whose it is */
    struct show_meter meter;
    struct show_meter_reading reading;
    struct show_ingest *ingest; /* gets headers only, and knows which track leads */
    bool is_stale;              /* there are others since */
};

void show_spare_finish(struct show_spare *spare)
{
    if (!spare->watch)
        return;
    show_ingest_destroy(spare->watch->ingest);
    alloc_free(spare->watch);
    spare->watch = NULL;
}

/* NULL: not of the one that stands by now. */
static struct spare_watch *find(const struct show *show)
{
    struct spare_watch *watch = show->spare.watch;
    const struct show_publisher *publisher = show->standby.publisher;
    bool same =
        watch && publisher &&
        strcmp(watch->session, show_publisher_passport(publisher)->session) == 0;
    return same ? watch : NULL;
}

static bool is_packet(const struct rtmp_event *event)
{
    return event->type == RTMP_EVENT_VIDEO || event->type == RTMP_EVENT_AUDIO;
}

static void hear(void *ctx, const struct rtmp_event *event)
{
    struct spare_watch *watch = ctx;
    if (!is_packet(event)) /* what cannot be taken is told of when it is on air */
        (void)show_ingest_event(watch->ingest, event, 0, NULL);
}

/* All headers anew: that is the one way to be rid of a track that has ended. */
static void learn_tracks(const struct show *show, struct spare_watch *watch)
{
    show_ingest_destroy(watch->ingest);
    watch->ingest = show_ingest_create(NULL, 0);
    watch->is_stale = false;
    show_replay_play(show_publisher_replay(show->standby.publisher), hear, watch);
}

static struct spare_watch *begin(struct show *show)
{
    const struct show_publisher *publisher = show->standby.publisher;
    struct spare_watch *watch = alloc_zero(sizeof *watch);
    show_spare_finish(&show->spare);
    show->spare.watch = watch;
    memcpy(watch->session, show_publisher_passport(publisher)->session,
           sizeof watch->session);
    show_meter_init(&watch->meter, loop_now_ms(show->hub->loop));
    learn_tracks(show, watch);
    return watch;
}

void show_spare_hear(struct show *show, const struct rtmp_event *event)
{
    struct spare_watch *watch = find(show);
    if (!is_packet(event)) {
        if (watch)
            watch->is_stale = true;
        return;
    }
    if (!watch)
        watch = begin(show);
    const struct rtmp_media *media = &event->media;
    enum track_kind kind = event->type == RTMP_EVENT_VIDEO ? TRACK_VIDEO : TRACK_AUDIO;
    size_t len = buf_bytes(media->data).len;
    if (show_ingest_is_led_by(watch->ingest, event))
        show_meter_packet(&watch->meter, kind, media->stamp_ms, media->cts_ms,
                          media->key, len, loop_now_ms(show->hub->loop));
    else
        show_meter_bytes(&watch->meter, kind, len);
}

void show_spare_tick(struct show *show, int64_t now_ms)
{
    struct spare_watch *watch = find(show);
    if (!watch)
        show_spare_finish(&show->spare);
    if (!watch || !show_meter_tick(&watch->meter, now_ms))
        return;
    show_meter_read(&watch->meter, now_ms, &watch->reading);
    if (watch->is_stale)
        learn_tracks(show, watch);
}

const struct show_meter_reading *show_spare_reading(const struct show *show)
{
    const struct spare_watch *watch = find(show);
    return watch ? &watch->reading : NULL;
}

const struct track *show_spare_track(const struct show *show, enum track_kind kind)
{
    const struct spare_watch *watch = find(show);
    return watch ? show_ingest_track(watch->ingest, kind) : NULL;
}
