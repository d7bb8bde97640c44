#include "overlay/overlay.h"

#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "overlay/airing.h"
#include "overlay/catalogue/product.h"
#include "overlay/names.h"
#include "overlay/render/emsg.h"
#include "overlay/state.h"

_Static_assert((int)OVERLAY_CARD_MAX == (int)CUE_CARD_MAX &&
                   (int)OVERLAY_CARDS_MAX == (int)CUE_CARDS_MAX &&
                   (int)OVERLAY_CUE_MAX == (int)CUE_TEXT_MAX &&
                   (int)OVERLAY_SCHEDULED_MAX == (int)CUE_SCHEDULE_MAX,
               "limits of the front door are those of the rooms behind it");
_Static_assert((int)OVERLAY_SHOW == (int)CUE_SHOW && (int)OVERLAY_UPD == (int)CUE_UPD &&
                   (int)OVERLAY_HIDE == (int)CUE_HIDE,
               "kinds are the same in front and behind");

/* Times that were kept and lie beyond are damaged: sums of them must not overflow. */
static const int64_t KEPT_MAX = INT64_C(1) << 53;

enum { MARKER_BOX_MAX = CUE_TEXT_MAX + 256 }; /* box and tag add 106 bytes */

struct overlay *overlay_create(const char *token, int64_t wall_anchor_ms)
{
    struct bytes name = bytes_text(token);
    require(name.len <= OVERLAY_TOKEN_MAX && cue_entry_is_name(name));
    struct overlay *overlay = alloc_zero(sizeof *overlay);
    memcpy(overlay->token, name.data, name.len);
    overlay->text = (struct cue_text_show){overlay->token, wall_anchor_ms};
    overlay->names = overlay_names_create();
    cue_journal_init(&overlay->journal);
    list_init(&overlay->changed);
    return overlay;
}

/* Those that were cancelled and not announced have no other home. */
static void destroy_cancelled(struct overlay *overlay)
{
    list_for_each_safe (node, &overlay->changed) {
        struct cue_entry *entry = container_of(node, struct cue_entry, changed);
        if (entry->cancelled)
            overlay_state_destroy(entry);
    }
}

void overlay_destroy(struct overlay *overlay)
{
    if (!overlay)
        return;
    destroy_cancelled(overlay);
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++)
        overlay_state_destroy(cue_schedule_at(&overlay->schedule, i));
    for (size_t i = 0; i < cue_journal_count(&overlay->journal); i++)
        overlay_state_destroy(cue_journal_at(&overlay->journal, i));
    cue_journal_finish(&overlay->journal);
    overlay_names_destroy(overlay->names);
    alloc_free(overlay);
}

void overlay_set_anchor(struct overlay *overlay, int64_t wall_anchor_ms)
{
    if (wall_anchor_ms == overlay->text.anchor_ms)
        return;
    overlay->text.anchor_ms = wall_anchor_ms;
    /* An expiry is kept as wall clock, and that has just moved. */
    for (size_t i = 0; i < cue_schedule_count(&overlay->schedule); i++) {
        struct cue_entry *entry = cue_schedule_at(&overlay->schedule, i);
        if (entry->expires != CUE_NEVER)
            overlay_state_changed(overlay, entry);
    }
}

static int check_kept(const struct overlay *overlay, const struct overlay_entry *entry,
                      struct err *err)
{
    if (entry->id <= overlay->last_id)
        return err_set(err, ERR_INVALID, "cue %" PRIu64 " is out of order", entry->id);
    if (!cue_entry_is_name(bytes_text(entry->card)) || entry->revision == 0 ||
        entry->time < 0 || entry->time > KEPT_MAX || entry->expires_ms < 0 ||
        entry->expires_ms > KEPT_MAX || (entry->cancelled && entry->q > 0) ||
        (entry->kind == OVERLAY_SHOW && !entry->product && !entry->cancelled))
        return err_set(err, ERR_INVALID, "cue %" PRIu64 " is damaged", entry->id);
    if (entry->q > 0 ? cue_journal_count(&overlay->journal) >= OVERLAY_JOURNAL_MAX
                     : !entry->cancelled && cue_schedule_is_full(&overlay->schedule))
        return err_set(err, ERR_LIMIT, "the show has too many cues");
    return 0;
}

static struct cue_entry *entry_from_kept(const struct overlay *overlay,
                                         const struct overlay_entry *kept)
{
    struct cue_entry *entry =
        cue_entry_create((enum cue_kind)kept->kind, bytes_text(kept->card));
    entry->id = kept->id;
    entry->q = kept->q;
    entry->revision = kept->revision;
    entry->time = kept->time;
    if (kept->kind != OVERLAY_HIDE)
        overlay_state_set_product(entry, kept->product);
    int64_t shown_ms = kept->expires_ms - cue_text_wall_ms(&overlay->text, kept->time);
    if (kept->expires_ms != 0 && kept->kind != OVERLAY_HIDE) {
        entry->expires =
            (kept->expires_ms - overlay->text.anchor_ms) * CUE_TICKS_PER_MS;
        if (kept->q == 0 && kept->kind == OVERLAY_SHOW)
            entry->for_ms = shown_ms;
    }
    return entry;
}

