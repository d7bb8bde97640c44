#include "packager/segment/cadence.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

enum {
    UNKNOWN_TARGET_DURATION_S = 10, /* the longest that we let an encoder choose */
    DURATION_SLACK_MS = 100,        /* 29.97 frames a second make 2 s last 2.002 */
    LEGAL_PART_PERCENT = 85,        /* rfc8216bis 4.4.4.9 */
    LONGEST_PART_MS = 2000,
    TRIES = 8, /* frames up or down while looking for a length that suits both */
};

static const struct cadence customary[] = {
    {24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1},  {48, 1},  {50, 1},
    {60000, 1001}, {60, 1}, {10, 1}, {12, 1},       {15, 1},  {20, 1},  {40, 1},
    {72, 1},       {75, 1}, {90, 1}, {100, 1},      {120, 1}, {144, 1},
};

static int compare_times(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sums the differences that are near the median: the others are lost frames. */
static size_t sum_regular(const int64_t *starts, size_t n, int64_t *ret_sum)
{
    int64_t *sorted = alloc_array(n, sizeof *sorted);
    for (size_t i = 0; i + 1 < n; i++)
        sorted[i] = starts[i + 1] - starts[i];
    qsort(sorted, n - 1, sizeof *sorted, compare_times);
    int64_t median = sorted[(n - 1) / 2];
    size_t count = 0;
    *ret_sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        int64_t d = sorted[i];
        if (2 * d < median || 2 * d > 3 * median)
            continue;
        *ret_sum += d;
        count++;
    }
    alloc_free(sorted);
    return count;
}

static bool find_customary(size_t count, int64_t sum, uint32_t timescale,
                           struct cadence *ret_cadence)
{
    bool found = false;
    uint64_t best = 0;
    for (size_t i = 0; i < sizeof customary / sizeof customary[0]; i++) {
        struct cadence c = customary[i];
        int64_t expected = (int64_t)(count * timescale * c.den / c.num);
        uint64_t off = (uint64_t)llabs(sum - expected);
        if (off * 1000 > (uint64_t)timescale * 3 / 2 || (found && off >= best))
            continue;
        found = true;
        best = off;
        *ret_cadence = c;
    }
    return found;
}

bool segment_cadence_measure(const int64_t *starts, size_t n, uint32_t timescale,
                             struct cadence *ret_cadence)
{
    if (n < 2)
        return false;
    int64_t sum;
    size_t count = sum_regular(starts, n, &sum);
    if (count == 0 || sum <= 0)
        return false;
    if (!find_customary(count, sum, timescale, ret_cadence))
        *ret_cadence = (struct cadence){.num = count * timescale, .den = (uint64_t)sum};
    return true;
}

uint32_t segment_cadence_milli_fps(struct cadence cadence)
{
    return (uint32_t)((cadence.num * 1000 + cadence.den / 2) / cadence.den);
}

int64_t segment_cadence_frame(struct cadence cadence, uint32_t timescale)
{
    return (int64_t)((timescale * cadence.den + cadence.num / 2) / cadence.num);
}

static uint64_t length_ms(uint64_t n_frames, struct cadence cadence)
{
    return n_frames * 1000 * cadence.den / cadence.num;
}

static uint32_t frame_ms(struct cadence cadence) /* rounded up */
{
    return (uint32_t)((1000 * cadence.den + cadence.num - 1) / cadence.num);
}

/* The follower's shortest part has as many whole frames as fit into the leader's. */
static bool can_align(uint64_t leader_ms, const struct cadence *other)
{
    uint64_t target_ms = leader_ms + frame_ms(*other);
    uint64_t n_frames = (leader_ms - 1) * other->num / (1000 * other->den);
    return length_ms(n_frames, *other) * 100 >= target_ms * LEGAL_PART_PERCENT;
}

static bool has_good_tail(uint64_t n_frames, struct cadence cadence, int64_t segment_ms)
{
    if (segment_ms <= 0)
        return true;
    uint64_t unit = 1000 * cadence.den;
    uint64_t in_segment = ((uint64_t)segment_ms * cadence.num + unit / 2) / unit;
    uint64_t tail = in_segment % n_frames;
    return tail == 0 || length_ms(tail, cadence) >= CADENCE_TAIL_MS;
}

/* The follower's parts, cut by length alone, fill 85 % of this one. */
static bool can_fill(uint64_t part_ms, const struct cadence *other)
{
    uint64_t n_frames = part_ms * other->num / (1000 * other->den);
    return length_ms(n_frames, *other) * 100 >= part_ms * LEGAL_PART_PERCENT;
}

/* What a number of frames is looked for by. */
struct wish {
    struct cadence cadence;
    const struct cadence *other;
    int64_t segment_ms;
    bool (*fits)(uint64_t part_ms, const struct cadence *other);
};

static bool suits(uint64_t n_frames, const struct wish *wish)
{
    uint64_t part_ms = length_ms(n_frames, wish->cadence) + 1;
    return n_frames > 0 && part_ms <= LONGEST_PART_MS &&
           has_good_tail(n_frames, wish->cadence, wish->segment_ms) &&
           (!wish->other || wish->fits(part_ms, wish->other));
}

/* The nearest number of frames that suits; 0: none does. */
static uint64_t find_frames(uint64_t nearest, const struct wish *wish)
{
    for (uint64_t off = 0; off < TRIES; off++) {
        if (suits(nearest + off, wish))
            return nearest + off;
        if (off < nearest && suits(nearest - off, wish))
            return nearest - off;
    }
    return 0;
}

uint32_t segment_cadence_part_target(uint32_t wanted_ms, struct cadence cadence,
                                     const struct cadence *other, int64_t segment_ms)
{
    uint64_t unit = 1000 * cadence.den;
    uint64_t nearest = (wanted_ms * cadence.num + unit / 2) / unit;
    if (nearest == 0)
        nearest = 1;
    /* Best first; the last wish is what a player can live with. */
    const struct wish wishes[] = {
        {cadence, other, segment_ms, can_align},
        {cadence, other, 0, can_align},
        {cadence, other, segment_ms, can_fill},
        {cadence, other, 0, can_fill},
    };
    uint64_t chosen = 0;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0] && chosen == 0; i++)
        chosen = find_frames(nearest, &wishes[i]);
    if (chosen == 0)
        chosen = nearest;
    uint64_t ms = length_ms(chosen, cadence) + 1;
    if (other && can_align(ms, other))
        ms += frame_ms(*other);
    return ms < LONGEST_PART_MS ? (uint32_t)ms : LONGEST_PART_MS;
}

uint32_t segment_cadence_leader_part(uint32_t part_target_ms,
                                     const struct cadence *other)
{
    uint32_t frame = other ? frame_ms(*other) : 0;
    bool aligns =
        other && part_target_ms > frame && can_align(part_target_ms - frame, other);
    return aligns ? part_target_ms - frame : part_target_ms;
}

uint32_t segment_cadence_target_duration(uint32_t segment_ms, int64_t key_interval_ms)
{
    if (key_interval_ms <= 0)
        return UNKNOWN_TARGET_DURATION_S;
    int64_t longest = segment_ms > key_interval_ms ? segment_ms : key_interval_ms;
    int64_t seconds = (longest - DURATION_SLACK_MS + 999) / 1000;
    if (seconds < 1)
        return 1;
    return seconds > UNKNOWN_TARGET_DURATION_S ? UNKNOWN_TARGET_DURATION_S
                                               : (uint32_t)seconds;
}
