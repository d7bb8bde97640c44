/* overlay_ranges(): the journal's cards as date ranges of a playlist. A revision of a card
 * is one range: it is open while it is the card's newest, and closed by what took over. */
#include <inttypes.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/require.h"
#include "overlay/overlay.h"
#include "overlay/render/daterange.h"
#include "overlay/state.h"

enum {
    RANGES_BYTES_MAX = 6144, /* of all lines: a playlist is fetched 3 times a second */
    RANGE_LINE_MAX = 2048,
    RANGE_ID_MAX = OVERLAY_TOKEN_MAX + OVERLAY_CARD_MAX + 16,
};

struct chosen {
    const struct cue_entry *entries[OVERLAY_RANGES_MAX]; /* by q, oldest first */
    size_t n;
};

static int64_t wall_ms(const struct overlay *overlay, int64_t time)
{
    return cue_text_wall_ms(&overlay->text, time);
}

/* One with nothing between start and end says nothing, and some players stumble on it. */
static bool is_range(const struct overlay *overlay, const struct cue_entry *entry)
{
    return entry->kind != CUE_HIDE &&
           (entry->until == CUE_NEVER ||
            wall_ms(overlay, entry->until) > wall_ms(overlay, entry->time));
}

static bool has(const struct chosen *chosen, const struct cue_entry *entry)
{
    for (size_t i = 0; i < chosen->n; i++)
        if (chosen->entries[i] == entry)
            return true;
    return false;
}

static void choose(struct chosen *chosen, const struct cue_entry *entry)
{
    if (chosen->n == OVERLAY_RANGES_MAX || has(chosen, entry))
        return;
    size_t at = chosen->n++;
    for (; at > 0 && chosen->entries[at - 1]->q > entry->q; at--)
        chosen->entries[at] = chosen->entries[at - 1];
    chosen->entries[at] = entry;
}

/* Open ones first, however old; then the newest of those that ended. */
static struct chosen choose_all(const struct overlay *overlay, int64_t from)
{
    struct chosen chosen = {.n = 0};
    struct cue_board board = cue_journal_latest(&overlay->journal);
    for (size_t i = 0; i < board.n; i++)
        choose(&chosen, board.cards[i]);
    size_t n_before = cue_journal_until(&overlay->journal, from);
    size_t n = cue_journal_count(&overlay->journal);
    for (; n > n_before && chosen.n < OVERLAY_RANGES_MAX; n--) {
        const struct cue_entry *entry = cue_journal_at(&overlay->journal, n - 1);
        if (is_range(overlay, entry))
            choose(&chosen, entry);
    }
    uint32_t q;
    board = cue_journal_state(&overlay->journal, from, &q);
    for (size_t i = board.n; i > 0; i--)
        if (is_range(overlay, board.cards[i - 1]))
            choose(&chosen, board.cards[i - 1]);
    return chosen;
}

static struct buf *line_of(const struct overlay *overlay, const struct cue_entry *entry,
                           int64_t end_ms)
{
    struct builder json;
    builder_init(&json, CUE_TEXT_MAX);
    cue_text_range(&json, &overlay->text, entry);
    struct builder id;
    builder_init(&id, RANGE_ID_MAX);
    builder_printf(&id, "%s-%s-%" PRIu32, overlay->token, entry->card, entry->revision);
    builder_u8(&id, 0);
    struct builder line;
    builder_init(&line, RANGE_LINE_MAX);
    require(!builder_failed(&json) && !builder_failed(&id));
    render_daterange_put(&line, (const char *)builder_bytes(&id).data,
                         wall_ms(overlay, entry->time), end_ms, builder_bytes(&json));
    struct buf *buf = builder_take(&line);
    require(buf);
    builder_finish(&line);
    builder_finish(&id);
    builder_finish(&json);
    return buf;
}

static struct overlay_range range_of(const struct overlay *overlay,
                                     const struct cue_entry *entry)
{
    struct overlay_range range = {
        .start = entry->time,
        .end = OVERLAY_OPEN,
        .line = line_of(overlay, entry, RENDER_DATERANGE_OPEN),
    };
    if (entry->until != CUE_NEVER) {
        range.end = entry->until;
        range.line_closed = line_of(overlay, entry, wall_ms(overlay, entry->until));
    }
    return range;
}

static size_t size_of(const struct overlay_range *range)
{
    struct buf *longer = range->line_closed ? range->line_closed : range->line;
    return buf_bytes(longer).len + 1;
}

/* Renders those with the wanted openness, newest first, as long as there is room. */
static void render(const struct overlay *overlay, const struct chosen *chosen,
                   bool open, struct overlay_range *ranges, size_t *room)
{
    for (size_t i = chosen->n; i > 0; i--) {
        const struct cue_entry *entry = chosen->entries[i - 1];
        if ((entry->until == CUE_NEVER) != open)
            continue;
        struct overlay_range range = range_of(overlay, entry);
        if (size_of(&range) > *room) {
            buf_unref(range.line);
            buf_unref(range.line_closed);
            *room = 0; /* an older one in place of a newer would be odd */
            return;
        }
        *room -= size_of(&range);
        ranges[i - 1] = range;
    }
}

size_t overlay_ranges(const struct overlay *overlay, int64_t from,
                      struct overlay_range ret[OVERLAY_RANGES_MAX])
{
    struct chosen chosen = choose_all(overlay, from);
    struct overlay_range ranges[OVERLAY_RANGES_MAX] = {0};
    size_t room = RANGES_BYTES_MAX;
    render(overlay, &chosen, true, ranges, &room);
    render(overlay, &chosen, false, ranges, &room);
    size_t n = 0;
    for (size_t i = 0; i < chosen.n; i++)
        if (ranges[i].line)
            ret[n++] = ranges[i];
    return n;
}
