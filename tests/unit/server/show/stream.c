#include "tests/unit/server/show/stream.h"

enum {
    STREAM_STEP_MS = 5,
    STREAM_SOUND_US = 23220
}; /* 1024 samples of 44,100 a second */

struct stream stream_make(void)
{
    return (struct stream){.fps = 30,
                           .gop_ms = 2000,
                           .frame_bytes = 10000,
                           .sound_bytes = 260,
                           .pace_permille = 1000};
}

/* Where frame n of the decoding order is shown: groups of b_frames and the anchor behind
 * them, which comes first. */
static int64_t shown_as(const struct stream *stream, int64_t n)
{
    int64_t group = stream->b_frames + 1;
    if (stream->b_frames == 0)
        return n;
    return n % group == 0 ? n + stream->b_frames : n - 1;
}

static void send_frame(struct stream *stream)
{
    int64_t n = stream->next_frame++;
    int64_t frame_us = 1000000 / stream->fps;
    int64_t stamp_ms = stream->stamps_stand ? 0 : n * frame_us / 1000;
    int64_t shown_ms = shown_as(stream, n) * frame_us / 1000;
    int64_t in_gop = n * frame_us / 1000 / stream->gop_ms;
    int64_t before = n > 0 ? (n - 1) * frame_us / 1000 / stream->gop_ms : -1;
    bool key = !stream->no_keys && in_gop != before;
    if (stream->no_pictures ||
        (!key && stream->leave_out > 0 && n % stream->leave_out == 1))
        return;
    stream->packet(
        stream->ctx, TRACK_VIDEO, (uint32_t)stamp_ms + stream->stamp_offset,
        (int32_t)(shown_ms - n * frame_us / 1000 + stream->b_frames * frame_us / 1000),
        key, (size_t)stream->frame_bytes, stream->now_ms);
}

static void send_sound(struct stream *stream)
{
    int64_t stamp_ms = stream->next_sound++ * STREAM_SOUND_US / 1000;
    if (stream->no_sound)
        return;
    if (stream->stamps_stand)
        stamp_ms = 0;
    stream->packet(stream->ctx, TRACK_AUDIO,
                   (uint32_t)(stamp_ms + stream->sound_shift_ms) + stream->stamp_offset,
                   0, true, (size_t)stream->sound_bytes, stream->now_ms);
}

static void tick(struct stream *stream)
{
    if (stream->now_ms < stream->next_tick_ms)
        return;
    stream->next_tick_ms = stream->now_ms + 250; /* as the hub does */
    stream->tick(stream->ctx, stream->now_ms);
}

void stream_run(struct stream *stream, int64_t ms)
{
    int64_t end_ms = stream->now_ms + ms;
    int64_t begin_ms = stream->now_ms;
    int64_t media_ms = stream->media_ms;
    for (; stream->now_ms < end_ms; stream->now_ms += STREAM_STEP_MS) {
        stream->media_ms =
            media_ms + (stream->now_ms - begin_ms) * stream->pace_permille / 1000;
        while (stream->next_frame * 1000 / stream->fps <= stream->media_ms)
            send_frame(stream);
        while (stream->next_sound * STREAM_SOUND_US / 1000 + stream->sound_behind_ms <=
               stream->media_ms)
            send_sound(stream);
        tick(stream);
    }
}

void stream_pause(struct stream *stream, int64_t ms, bool falls_behind)
{
    for (int64_t end_ms = stream->now_ms + ms; stream->now_ms < end_ms;
         stream->now_ms += STREAM_STEP_MS)
        tick(stream);
    if (falls_behind)
        return;
    stream->media_ms += ms;
    stream->next_frame = stream->media_ms * stream->fps / 1000 + 1;
    stream->next_sound = stream->media_ms * 1000 / STREAM_SOUND_US + 1;
}
