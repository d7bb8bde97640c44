#include "server/show/view.h"

#include "core/alloc.h"
#include "core/buf.h"

const char *show_view_state_text(enum show_state state)
{
    switch (state) {
    case SHOW_DRAFT:
        return "draft";
    case SHOW_READY:
        return "ready";
    case SHOW_LIVE:
        return "live";
    case SHOW_ENDED:
        return "ended";
    }
    return "draft";
}

struct show_tally *show_view_tally_create(void)
{
    struct show_tally *tally = alloc_zero(sizeof *tally);
    atomic_init(&tally->refs, 1);
    return tally;
}

struct show_tally *show_view_tally_ref(struct show_tally *tally)
{
    if (tally)
        atomic_fetch_add_explicit(&tally->refs, 1, memory_order_relaxed);
    return tally;
}

void show_view_tally_unref(struct show_tally *tally)
{
    if (tally && atomic_fetch_sub_explicit(&tally->refs, 1, memory_order_acq_rel) == 1)
        alloc_free(tally);
}

struct show_view *show_view_create(struct show_view fields)
{
    struct show_view *view = alloc_zero(sizeof *view);
    view->state = fields.state;
    view->tally = fields.tally;
    for (int i = 0; i < RENDITIONS_MAX; i++)
        view->renditions[i] = fields.renditions[i];
    view->multivariant = fields.multivariant;
    view->publisher = fields.publisher;
    view->backup = fields.backup;
    view->health = fields.health;
    view->figures = fields.figures;
    view->live_since_ms = fields.live_since_ms;
    view->away_since_ms = fields.away_since_ms;
    view->rivals_until_ms = fields.rivals_until_ms;
    atomic_init(&view->refs, 1);
    return view;
}

struct show_view *show_view_ref(struct show_view *view)
{
    if (view)
        atomic_fetch_add_explicit(&view->refs, 1, memory_order_relaxed);
    return view;
}

void show_view_unref(struct show_view *view)
{
    if (!view || atomic_fetch_sub_explicit(&view->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < RENDITIONS_MAX; i++)
        hls_snapshot_unref(view->renditions[i]);
    buf_unref(view->multivariant);
    buf_unref(view->publisher);
    buf_unref(view->backup);
    buf_unref(view->health);
    show_figures_unref(view->figures);
    show_view_tally_unref(view->tally);
    alloc_free(view);
}
