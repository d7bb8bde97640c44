#include "server/show/enforce.h"

#include "core/err.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/show.h"

static const struct hook_terms *terms_of(const struct show_publisher *publisher)
{
    return &show_publisher_passport(publisher)->terms;
}

void show_enforce_time(struct show *show)
{
    struct show_publisher *both[] = {show->publisher, show->standby.publisher};
    int64_t wall_ms = loop_wall_ms(show->hub->loop);
    struct err err;
    for (size_t i = 0; i < 2; i++)
        if (both[i] && show_terms_check_time(terms_of(both[i]), wall_ms, &err) != 0)
            show_publisher_dismiss(both[i], err.text);
}

void show_enforce_media(struct show *show)
{
    int64_t since_ms = show->media_at_ms > show->attached_at_ms ? show->media_at_ms
                                                                : show->attached_at_ms;
    if (show->publisher &&
        loop_now_ms(show->hub->loop) - since_ms >= SHOW_ENFORCE_MEDIA_MS)
        show_publisher_dismiss(show->publisher,
                               "Nothing that can be shown has come for 20 s. Start the "
                               "encoder again.");
}

void show_enforce_rate(struct show *show)
{
    struct err err;
    if (show->publisher &&
        show_terms_check_rate(show_publisher_terms_watch(show->publisher),
                              terms_of(show->publisher), &show->health.watch->reading,
                              loop_now_ms(show->hub->loop), &err) != 0)
        show_publisher_dismiss(show->publisher, err.text);
}