int overlay_load(struct overlay *overlay, const struct overlay_entry *kept,
                 struct err *err)
{
    int failed = check_kept(overlay, kept, err);
    if (failed)
        return failed;
    if (!kept->cancelled) {
        struct cue_entry *entry = entry_from_kept(overlay, kept);
        if (kept->q == 0) {
            cue_schedule_add(&overlay->schedule, entry);
        } else if (!cue_journal_restore(&overlay->journal, entry)) {
            overlay_state_destroy(entry);
            return err_set(err, ERR_INVALID, "cue %" PRIu64 " contradicts others",
                           kept->id);
        }
    }
    overlay->last_id = kept->id;
    overlay_names_restore(overlay->names, kept->card, kept->revision, kept->q > 0,
                          kept->cancelled);
    overlay->n_marked = cue_journal_count(&overlay->journal);
    return 0;
}

/* Uses text up. */
static struct buf *render(int64_t time, uint32_t id, struct builder *text)
{
    struct builder box;
    builder_init(&box, MARKER_BOX_MAX);
    render_emsg_put(&box, time, id, builder_bytes(text));
    struct buf *buf = builder_take(&box);
    require(buf);
    builder_finish(&box);
    builder_finish(text);
    return buf;
}

static struct overlay_marker mark_snapshot(struct overlay *overlay, int64_t time)
{
    uint32_t q;
    struct cue_board board = cue_journal_state(&overlay->journal, time, &q);
    struct builder text;
    builder_init(&text, CUE_TEXT_MAX);
    cue_text_snapshot(&text, &overlay->text, &board, q, time);
    /* Snapshots take no q: their ids are a range of their own. */
    uint32_t id = 0x80000000U | (q & 0x7fffffffU);
    return (struct overlay_marker){time, render(time, id, &text)};
}

static struct overlay_marker mark_delta(struct overlay *overlay,
                                        const struct cue_entry *entry, int64_t start)
{
    int64_t time = entry->time > start ? entry->time : start;
    struct builder text;
    builder_init(&text, CUE_TEXT_MAX);
    cue_text_delta(&text, &overlay->text, entry);
    return (struct overlay_marker){time, render(time, entry->q, &text)};
}

size_t overlay_air(struct overlay *overlay, int64_t start, int64_t end, bool snapshot,
                   struct overlay_marker ret[OVERLAY_MARKERS_MAX])
{
    overlay_airing_until(overlay, end - 1, start);
    size_t n = 0;
    if (snapshot)
        ret[n++] = mark_snapshot(overlay, start);
    while (n < OVERLAY_MARKERS_MAX &&
           overlay->n_marked < cue_journal_count(&overlay->journal)) {
        const struct cue_entry *entry =
            cue_journal_at(&overlay->journal, overlay->n_marked);
        if (entry->time >= end)
            break;
        ret[n++] = mark_delta(overlay, entry, start);
        overlay->n_marked++;
    }
    return n;
}

void overlay_pass(struct overlay *overlay, int64_t start, int64_t end)
{
    overlay_airing_until(overlay, end - 1, start);
    while (overlay->n_marked < cue_journal_count(&overlay->journal) &&
           cue_journal_at(&overlay->journal, overlay->n_marked)->time < end)
        overlay->n_marked++;
}

bool overlay_next(struct overlay *overlay, struct overlay_entry *ret_entry)
{
    struct list *node = list_shift(&overlay->changed);
    if (!node)
        return false;
    struct cue_entry *entry = container_of(node, struct cue_entry, changed);
    *ret_entry = overlay_state_entry(overlay, entry);
    (void)catalogue_product_ref(ret_entry->product);
    if (entry->cancelled)
        overlay_state_destroy(entry);
    return true;
}

void overlay_entry_finish(struct overlay_entry *entry)
{
    catalogue_product_unref(entry->product);
    entry->product = NULL;
}

uint32_t overlay_last_q(const struct overlay *overlay)
{
    return cue_journal_last_q(&overlay->journal);
}

bool overlay_peek(const struct overlay *overlay, uint32_t since,
                  struct overlay_entry *ret_entry)
{
    size_t at = cue_journal_until_q(&overlay->journal, since);
    if (at == cue_journal_count(&overlay->journal))
        return false;
    *ret_entry = overlay_state_entry(overlay, cue_journal_at(&overlay->journal, at));
    return true;
}
