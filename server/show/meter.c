#include "server/show/meter.h"

#include <stdlib.h>

enum { METER_SECOND_MS = 1000 };

void show_meter_init(struct show_meter *meter, int64_t now_ms)
{
    *meter = (struct show_meter){.started_ms = now_ms,
                                 .at_ms = now_ms,
                                 .second_ms = now_ms,
                                 .stretch_ms = now_ms};
}

/* From one arrival to another at least METER_STRETCH_MS later: what came late with the
 * first is not of the stretch. */
void show_meter_arrival(struct show_meter *meter, size_t len, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - meter->stretch_ms;
    meter->stretch_bytes += len;
    if (elapsed_ms < METER_STRETCH_MS)
        return;
    uint64_t kbps = meter->stretch_bytes * 8 / (uint64_t)elapsed_ms;
    if (kbps > meter->now.peak_kbps)
        meter->now.peak_kbps = kbps < UINT32_MAX ? (uint32_t)kbps : UINT32_MAX;
    meter->stretch_bytes = 0;
    meter->stretch_ms = now_ms;
}

/* From one stamp to the next, whichever way round is shorter: stamps have 32 bits, and
 * with some encoders 31. */
static int64_t step_of(uint32_t before_ms, uint32_t stamp_ms)
{
    int64_t step = (int32_t)(stamp_ms - before_ms);
    int64_t narrow = (int32_t)((stamp_ms - before_ms) << 1) / 2;
    return llabs(narrow) < llabs(step) ? narrow : step;
}

static void note_still(struct show_meter_track *track, int64_t step)
{
    if (step > 0)
        track->n_still = 0;
    else if (track->n_still++ == 0)
        track->still_since_ms = track->at_ms;
}

/* Both tracks jump when the clock does: within a second it is one jump. */
static void note_jump(struct show_meter *meter, int64_t step, int64_t now_ms)
{
    bool same = meter->n_jumps > 0 && now_ms - meter->jump_at_ms < METER_SECOND_MS;
    if (!same)
        meter->n_jumps++;
    meter->jump_ms = step;
    meter->jump_at_ms = now_ms;
}

/* Moves the track's clock; returns by how much. A stamp that runs ahead while as much
 * time passes is a pause of the line and no jump. */
static int64_t advance(struct show_meter *meter, struct show_meter_track *track,
                       uint32_t stamp_ms, int64_t now_ms)
{
    int64_t elapsed = now_ms - track->at_ms;
    int64_t step = step_of(track->stamp_ms, stamp_ms);
    note_still(track, step);
    if (step > elapsed + METER_JUMP_FORWARD_MS || step < -METER_JUMP_BACK_MS) {
        note_jump(meter, step, now_ms);
        step = elapsed;
    }
    track->stamp_ms = stamp_ms;
    track->time_ms += step;
    return step;
}

/* How late media is against the earliest that any of it came. */
static void note_lag(struct show_meter *meter, const struct show_meter_track *track,
                     int64_t now_ms)
{
    int64_t distance = now_ms - track->time_ms;
    if (!meter->has_base || distance < meter->base_ms)
        meter->base_ms = distance;
    meter->has_base = true;
    meter->lag_ms = distance - meter->base_ms;
}

static void note_offset(struct show_meter *meter)
{
    const struct show_meter_track *video = &meter->tracks[TRACK_VIDEO];
    const struct show_meter_track *audio = &meter->tracks[TRACK_AUDIO];
    if (!video->seen || !audio->seen)
        return;
    int64_t offset = step_of(video->stamp_ms, audio->stamp_ms);
    if (llabs(offset) > METER_OFFSET_MAX_MS)
        return;
    meter->now.offset_sum += offset;
    meter->now.n_offsets++;
}

static void note_key(struct show_meter *meter, int64_t time_ms, int64_t now_ms)
{
    if (meter->has_key && time_ms > meter->key_time_ms)
        meter->gops_ms[meter->n_gops++ % METER_GOPS] = time_ms - meter->key_time_ms;
    meter->has_key = true;
    meter->key_time_ms = time_ms;
    meter->key_at_ms = now_ms;
}

/* A frame shown before one that came earlier is a B-frame. Stamps are rounded, so a
 * millisecond says nothing; and a frame far ahead of all others was none. */
static void note_order(struct show_meter *meter, int64_t pts_ms)
{
    if (pts_ms + 1 < meter->highest_pts_ms && meter->b_run < METER_B_FRAMES_MAX) {
        meter->b_run++;
        return;
    }
    if (pts_ms + 1 >= meter->highest_pts_ms && meter->b_run > meter->now.b_frames)
        meter->now.b_frames = meter->b_run;
    meter->b_run = 0;
    meter->highest_pts_ms = pts_ms;
}

/* Before the first media nothing is missed: encoders take their time to begin. */
static int64_t gap_until(const struct show_meter *meter, int64_t now_ms)
{
    return meter->bytes > 0 ? now_ms - meter->at_ms : 0;
}

static void note_gap(struct show_meter *meter, int64_t now_ms)
{
    int64_t gap = gap_until(meter, now_ms);
    if (gap > meter->now.max_gap_ms)
        meter->now.max_gap_ms = (uint32_t)gap;
}

