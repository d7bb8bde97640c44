/* A made-up publisher for the packager: pictures and sound with the stamps that encoders
 * give, faults at will. The payload is no picture, but every packet's is its own. */
#ifndef TESTS_SIM_FEED_H
#define TESTS_SIM_FEED_H

#include "packager/packager.h"

struct feed_config {
    bool video, audio;
    unsigned n_more; /* of each kind beside the first, with the same stamps */
    uint64_t fps_num, fps_den;
    uint32_t gop_frames;
    uint32_t sample_rate;   /* 44100 when 0 */
    uint32_t frame_samples; /* 1024 when 0; with Opus 960 */
    bool opus;              /* instead of AAC, at 48 kHz */
    /* Of Opus, which may change its frames; NULL: frame_samples each. */
    uint32_t (*samples_of)(uint64_t frame);
    int64_t audio_ahead_ms; /* sound arrives so much earlier (later when < 0) */
    int64_t reorder_ms;     /* composition offset of the first frame */
    int64_t base_ms;        /* media time of the first frame */
    uint32_t jitter_ms;     /* of picture stamps, beside the rounding to ms */
    size_t frame_bytes;     /* of a picture; 200 when 0 */
    /* Frames for which it is true are not sent. NULL: all are. */
    bool (*is_lost)(const struct packet *packet, int64_t ms);
    /* When what was sent at ms arrives; grows. NULL: at once. */
    int64_t (*arrives_ms)(int64_t ms);
    bool (*is_key)(uint64_t frame);    /* instead of gop_frames */
    size_t (*size_of)(uint64_t frame); /* instead of frame_bytes */
};

struct feed {
    struct feed_config config;
    struct track *tracks[TRACK_KINDS];
    uint64_t n[TRACK_KINDS];
    int64_t sound_end;   /* ticks since the first frame */
    struct packet again; /* the newest packet, for the next of its kind */
    int64_t again_ms;
    uint32_t random;
};

void feed_init(struct feed *feed, const struct feed_config *config);
void feed_finish(struct feed *feed);
struct track *feed_track(const struct feed *feed, enum track_kind kind); /* or NULL */
/* All of them, in order of their renditions; how many. */
size_t feed_tracks(const struct feed *feed, struct packager_track ret[RENDITIONS_MAX]);
/* The next packet in order of arrival, and when it arrives on the axis. */
void feed_next(struct feed *feed, struct packet *ret_packet, int64_t *ret_ms);

#endif
