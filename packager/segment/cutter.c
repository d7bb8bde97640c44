#include "packager/segment/cutter.h"

#include <string.h>

#include "core/require.h"

/* EXTINF is rounded to the nearest second before it is compared (rfc8216bis 4.4.3.1). */
enum { ROUNDS_DOWN_MS = 499, LEGAL_PART_PERCENT = 85 };
#define NO_KEY INT64_MIN

static int64_t ticks_of_ms(const struct cutter_config *config, int64_t ms)
{
    return ms * config->timescale / 1000;
}

/* Never longer than a part. */
static int64_t median_of(const struct cutter *cutter)
{
    int64_t sorted[CUTTER_RECENT];
    uint32_t n = 0;
    for (uint32_t i = 0; i < cutter->n_recent; i++) {
        uint32_t at = n++;
        for (; at > 0 && sorted[at - 1] > cutter->recent[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = cutter->recent[i];
    }
    int64_t median = n > 0 ? sorted[n / 2] : 0;
    return median < cutter->part_max ? median : cutter->part_max;
}

void segment_cutter_init(struct cutter *cutter, const struct cutter_config *config,
                         int64_t frame)
{
    require(config->timescale > 0 && config->part_target_ms > 0);
    int64_t longest_ms = (int64_t)config->target_duration_s * 1000 + ROUNDS_DOWN_MS;
    *cutter = (struct cutter){.config = *config};
    cutter->part_max = ticks_of_ms(config, config->part_target_ms);
    cutter->segment_min = ticks_of_ms(config, config->segment_ms);
    cutter->segment_max = ticks_of_ms(config, longest_ms - config->margin_ms);
    cutter->segment_hard_max = ticks_of_ms(config, longest_ms);
    cutter->part_min = cutter->part_max * LEGAL_PART_PERCENT / 100 + 1;
    int64_t limit_ms =
        config->part_limit_ms > 0 ? config->part_limit_ms : config->part_target_ms;
    /* In labels, which are whole milliseconds. */
    int64_t legal_ms = (limit_ms * LEGAL_PART_PERCENT + 99) / 100;
    cutter->part_limit = ticks_of_ms(config, limit_ms);
    cutter->part_legal = ticks_of_ms(config, legal_ms);
    cutter->boundary = cutter->part_bound = CUTTER_NO_BOUNDARY;
    cutter->last_key = NO_KEY;
    if (frame > 0) {
        cutter->recent[0] = frame;
        cutter->n_recent = 1;
    }
    cutter->typical = median_of(cutter);
}

static bool is_segment_empty(const struct cutter *cutter)
{
    return cutter->n_parts == 0;
}

/* From this key frame to the next: the longest of the last three. */
static int64_t expected_interval(const struct cutter *cutter, int64_t key)
{
    int64_t longest = segment_cutter_since_key(cutter, key);
    for (int i = 0; i < 2; i++)
        if (cutter->key_intervals[i] > longest)
            longest = cutter->key_intervals[i];
    return longest;
}

/* Where missing media begins, a follower's segment may have begun earlier. */
static int64_t longest(const struct cutter *cutter)
{
    int64_t slack = cutter->begins_missing ? segment_cutter_slack(cutter) : 0;
    return cutter->segment_max - slack;
}

static enum cutter_cut lead(const struct cutter *cutter,
                            const struct cutter_piece *piece)
{
    if (is_segment_empty(cutter))
        return CUTTER_JOIN;
    int64_t elapsed = piece->start - cutter->segment_start;
    if (cutter->has_media ? piece->away : piece->key)
        return CUTTER_SEGMENT; /* media and what is missing do not share one */
    bool can_start = piece->key || piece->gap;
    if (can_start &&
        elapsed >= cutter->segment_min - segment_cutter_typical(cutter) / 2)
        return CUTTER_SEGMENT;
    if (piece->key && elapsed >= cutter->part_max) {
        int64_t next_key = elapsed + expected_interval(cutter, piece->start);
        if (cutter->after_gap || next_key > longest(cutter))
            return CUTTER_SEGMENT;
    }
    bool full = piece->end - cutter->segment_start > longest(cutter);
    bool crowded = cutter->crowded || cutter->n_parts >= CUTTER_PARTS_CROWDED;
    if (full || (crowded && elapsed >= cutter->part_max))
        return can_start ? CUTTER_SEGMENT : CUTTER_SEGMENT_FORCED;
    return CUTTER_JOIN;
}

/* A tick less than the legal length may be a label's millisecond less. */
static bool has_room(const struct cutter *cutter, const struct cutter_piece *piece)
{
    int64_t end = piece->end - cutter->part_start;
    if (end <= cutter->part_max)
        return true;
    int64_t legal = cutter->part_legal + cutter->config.timescale / 1000;
    return piece->start - cutter->part_start < legal && end <= cutter->part_limit;
}

enum cutter_cut segment_cutter_judge(const struct cutter *cutter,
                                     const struct cutter_piece *piece)
{
    enum cutter_cut cut = CUTTER_JOIN;
    if (!cutter->config.follows)
        cut = lead(cutter, piece);
    else if (piece->start >= cutter->boundary)
        cut = CUTTER_SEGMENT;
    if (cut != CUTTER_JOIN)
        return cut;
    if (!cutter->part_open)
        return CUTTER_PART;
    bool bound = piece->start >= cutter->part_bound &&
                 segment_cutter_may_end_part(cutter, piece->start);
    bool joins = !piece->gap && !cutter->part_gap && !bound && has_room(cutter, piece);
    return joins ? CUTTER_JOIN : CUTTER_PART;
}

void segment_cutter_open_segment(struct cutter *cutter, int64_t start)
{
    cutter->segment_start = start;
    cutter->part_open = false;
    cutter->n_parts = 0;
    cutter->has_media = cutter->begins_missing = false;
    cutter->crowded = false;
}

void segment_cutter_close_part(struct cutter *cutter)
{
    cutter->part_open = false;
}

static void note_key(struct cutter *cutter, int64_t start)
{
    if (cutter->last_key != NO_KEY) {
        cutter->key_intervals[1] = cutter->key_intervals[0];
        cutter->key_intervals[0] = start - cutter->last_key;
    }
    cutter->last_key = start;
}

static void note_duration(struct cutter *cutter, int64_t duration)
{
    if (cutter->n_recent == CUTTER_RECENT) {
        memmove(cutter->recent, cutter->recent + 1,
                (CUTTER_RECENT - 1) * sizeof cutter->recent[0]);
        cutter->n_recent--;
    }
    cutter->recent[cutter->n_recent++] = duration;
    cutter->typical = median_of(cutter);
}

void segment_cutter_place(struct cutter *cutter, const struct cutter_piece *piece,
                          enum cutter_cut cut)
{
    if (cut == CUTTER_SEGMENT || cut == CUTTER_SEGMENT_FORCED)
        segment_cutter_open_segment(cutter, piece->start);
    if (cut != CUTTER_JOIN || !cutter->part_open) {
        cutter->part_start = piece->start;
        cutter->part_gap = piece->gap;
        cutter->part_open = true;
        cutter->n_parts++;
    }
    cutter->after_gap = piece->gap;
    if (piece->gap && cutter->n_parts == 1)
        cutter->begins_missing = true;
    if (piece->gap) {
        cutter->last_key = NO_KEY; /* the next one is no sign of how often they come */
        return;
    }
    cutter->has_media = true;
    if (piece->key)
        note_key(cutter, piece->start);
    note_duration(cutter, piece->end - piece->start);
}

void segment_cutter_set_boundary(struct cutter *cutter, int64_t boundary)
{
    cutter->boundary = boundary;
}

void segment_cutter_set_part_bound(struct cutter *cutter, int64_t bound)
{
    cutter->part_bound = bound;
}

int64_t segment_cutter_part_start(const struct cutter *cutter)
{
    return cutter->part_open ? cutter->part_start : CUTTER_NO_BOUNDARY;
}

bool segment_cutter_may_end_part(const struct cutter *cutter, int64_t t)
{
    return cutter->part_open && t - cutter->part_start >= cutter->part_min;
}

void segment_cutter_set_crowded(struct cutter *cutter, bool crowded)
{
    cutter->crowded = crowded;
}

int64_t segment_cutter_typical(const struct cutter *cutter)
{
    return cutter->typical;
}

int64_t segment_cutter_part_max(const struct cutter *cutter)
{
    return cutter->part_max;
}

int64_t segment_cutter_part_legal(const struct cutter *cutter)
{
    return cutter->part_legal;
}

bool segment_cutter_has_media(const struct cutter *cutter)
{
    return cutter->has_media;
}

int64_t segment_cutter_slack(const struct cutter *cutter)
{
    int64_t most = cutter->segment_hard_max / 4;
    int64_t wanted = cutter->part_max * 3 / 4;
    return wanted < most ? wanted : most;
}

int64_t segment_cutter_hard_end(const struct cutter *cutter)
{
    return cutter->segment_start + cutter->segment_hard_max;
}

int64_t segment_cutter_since_key(const struct cutter *cutter, int64_t t)
{
    return cutter->last_key == NO_KEY ? 0 : t - cutter->last_key;
}
