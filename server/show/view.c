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
    refs_init(&tally->refs);
    return tally;
}

struct show_tally *show_view_tally_ref(struct show_tally *tally)
{
    if (tally)
        refs_add(&tally->refs);
    return tally;
}

void show_view_tally_unref(struct show_tally *tally)
{
    if (tally && refs_drop(&tally->refs))
        alloc_free(tally);
}

struct show_view *show_view_create(struct show_view fields)
{
    struct show_view *view = alloc_zero(sizeof *view);
    *view = fields;
    refs_init(&view->refs);
    return view;
}

struct show_view *show_view_ref(struct show_view *view)
{
    if (view)
        refs_add(&view->refs);
    return view;
}

void show_view_unref(struct show_view *view)
{
    if (!view || !refs_drop(&view->refs))
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
