/* An encoder on paper: packets with stamps and times of arrival as a script wants them,
 * into whatever takes packets, and a tick each second.
 *
 * Times: now_ms is the clock at arrival, media_ms what the encoder's clock says. */
#ifndef TESTS_SHOW_STREAM_H
#define TESTS_SHOW_STREAM_H

#include "packager/media/track.h"

struct stream {
    int64_t now_ms;
    int64_t media_ms;
    /* how it encodes */
    int fps, gop_ms, frame_bytes, sound_bytes, b_frames;
    /* what is wrong with it */
    bool no_sound, no_pictures, no_keys;
    bool stamps_stand;   /* all the same */
    int sound_shift_ms;  /* added to the stamps of sound */
    int sound_behind_ms; /* sound arrives so much later than the pictures of its time */
    int pace_permille;   /* media for a second of arrival; 1000: real time */
    int leave_out;       /* of so many pictures one; 0: none */
    uint32_t stamp_offset; /* added to all stamps */
    /* who takes it */
    void (*packet)(void *ctx, enum track_kind kind, uint32_t stamp_ms, int32_t cts_ms,
                   bool key, size_t len, int64_t now_ms);
    void (*tick)(void *ctx, int64_t now_ms);
    void *ctx;
    /* private */
    int64_t next_frame, next_sound, next_tick_ms;
};

/* 30 fps at about 2.4 Mb/s with sound and a key frame every 2 s. */
struct stream stream_make(void);
/* Goes on for so long, by the clock at arrival. */
void stream_run(struct stream *stream, int64_t ms);
/* Nothing comes for so long, but time passes; media stays behind by it, or not. */
void stream_pause(struct stream *stream, int64_t ms, bool falls_behind);

#endif
