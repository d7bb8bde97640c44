#include "server/store/row.h"

#include "core/alloc.h"
#include "server/store/store.h"

void store_row_finish_show(struct store_show *show)
{
    alloc_free(show->id);
    alloc_free(show->title);
    alloc_free(show->host);
    alloc_free(show->token);
    alloc_free(show->run_sheet);
    for (size_t i = 0; i < show->n_keys; i++) {
        alloc_free(show->keys[i].label);
        alloc_free(show->keys[i].run_show);
    }
    *show = (struct store_show){0};
}

void store_row_finish_cue(struct store_cue *cue)
{
    alloc_free(cue->show);
    alloc_free(cue->card);
    alloc_free(cue->product);
    *cue = (struct store_cue){0};
}

void store_row_finish_hook(struct store_hook *hook)
{
    alloc_free(hook->id);
    alloc_free(hook->event);
    *hook = (struct store_hook){0};
}
