#include "server/show/share.h"

#include "core/buf.h"
#include "core/builder.h"
#include "server/loop/loop.h"
#include "server/show/show.h"
#include "server/show/state.h"

enum { SHARE_TEXT_MAX = 65536 }; /* each is a few KiB at most */

static struct buf *print_to_buf(void (*print)(const struct show *, struct builder *),
                                const struct show *show)
{
    struct builder out;
    builder_init(&out, SHARE_TEXT_MAX);
    print(show, &out);
    struct buf *buf = builder_take(&out);
    builder_finish(&out);
    return buf;
}

static void print_health(const struct show *show, struct builder *out)
{
    if (show->away_since_ms && !show->publisher) {
        builder_text(out, "{\"level\":\"problem\",\"text\":\"The encoder is gone. "
                          "The show stays on air and waits for it.\"}");
        return;
    }
    show_health_print(&show->health, show->publisher != NULL, out);
}

void show_share_texts(struct show *show)
{
    show_spare_tick(show, loop_now_ms(show->hub->loop));
    buf_unref(show->publisher_text);
    buf_unref(show->backup_text);
    buf_unref(show->health_text);
    show->backup_text =
        show->standby.publisher ? print_to_buf(show_state_print_backup, show) : NULL;
    show->publisher_text =
        show->publisher ? print_to_buf(show_state_print_publisher, show) : NULL;
    show->health_text = print_to_buf(print_health, show);
    show_figures_unref(show->figures);
    show->figures = show_figures_create(show);
}

static void share(struct show *show, struct buf *event)
{
    int64_t now_ms = loop_now_ms(show->hub->loop);
    int64_t hold_ms = show_rivals_hold_left_ms(&show->rivals, now_ms);
    struct show_view view = {
        .state = show_get_state(show),
        .tally = show_view_tally_ref(show->tally),
        .publisher = buf_ref(show->publisher_text),
        .backup = buf_ref(show->backup_text),
        .health = buf_ref(show->health_text),
        .figures = show_figures_ref(show->figures),
        .live_since_ms = show->live_since_ms,
        .away_since_ms = show->away_since_ms,
        .rivals_until_ms = hold_ms ? loop_wall_ms(show->hub->loop) + hold_ms : 0,
    };
    if (show->packager) {
        for (unsigned id = 0; id < RENDITIONS_MAX; id++)
            view.renditions[id] = packager_snapshot(show->packager, id);
        view.multivariant = packager_multivariant(show->packager);
    }
    show->has_view = true;
    show->shared_ms = now_ms;
    show_hub_share_view(show->hub, show->record->row.id, show_view_create(view), event);
}

void show_share_media(struct show *show)
{
    share(show, NULL);
}

void show_share_all(struct show *show)
{
    show_share_texts(show);
    share(show, NULL);
}

void show_share_state(struct show *show)
{
    struct buf *event = show_state_event(show);
    show_share_texts(show);
    share(show, event);
    buf_unref(event);
}

void show_share_ensure(struct show *show)
{
    if (!show->has_view)
        show_share_all(show);
}

void show_share_viewers(struct show *show)
{
    int64_t viewers = counter_get(&show->tally->viewers);
    if (viewers == show->viewers_told)
        return;
    show->viewers_told = viewers;
    show_share_state(show);
}
