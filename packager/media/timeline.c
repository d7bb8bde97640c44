#include "packager/media/timeline.h"

#include "core/alloc.h"
#include "core/require.h"
#include "packager/media/packet.h"

enum {
    NEAR_MS = 500,          /* two tracks this close share a clock */
    PAUSE_NEAR_MS = 1000,   /* a line that stalls a little beside the pause */
    HOLE_NEAR_MS = 1500,    /* behind a hole, interleaving has yet to settle */
    STEP_FIRST_MS = 33,     /* a track's pace before it has shown one */
    STEP_MAX_MS = 200,      /* slower is a pause, not a pace */
    AUDIO_SLACK_FRAMES = 2, /* jitter of stamps, and a frame lost here and there */
    TICKS_PER_MS = TRACK_VIDEO_TIMESCALE / 1000,
};

/* One track's stamps. Where time_ms + offset_ms says it lies, a packet lands, unless that
 * would break the order. */
struct clock {
    bool started;
    uint32_t stamp;     /* last one, as on the wire */
    int64_t time_ms;    /* the same unwrapped */
    int64_t offset_ms;  /* added, gives the axis */
    int64_t arrived_ms; /* the last one */
    int64_t pace_ms;    /* last plausible distance of two packets */
    int64_t ahead_ms;   /* of the other track's stamps, when both were on one clock */
    int64_t last;       /* DTS given out last, in ticks; -1 before the first */
    uint32_t timescale; /* of last */
    uint32_t n_samples; /* audio: in the frame at last */
    bool recount;       /* audio: the next stamp is where counting starts anew */
};

#define UNKNOWN INT64_MIN

struct timeline {
    struct clock clocks[TRACK_KINDS];
    int64_t base_ms;
    int64_t now_ms; /* UNKNOWN: arrivals are not told */
    /* True while the tracks' stamps have nothing to do with each other: one jumped and
     * the other did not follow (yet). Each has its own offset then. */
    bool split;
    enum track_kind strayed; /* while split: who caused it */
    struct timeline_stats stats;
};

struct timeline *media_timeline_create(int64_t base_ms)
{
    struct timeline *timeline = alloc_zero(sizeof *timeline);
    timeline->base_ms = base_ms;
    timeline->now_ms = UNKNOWN;
    for (unsigned i = 0; i < TRACK_KINDS; i++)
        timeline->clocks[i] = (struct clock){
            .pace_ms = STEP_FIRST_MS, .last = -1, .timescale = TRACK_VIDEO_TIMESCALE};
    return timeline;
}

void media_timeline_arrive(struct timeline *timeline, int64_t now_ms)
{
    timeline->now_ms = now_ms;
}

void media_timeline_destroy(struct timeline *timeline)
{
    alloc_free(timeline);
}

struct timeline_stats media_timeline_stats(const struct timeline *timeline)
{
    return timeline->stats;
}

/* From one stamp to another on the shorter way round. Modulo 2^31, so that clocks of 32
 * and of 31 bits both wrap without a seam; what differs by more than 12 days is a jump
 * anyway. */
static int64_t distance(uint32_t from, uint32_t to)
{
    uint32_t d = (to - from) & 0x7fffffff;
    return d & 0x40000000 ? (int64_t)d - INT64_C(0x80000000) : (int64_t)d;
}

static bool is_within(int64_t value, int64_t limit)
{
    return value >= -limit && value <= limit;
}

static int64_t axis_ms(const struct clock *clock)
{
    return clock->time_ms + clock->offset_ms;
}

static int64_t last_ms(const struct clock *clock)
{
    return clock->last < 0 ? 0 : clock->last * 1000 / clock->timescale;
}

static void start(struct timeline *timeline, enum track_kind kind, uint32_t stamp)
{
    struct clock *clock = &timeline->clocks[kind];
    const struct clock *other = &timeline->clocks[TRACK_KINDS - 1 - kind];
    clock->started = true;
    if (!other->started) {
        clock->time_ms = stamp;
        clock->offset_ms = timeline->base_ms - stamp;
        return;
    }
    int64_t ahead = distance(other->stamp, stamp);
    clock->time_ms = other->time_ms + ahead;
    clock->offset_ms = other->offset_ms;
    if (is_within(ahead, TIMELINE_JUMP_FORWARD_MS))
        return;
    /* A clock of its own: all that is known is that both arrive now. */
    clock->offset_ms -= ahead;
    timeline->split = true;
    timeline->strayed = kind;
    timeline->stats.n_clamped++;
}

/* The stamp is not believed: the packet follows its predecessor at the track's pace, and
 * what follows keeps its distance to it. */
static void stray(struct timeline *timeline, enum track_kind kind)
{
    struct clock *clock = &timeline->clocks[kind];
    clock->offset_ms = last_ms(clock) + clock->pace_ms - clock->time_ms;
    if (!timeline->clocks[TRACK_KINDS - 1 - kind].started) {
        timeline->stats.n_reanchored++;
        return;
    }
    timeline->split = true;
    timeline->strayed = kind;
    timeline->stats.n_clamped++;
}

/* Both tracks' stamps are on one clock again: one offset, the smallest with which neither
 * goes back. ahead: from the other's stamp to this one's. */
static void join(struct timeline *timeline, enum track_kind kind, int64_t ahead)
{
    struct clock *clock = &timeline->clocks[kind];
    struct clock *other = &timeline->clocks[TRACK_KINDS - 1 - kind];
    clock->time_ms = other->time_ms + ahead;
    int64_t offset_ms = last_ms(clock) + 1 - clock->time_ms;
    if (offset_ms < other->offset_ms)
        offset_ms = other->offset_ms;
    clock->offset_ms = other->offset_ms = offset_ms;
    timeline->clocks[TRACK_AUDIO].recount = true;
    timeline->split = false;
    if (timeline->strayed == kind)
        return;
    timeline->stats.n_clamped--; /* it was right: the other one led the way */
    timeline->stats.n_reanchored++;
}

