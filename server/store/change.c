#include "core/alloc.h"
#include "server/store/row.h"
#include "server/store/store.h"

struct store_change *store_change_create(enum store_op op)
{
    struct store_change *change = alloc_zero(sizeof *change);
    change->op = op;
    list_init(&change->job.link);
    list_init(&change->message.link);
    return change;
}

void store_change_destroy(struct store_change *change)
{
    if (!change)
        return;
    switch (change->op) {
    case STORE_SHOW_PUT:
    case STORE_SHOW_DELETE:
        store_row_finish_show(&change->show);
        break;
    case STORE_CUE_PUT:
        store_row_finish_cue(&change->cue);
        break;
    case STORE_HOOK_PUT:
    case STORE_HOOK_DELETE:
        store_row_finish_hook(&change->hook);
        break;
    case STORE_PRODUCT_PUT:
    case STORE_PRODUCT_DELETE:
        alloc_free(change->product.sku);
        alloc_free(change->product.json);
        break;
    case STORE_SYNC:
        break;
    }
    alloc_free(change);
}
