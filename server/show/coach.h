/* What the host should know about what the encoder sends, in plain words with a remedy:
 * findings that come, change and go. What is measured (server/show/meter.h) and a few
 * notes go in; findings come out. docs/COACH.md has them all.
 *
 * A finding comes when its rule has been broken for the rule's own while, and goes when
 * it has been kept for another; most rules ask for more to be kept than to be broken, so
 * that nothing flickers. All that can be seen at all stands within 10 s of the start.
 *
 * Ownership: embedded; init for each publisher.
 * Threads:   one at a time.
 * Time:      now_ms is monotonic and passed in. */
#ifndef SHOW_COACH_H
#define SHOW_COACH_H

#include "server/show/meter.h"

enum { COACH_TEXT_MAX = 200, COACH_WORDS_MAX = 128 };

enum coach_level { COACH_FINE, COACH_INFO, COACH_WARN, COACH_PROBLEM };

/* code, name in the API, unit of the value; what hurts viewers most comes first. */
#define COACH_LIST(X)                                   \
    X(NOTHING_ARRIVES, "nothing_arrives", "ms")         \
    X(MEDIA_REFUSED, "media_refused", "")               \
    X(CLOCK_STILL, "clock_still", "ms")                 \
    X(NO_KEYFRAME, "no_keyframe", "ms")                 \
    X(PICTURES_STOPPED, "pictures_stopped", "ms")       \
    X(PICTURES_MISSING, "pictures_missing", "ms")       \
    X(BITRATE_OVER_LIMIT, "bitrate_over_limit", "kbps") \
    X(UPLOAD_SAGS, "upload_sags", "kbps")               \
    X(FALLS_BEHIND, "falls_behind", "ms")               \
    X(TOO_FAST, "too_fast", "percent")                  \
    X(CLOCK_JUMPS, "clock_jumps", "ms")                 \
    X(KEYFRAMES_FAR, "keyframes_far", "ms")             \
    X(SOUND_STOPPED, "sound_stopped", "ms")             \
    X(SOUND_MISSING, "sound_missing", "ms")             \
    X(SOUND_SILENT, "sound_silent", "kbps")             \
    X(SOUND_LATE, "sound_late", "ms")                   \
    X(SOUND_EARLY, "sound_early", "ms")                 \
    X(UPLOAD_STUTTERS, "upload_stutters", "ms")         \
    X(RIVAL, "rival", "times")                          \
    X(CUES_REFUSED, "cues_refused", "cues")             \
    X(BITRATE_LOW, "bitrate_low", "kbps")               \
    X(BITRATE_HIGH, "bitrate_high", "kbps")             \
    X(FRAMES_MISSING, "frames_missing", "fps")          \
    X(PARTS_SHORT, "parts_short", "parts")              \
    X(SIZE_CHANGED, "size_changed", "times")            \
    X(FRAME_RATE_SWINGS, "frame_rate_swings", "fps")    \
    X(B_FRAMES, "b_frames", "ms")                       \
    X(KEYFRAMES_DENSE, "keyframes_dense", "ms")

enum coach_code {
#define COACH_ENUM(code, name, unit) COACH_##code,
    COACH_LIST(COACH_ENUM)
#undef COACH_ENUM
        COACH_CODES,
};

struct coach_finding {
    enum coach_code code;
    enum coach_level level;
    int64_t value;    /* in the code's unit */
    int64_t since_ms; /* monotonic */
    char text[COACH_TEXT_MAX];
};

const char *show_coach_name(enum coach_code code);
const char *show_coach_unit(enum coach_code code);
const char *show_coach_level_text(enum coach_level level); /* "info", "warn", … */

/* What rules look at besides the measures. */
struct coach_facts {
    bool announced[TRACK_KINDS]; /* by the metadata */
    uint32_t declared_fps_milli; /* 0: not told */
    uint32_t max_kbps;           /* what the shop allows; 0: any rate */
    uint32_t usual_kbps;         /* the best long average, slowly forgotten */
    int64_t refused_ms;          /* when media was refused last; 0: never */
    char refused[COACH_WORDS_MAX];
    unsigned n_rivals;       /* times that another encoder was kept out */
    int64_t rival_ms;        /* the last of them */
    unsigned n_cues_refused; /* that the encoder sent */
    int64_t cues_refused_ms; /* the last of them */
    char cue_refused[COACH_WORDS_MAX];
    uint32_t width, height; /* of the pictures now; zeros: not known */
    unsigned n_sizes;       /* changes that are still remembered */
    int64_t size_ms;
    int64_t long_gop_ms, long_gop_at_ms; /* as the packager saw it */
    int64_t n_short_parts, short_parts_at_ms;
};

struct show_coach {
    /* private */
    struct coach_facts facts;
    struct {
        bool stands;
        int64_t broken_ms; /* since when without a break; INT64_MIN: kept now */
        int64_t kept_ms;   /* likewise; INT64_MIN: broken now */
        enum coach_level told;
        struct coach_finding finding;
    } items[COACH_CODES];
};

void show_coach_init(struct show_coach *coach);
void show_coach_note_metadata(struct show_coach *coach, bool has_video, bool has_audio,
                              uint32_t fps_milli);
/* The publisher is bound to a rate. */
void show_coach_note_allowed(struct show_coach *coach, uint32_t max_kbps);
/* Media that could not be used; words end without a full stop. */
void show_coach_note_refused(struct show_coach *coach, const char *words,
                             int64_t now_ms);
/* A cue in the stream that could not be used; words likewise. */
void show_coach_note_cue_refused(struct show_coach *coach, const char *words,
                                 int64_t now_ms);
/* Another encoder wanted the show again and again, and was kept out. */
void show_coach_note_rival(struct show_coach *coach, int64_t now_ms);
/* The size of the pictures, as often as one likes; zeros: not known. */
void show_coach_note_size(struct show_coach *coach, uint32_t width, uint32_t height,
                          int64_t now_ms);
/* A segment had to be cut without a key frame; parts under their length so far. */
void show_coach_note_long_gop(struct show_coach *coach, int64_t gop_ms, int64_t now_ms);
void show_coach_note_short_parts(struct show_coach *coach, int64_t n_parts,
                                 int64_t now_ms);
/* Once a second. */
void show_coach_judge(struct show_coach *coach,
                      const struct show_meter_reading *reading, int64_t now_ms);

/* Those that stand, worst first; returns how many. */
size_t show_coach_findings(const struct show_coach *coach,
                           struct coach_finding ret[COACH_CODES]);
/* What has come, gone or changed its level since it was last asked for: level COACH_FINE
 * for one that has gone. False: no more. */
bool show_coach_next_change(struct show_coach *coach, struct coach_finding *ret);

#endif
