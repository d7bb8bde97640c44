#include "server/show/wares.h"

#include "core/buf.h"
#include "server/show/cues.h"
#include "server/show/share.h"
#include "server/show/show.h"
#include "server/show/state.h"

void show_wares_changed(struct show *show, struct product *const *products,
                        size_t n_products)
{
    for (size_t i = 0; i < n_products; i++) {
        if (!show_record_lists(show->record, products[i]->sku))
            continue;
        overlay_product_changed(show->overlay, products[i], show_get_clock(show));
        show_cues_flush(show);
        if (!show->has_view)
            continue; /* nobody has looked yet */
        struct buf *event = show_state_product_event(products[i]);
        show_hub_share_view(show->hub, show->record->row.id, NULL, event);
        buf_unref(event);
    }
}

void show_wares_stock_changed(struct show *show)
{
    bool idle = !show->live_since_ms && !show->was_live;
    if (show->has_view && idle && !show->record->row.run_sheet)
        show_share_state(show);
}
