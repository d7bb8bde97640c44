#include "server/show/enforce.h"

#include "core/buf.h"
#include "core/err.h"
#include "server/loop/loop.h"
#include "server/rtmp/session.h"
#include "server/show/publisher.h"
#include "server/show/show.h"

static const struct hook_terms *terms_of(const struct show_publisher *publisher)
{
    return &show_publisher_passport(publisher)->terms;
}

void show_enforce_begin(struct show *show, struct show_publisher *publisher)
{
    show_terms_begin(show_publisher_terms_watch(publisher),
                     show_debts_take(&show->debts, show_publisher_passport(publisher)),
                     loop_now_ms(show->hub->loop));
}

void show_enforce_take(struct show_publisher *publisher, const struct rtmp_event *event)
{
    if (event->type != RTMP_EVENT_VIDEO && event->type != RTMP_EVENT_AUDIO)
        return;
    show_terms_take(show_publisher_terms_watch(publisher),
                    event->type == RTMP_EVENT_VIDEO ? TRACK_VIDEO : TRACK_AUDIO,
                    buf_bytes(event->media.data).len);
}

void show_enforce_leave(struct show *show, struct show_publisher *publisher)
{
    struct show_debt debt =
        show_terms_leave(show_publisher_terms_watch(publisher), terms_of(publisher),
                         loop_now_ms(show->hub->loop));
    show_debts_leave(&show->debts, show_publisher_passport(publisher), debt);
}

static int check(struct show_publisher *publisher, int64_t wall_ms, int64_t now_ms,
                 struct err *err)
{
    const struct hook_terms *terms = terms_of(publisher);
    int failed = show_terms_check_time(terms, wall_ms, err);
    if (failed)
        return failed;
    return show_terms_check_rate(show_publisher_terms_watch(publisher), terms, now_ms,
                                 err);
}

static void check_media(struct show *show, int64_t now_ms)
{
    int64_t since_ms = show->media_at_ms > show->attached_at_ms ? show->media_at_ms
                                                                : show->attached_at_ms;
    if (show->publisher && now_ms - since_ms >= SHOW_ENFORCE_MEDIA_MS)
        show_publisher_dismiss(show->publisher,
                               "Nothing that can be shown has come for 20 s. Start the "
                               "encoder again.");
}

void show_enforce_tick(struct show *show, int64_t now_ms)
{
    struct show_publisher *both[] = {show->publisher, show->standby.publisher};
    int64_t wall_ms = loop_wall_ms(show->hub->loop);
    struct err err;
    for (size_t i = 0; i < 2; i++)
        if (both[i] && check(both[i], wall_ms, now_ms, &err) != 0)
            show_publisher_dismiss(both[i], err.text);
    check_media(show, now_ms);
}
