#include "packager/segment/window.h"

#include <string.h>

#include "core/alloc.h"
#include "core/require.h"

enum { FIRST_CAP = 16 };

void segment_window_init(struct window *window, uint64_t first_discontinuity)
{
    *window = (struct window){.discontinuity = first_discontinuity};
}

void segment_window_finish(struct window *window)
{
    for (size_t i = 0; i < window->n; i++)
        segment_part_segment_unref(window->entries[i].segment);
    alloc_free(window->entries);
    *window = (struct window){0};
}

void segment_window_add(struct window *window, struct segment *segment)
{
    if (window->n == window->cap) {
        window->cap = window->cap > 0 ? window->cap * 2 : FIRST_CAP;
        window->entries =
            alloc_resize(window->entries, window->cap * sizeof *window->entries);
    }
    window->entries[window->n++] = (struct window_entry){.segment = segment};
    window->listed_ms += segment->label_ms;
    if (window->listed_ms > window->longest_ms)
        window->longest_ms = window->listed_ms;
}

uint64_t segment_window_wanted_first(const struct window *window, int64_t window_ms)
{
    size_t first = window->n_left;
    int64_t listed_ms = window->listed_ms;
    while (window->n - first > WINDOW_SEGMENTS_MIN) {
        listed_ms -= window->entries[first].segment->label_ms;
        if (listed_ms < window_ms)
            break;
        first++;
    }
    return first < window->n ? window->entries[first].segment->msn : 0;
}

static void give_up_expired(struct window *window, int64_t now_ms)
{
    size_t n = 0;
    while (n < window->n_left && window->entries[n].expires_ms <= now_ms)
        segment_part_segment_unref(window->entries[n++].segment);
    if (n == 0)
        return;
    window->n -= n;
    window->n_left -= n;
    memmove(window->entries, window->entries + n, window->n * sizeof *window->entries);
}

void segment_window_trim(struct window *window, uint64_t first_msn, int64_t now_ms)
{
    while (window->n_left < window->n) {
        struct window_entry *entry = &window->entries[window->n_left];
        if (entry->segment->msn >= first_msn)
            break;
        entry->expires_ms = now_ms + window->longest_ms + entry->segment->label_ms;
        window->listed_ms -= entry->segment->label_ms;
        if (entry->segment->discontinuity)
            window->discontinuity++;
        window->n_left++;
    }
    give_up_expired(window, now_ms);
}

size_t segment_window_count(const struct window *window)
{
    return window->n;
}

size_t segment_window_n_left(const struct window *window)
{
    return window->n_left;
}

struct segment *segment_window_get(const struct window *window, size_t i)
{
    require(i < window->n);
    return window->entries[i].segment;
}

uint64_t segment_window_discontinuity(const struct window *window)
{
    return window->discontinuity;
}

uint64_t segment_window_last_discontinuity(const struct window *window)
{
    uint64_t sequence = window->discontinuity;
    for (size_t i = window->n_left; i < window->n; i++)
        sequence += window->entries[i].segment->discontinuity;
    return sequence;
}