void show_meter_bytes(struct show_meter *meter, enum track_kind kind, size_t len)
{
    meter->bytes += len;
    meter->now.bytes[kind] += (uint32_t)len;
}

void show_meter_packet(struct show_meter *meter, enum track_kind kind,
                       uint32_t stamp_ms, int32_t cts_ms, bool key, size_t len,
                       int64_t now_ms)
{
    struct show_meter_track *track = &meter->tracks[kind];
    /* Sound stands in for pictures that are not there. */
    bool leads = kind == TRACK_VIDEO || !meter->tracks[TRACK_VIDEO].seen;
    int64_t step = 0;
    if (track->seen) {
        step = advance(meter, track, stamp_ms, now_ms);
    } else {
        track->seen = true;
        track->first_stamp_ms = track->stamp_ms = stamp_ms;
        if (kind == TRACK_VIDEO) {
            meter->first_cts_ms = cts_ms;
            meter->has_base = false;
        }
    }
    track->at_ms = now_ms;
    note_gap(meter, now_ms);
    meter->at_ms = now_ms;
    meter->now.n[kind]++;
    show_meter_bytes(meter, kind, len);
    if (len > meter->now.largest_bytes)
        meter->now.largest_bytes = (uint32_t)len;
    if (leads) {
        meter->now.media_ms += step;
        note_lag(meter, track, now_ms);
    }
    if (kind == TRACK_VIDEO) {
        meter->now.video_ms += step;
        note_order(meter, track->time_ms + cts_ms);
        if (key)
            note_key(meter, track->time_ms, now_ms);
    }
    note_offset(meter);
}

bool show_meter_tick(struct show_meter *meter, int64_t now_ms)
{
    struct show_meter_second *second = &meter->now;
    second->elapsed_ms = now_ms - meter->second_ms;
    if (second->elapsed_ms < METER_SECOND_MS)
        return false;
    uint32_t fps = (uint32_t)(second->n[TRACK_VIDEO] * 1000000ll / second->elapsed_ms);
    meter->fps_milli = meter->fps_milli ? (meter->fps_milli * 3 + fps) / 4 : fps;
    if (second->n_offsets > 0 && !meter->has_offset) {
        meter->has_offset = true;
        meter->first_offset_ms = (int32_t)(second->offset_sum / second->n_offsets);
    }
    /* An encoder's clock may run slower than ours without being behind. */
    if (meter->lag_ms > 0)
        meter->base_ms++;
    meter->seconds[meter->n_seconds++ % METER_SECONDS] = *second;
    *second = (struct show_meter_second){0};
    meter->second_ms = now_ms;
    return true;
}

/* ---- reading ---- */

/* The newest seconds, 0 the last one; NULL when there are not so many. */
static const struct show_meter_second *second_at(const struct show_meter *meter,
                                                 size_t back)
{
    if (back >= METER_SECONDS || back >= meter->n_seconds)
        return NULL;
    return &meter->seconds[(meter->n_seconds - 1 - back) % METER_SECONDS];
}

/* Of the newest so many seconds. */
static uint32_t rate_over(const struct show_meter *meter, enum track_kind kind,
                          size_t n_seconds)
{
    const struct show_meter_second *second;
    uint64_t bytes = 0;
    int64_t elapsed_ms = 0;
    for (size_t i = 0; i < n_seconds && (second = second_at(meter, i)); i++) {
        bytes += second->bytes[kind];
        elapsed_ms += second->elapsed_ms;
    }
    return elapsed_ms > 0 ? (uint32_t)(bytes * 8 / (uint64_t)elapsed_ms) : 0;
}

static void read_rates(const struct show_meter *meter, struct show_meter_reading *ret)
{
    const struct show_meter_second *second;
    for (int i = 0; i < TRACK_KINDS; i++) {
        enum track_kind kind = (enum track_kind)i;
        struct show_meter_reading_track *track = &ret->tracks[kind];
        uint64_t bytes = 0;
        for (size_t k = 0; (second = second_at(meter, k)); k++) {
            bytes += second->bytes[kind];
            track->n_packets += second->n[kind];
        }
        if (track->n_packets > 0)
            track->packet_bytes = (uint32_t)(bytes / track->n_packets);
        track->kbps = rate_over(meter, kind, 1);
        track->kbps_short = rate_over(meter, kind, METER_PACE_SECONDS);
        track->kbps_long = rate_over(meter, kind, METER_SECONDS);
        ret->kbps += track->kbps;
        ret->kbps_short += track->kbps_short;
        ret->kbps_long += track->kbps_long;
    }
}

