/* What a publisher sends, measured and not judged: rates, gaps, key frames, how its clock
 * runs and where its sound lies beside its pictures. Packet by packet in constant time and
 * memory; a second is closed by the tick.
 *
 * Media time here is what the stamps of the wire say, unwrapped, with jumps left out: the
 * packager's own timeline repairs what is only counted here.
 *
 * Ownership: embedded; init for each publisher.
 * Threads:   one at a time.
 * Time:      now_ms is monotonic and passed in.
 * Limits:    METER_SECONDS and METER_GOPS. */
#ifndef SHOW_METER_H
#define SHOW_METER_H

#include <stdbool.h>
#include <stddef.h>

#include "packager/media/track.h"

enum {
    METER_SECONDS =
        10, /* remembered: what the long averages and the largest gap are of */
    METER_PACE_SECONDS = 4, /* of the pace: a swing of a second is not yet a trend */
    METER_STRETCH_MS =
        40,         /* a frame and more; what comes in less is a burst, not a rate */
    METER_GOPS = 4, /* distances of key frames remembered: a scene change adds
                                    a short one among long ones */
    METER_B_FRAMES_MAX = 16,      /* what H.264 and HEVC can reorder */
    METER_JUMP_FORWARD_MS = 3000, /* as the timeline has it: more is a new clock */
    METER_JUMP_BACK_MS = 1000,
    METER_OFFSET_MAX_MS = 10000, /* further apart the two have clocks of their own */
    METER_START_MAX_MS =
        2000, /* sound that begins later was simply switched on later */
    METER_STILL_PACKETS =
        10, /* in a row that do not grow; a few happen to start with */
};

/* As of the last complete second, unless told otherwise. */
struct show_meter_reading {
    int64_t age_ms;    /* since the publisher began */
    int64_t silent_ms; /* since the last media message */
    uint64_t bytes;    /* of media, since the beginning */
    struct show_meter_reading_track {
        bool seen;
        int64_t silent_ms; /* since its last packet */
        int64_t still_ms;  /* its stamps have not grown for so long; 0: they do */
        /* Of the last second, of METER_PACE_SECONDS and of METER_SECONDS. */
        uint32_t kbps, kbps_short, kbps_long;
        uint32_t packet_bytes; /* on average, in METER_SECONDS */
        uint32_t n_packets;    /* in METER_SECONDS */
    } tracks[TRACK_KINDS];
    uint32_t kbps, kbps_short, kbps_long; /* likewise, of both */
    /* In METER_PACE_SECONDS: what the line carried in its fastest METER_STRETCH_MS, 0: not
     * known; and the largest packet. */
    uint32_t peak_kbps, largest_bytes;
    uint32_t fps_milli; /* frames that arrive, smoothed; thousandths */
    /* Frames by their own clock: on average, and of the slowest and fastest second. */
    uint32_t media_fps_milli, slow_fps_milli, fast_fps_milli;
    bool has_key;
    int64_t keyframe_ms;      /* distance of the last two; 0: not known */
    int64_t keyframe_max_ms;  /* of the last METER_GOPS; 0: not known */
    int64_t keyframe_open_ms; /* of media since the last one */
    int64_t keyframe_age_ms;  /* since the last one arrived */
    unsigned b_frames;        /* most in a row in METER_SECONDS */
    uint32_t max_gap_ms;      /* between two arrivals in METER_SECONDS, or until now */
    uint32_t pace_permille;   /* media time that came in a second; 0: not known yet */
    int64_t lag_ms;           /* how far media has fallen behind the clock at arrival */
    bool has_offset, has_start;
    int32_t offset_ms; /* sound's newest stamp minus the pictures', on average; below 0
                          sound comes later */
    int32_t drift_ms;  /* what offset_ms has changed by since it was first known */
    int32_t start_ms;  /* first sound minus first picture shown; 0 when too far apart */
    unsigned n_jumps;  /* of the clock, since the beginning */
    int64_t jump_ms;   /* the last one, by how much */
    int64_t jump_age_ms;
};

struct show_meter_second {
    int64_t elapsed_ms, media_ms, video_ms;
    uint32_t bytes[TRACK_KINDS], n[TRACK_KINDS];
    uint32_t max_gap_ms, peak_kbps, largest_bytes;
    unsigned b_frames;
    int64_t offset_sum;
    uint32_t n_offsets;
};

struct show_meter_track {
    bool seen;
    uint32_t first_stamp_ms, stamp_ms; /* as on the wire */
    int64_t time_ms;                   /* since its first packet, jumps left out */
    int64_t at_ms;                     /* when the newest came */
    int64_t still_since_ms;
    unsigned n_still;
};

struct show_meter {
    /* private */
    int64_t started_ms, at_ms, second_ms, stretch_ms;
    uint64_t bytes, stretch_bytes;
    struct show_meter_track tracks[TRACK_KINDS];
    int32_t first_cts_ms;
    int64_t highest_pts_ms;
    unsigned b_run;
    bool has_key;
    int64_t key_time_ms, key_at_ms;
    int64_t gops_ms[METER_GOPS];
    size_t n_gops;
    uint32_t fps_milli;
    bool has_base, has_offset;
    int64_t base_ms, lag_ms; /* arrival minus media time, at its best and beyond */
    int32_t first_offset_ms;
    unsigned n_jumps;
    int64_t jump_ms, jump_at_ms;
    struct show_meter_second now, seconds[METER_SECONDS];
    size_t n_seconds; /* closed since the beginning */
};

void show_meter_init(struct show_meter *meter, int64_t now_ms);
/* Bytes came in, of whatever: a packet is told when it is whole, and this while it comes. */
void show_meter_arrival(struct show_meter *meter, size_t len, int64_t now_ms);
/* One packet of the track that leads its kind. cts_ms and key: of pictures. */
void show_meter_packet(struct show_meter *meter, enum track_kind kind,
                       uint32_t stamp_ms, int32_t cts_ms, bool key, size_t len,
                       int64_t now_ms);
/* Bytes of another track than that. */
void show_meter_bytes(struct show_meter *meter, enum track_kind kind, size_t len);
/* Closes the second when it is over: true. */
bool show_meter_tick(struct show_meter *meter, int64_t now_ms);
void show_meter_read(const struct show_meter *meter, int64_t now_ms,
                     struct show_meter_reading *ret);

#endif