/* The tracks' stamps lie side by side, or as far apart as they used to. */
static bool is_near(const struct clock *clock, int64_t ahead, int64_t limit)
{
    return is_within(ahead, limit) || is_within(ahead - clock->ahead_ms, limit);
}

/* Nothing came for as long as the stamps have stepped. */
static bool is_pause(const struct timeline *timeline, const struct clock *clock,
                     int64_t step)
{
    if (timeline->now_ms == UNKNOWN || clock->arrived_ms == UNKNOWN || step <= 0)
        return false;
    return is_within(timeline->now_ms - clock->arrived_ms - step, PAUSE_NEAR_MS);
}

static void advance(struct timeline *timeline, enum track_kind kind, uint32_t stamp)
{
    struct clock *clock = &timeline->clocks[kind];
    const struct clock *other = &timeline->clocks[TRACK_KINDS - 1 - kind];
    int64_t step = distance(clock->stamp, stamp);
    int64_t ahead = distance(other->stamp, stamp);
    bool is_jump = step < -TIMELINE_JUMP_BACK_MS || step > TIMELINE_JUMP_FORWARD_MS;
    bool is_hole = step > 0 && other->started && !timeline->split &&
                   is_near(clock, ahead, HOLE_NEAR_MS);
    clock->time_ms += step;
    if (timeline->split && is_near(clock, ahead, NEAR_MS))
        join(timeline, kind, ahead);
    else if (is_jump && !is_hole && !is_pause(timeline, clock, step))
        stray(timeline, kind);
    if (!is_jump && step > 0)
        clock->pace_ms = step < STEP_MAX_MS ? step : STEP_MAX_MS;
}

/* Moves a track's clock to a stamp; gives where that lies on the axis. */
static int64_t place(struct timeline *timeline, enum track_kind kind, uint32_t stamp)
{
    struct clock *clock = &timeline->clocks[kind];
    if (clock->started)
        advance(timeline, kind, stamp);
    else
        start(timeline, kind, stamp);
    clock->stamp = stamp;
    clock->arrived_ms = timeline->now_ms;
    const struct clock *other = &timeline->clocks[TRACK_KINDS - 1 - kind];
    if (other->started && !timeline->split)
        clock->ahead_ms = clock->time_ms - other->time_ms;
    return axis_ms(clock);
}

/* Gives a time out: after the last one, and never before the axis begins. */
static int64_t give(struct clock *clock, int64_t wanted)
{
    clock->last = wanted > clock->last ? wanted : clock->last + 1;
    return clock->last;
}

int64_t media_timeline_pts(int64_t dts, int32_t cts_ms)
{
    bool is_believed = cts_ms >= TIMELINE_CTS_MIN_MS && cts_ms <= TIMELINE_CTS_MAX_MS;
    int64_t pts = dts + (is_believed ? (int64_t)cts_ms * TICKS_PER_MS : 0);
    return pts < 0 ? 0 : pts;
}

bool media_timeline_is_counted(int64_t stamped, int64_t counted, uint32_t n_samples)
{
    return is_within(stamped - counted, (int64_t)n_samples * AUDIO_SLACK_FRAMES);
}

void media_timeline_video(struct timeline *timeline, uint32_t stamp_ms, int32_t cts_ms,
                          int64_t *ret_dts, int64_t *ret_pts)
{
    *ret_dts = give(&timeline->clocks[TRACK_VIDEO],
                    place(timeline, TRACK_VIDEO, stamp_ms) * TICKS_PER_MS);
    *ret_pts = media_timeline_pts(*ret_dts, cts_ms);
}

int64_t media_timeline_audio(struct timeline *timeline, uint32_t stamp_ms,
                             uint32_t sample_rate, uint32_t n_samples)
{
    require(sample_rate > 0 && n_samples > 0);
    struct clock *clock = &timeline->clocks[TRACK_AUDIO];
    bool is_first = !clock->started;
    if (clock->timescale != sample_rate) {
        if (!is_first)
            clock->last =
                media_packet_rescale(clock->last, clock->timescale, sample_rate);
        clock->timescale = sample_rate;
    }
    int64_t stamped =
        media_packet_rescale(place(timeline, TRACK_AUDIO, stamp_ms), 1000, sample_rate);
    int64_t counted = clock->last + clock->n_samples;
    clock->n_samples = n_samples;
    if (is_first || clock->recount) {
        clock->recount = false;
        return give(clock, stamped);
    }
    if (media_timeline_is_counted(stamped, counted, n_samples))
        return give(clock, counted);
    timeline->stats.n_resynced++;
    return give(clock, stamped);
}

int64_t media_timeline_locate_ms(const struct timeline *timeline, uint32_t stamp_ms)
{
    int64_t best = TIMELINE_JUMP_FORWARD_MS;
    int64_t found_ms = -1;
    int64_t newest_ms = -1;
    for (unsigned i = 0; i < TRACK_KINDS; i++) {
        const struct clock *clock = &timeline->clocks[i];
        if (!clock->started)
            continue;
        int64_t ahead = distance(clock->stamp, stamp_ms);
        if (is_within(ahead, best)) {
            best = ahead < 0 ? -ahead : ahead;
            found_ms = axis_ms(clock) + ahead < 0 ? 0 : axis_ms(clock) + ahead;
        }
        if (last_ms(clock) > newest_ms)
            newest_ms = last_ms(clock);
    }
    if (newest_ms < 0)
        return timeline->base_ms;
    return found_ms >= 0 ? found_ms : newest_ms;
}