static void read_frames(const struct show_meter *meter, struct show_meter_reading *ret)
{
    const struct show_meter_second *second;
    int64_t media_ms = 0;
    int64_t n = 0;
    for (size_t i = 0; (second = second_at(meter, i)); i++) {
        media_ms += second->video_ms;
        n += second->n[TRACK_VIDEO];
        if (second->b_frames > ret->b_frames)
            ret->b_frames = second->b_frames;
        /* Of half a second a frame more or less is too much of a difference, and a pause
         * of the line is no matter of the camera. */
        if (second->video_ms < METER_SECOND_MS / 2 ||
            second->max_gap_ms > METER_SECOND_MS / 2)
            continue;
        uint32_t fps =
            (uint32_t)(second->n[TRACK_VIDEO] * 1000000ll / second->video_ms);
        if (ret->slow_fps_milli == 0 || fps < ret->slow_fps_milli)
            ret->slow_fps_milli = fps;
        if (fps > ret->fast_fps_milli)
            ret->fast_fps_milli = fps;
    }
    if (media_ms > 0)
        ret->media_fps_milli = (uint32_t)(n * 1000000 / media_ms);
    ret->fps_milli = meter->fps_milli;
}

static void read_keys(const struct show_meter *meter, int64_t now_ms,
                      struct show_meter_reading *ret)
{
    ret->has_key = meter->has_key;
    if (!meter->has_key)
        return;
    size_t n = meter->n_gops < METER_GOPS ? meter->n_gops : METER_GOPS;
    if (n > 0)
        ret->keyframe_ms = meter->gops_ms[(meter->n_gops - 1) % METER_GOPS];
    ret->keyframe_open_ms = meter->tracks[TRACK_VIDEO].time_ms - meter->key_time_ms;
    for (size_t i = 0; i < n; i++)
        if (meter->gops_ms[i] > ret->keyframe_max_ms)
            ret->keyframe_max_ms = meter->gops_ms[i];
    ret->keyframe_age_ms = now_ms - meter->key_at_ms;
}

static void read_line(const struct show_meter *meter, int64_t now_ms,
                      struct show_meter_reading *ret)
{
    const struct show_meter_second *second;
    int64_t media_ms = 0;
    int64_t elapsed_ms = 0;
    ret->max_gap_ms = (uint32_t)gap_until(meter, now_ms);
    if (meter->now.max_gap_ms > ret->max_gap_ms)
        ret->max_gap_ms = meter->now.max_gap_ms;
    for (size_t i = 0; (second = second_at(meter, i)); i++) {
        if (second->max_gap_ms > ret->max_gap_ms)
            ret->max_gap_ms = second->max_gap_ms;
        if (i < METER_PACE_SECONDS) {
            media_ms += second->media_ms;
            elapsed_ms += second->elapsed_ms;
            if (second->peak_kbps > ret->peak_kbps)
                ret->peak_kbps = second->peak_kbps;
            if (second->largest_bytes > ret->largest_bytes)
                ret->largest_bytes = second->largest_bytes;
        }
    }
    /* The first second is the encoder's to fill the line. */
    if (meter->n_seconds > METER_PACE_SECONDS && media_ms >= 0)
        ret->pace_permille = (uint32_t)(media_ms * 1000 / elapsed_ms);
    ret->lag_ms = meter->lag_ms;
}

static void read_offset(const struct show_meter *meter, struct show_meter_reading *ret)
{
    const struct show_meter_track *video = &meter->tracks[TRACK_VIDEO];
    const struct show_meter_track *audio = &meter->tracks[TRACK_AUDIO];
    const struct show_meter_second *second;
    int64_t sum = 0;
    int64_t n = 0;
    for (size_t i = 0; i < METER_PACE_SECONDS && (second = second_at(meter, i)); i++) {
        sum += second->offset_sum;
        n += second->n_offsets;
    }
    if (!video->seen || !audio->seen)
        return;
    ret->has_start = true;
    int64_t start =
        step_of(video->first_stamp_ms, audio->first_stamp_ms) - meter->first_cts_ms;
    if (llabs(start) <= METER_START_MAX_MS)
        ret->start_ms = (int32_t)start;
    if (n == 0)
        return;
    ret->has_offset = true;
    ret->offset_ms = (int32_t)(sum / n);
    ret->drift_ms = ret->offset_ms - meter->first_offset_ms;
}

static void read_track(const struct show_meter_track *track, int64_t now_ms,
                       struct show_meter_reading_track *ret)
{
    ret->seen = track->seen;
    if (!track->seen)
        return;
    ret->silent_ms = now_ms - track->at_ms;
    if (track->n_still >= METER_STILL_PACKETS)
        ret->still_ms = track->at_ms - track->still_since_ms;
}

void show_meter_read(const struct show_meter *meter, int64_t now_ms,
                     struct show_meter_reading *ret)
{
    *ret = (struct show_meter_reading){
        .age_ms = now_ms - meter->started_ms,
        .silent_ms = now_ms - meter->at_ms,
        .bytes = meter->bytes,
        .n_jumps = meter->n_jumps,
        .jump_ms = meter->jump_ms,
        .jump_age_ms = meter->n_jumps > 0 ? now_ms - meter->jump_at_ms : 0,
    };
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        read_track(&meter->tracks[kind], now_ms, &ret->tracks[kind]);
    read_rates(meter, ret);
    read_frames(meter, ret);
    read_keys(meter, now_ms, ret);
    read_line(meter, now_ms, ret);
    read_offset(meter, ret);
}
