#include "server/show/coach_line.h"

#include "server/show/coach_look.h"

/* Pairs are "told from" and "forgotten at". */
enum {
    /* In thousandths of real time: encoders' clocks are better than one. */
    LINE_PACE_WARN = 920,
    LINE_PACE_FINE = 970,
    LINE_PACE_PROBLEM = 700,
    LINE_PACE_FAST = 1500, /* over seconds; a line that was held up catches up sooner */
    LINE_PACE_FAST_FINE = 1100,
    LINE_LAG_MS = 400, /* more than a burst of frames */
    LINE_LAG_FINE_MS = 250,

    /* Of the usual rate, when frames are missing and media is late too: encoders that
     * drop frames because their line is full. */
    LINE_SAG_PERCENT = 60,
    LINE_SAG_FINE_PERCENT = 75,

    /* So long the largest packet took at the line's best rate, and more: it did not come
     * in one go. */
    LINE_FULL_MS = 120,
    LINE_FREE_PERCENT = 250, /* the line's best rate of the average: there is room */
    LINE_STALL_MS = 150,     /* no encoder at work pauses for so long, sound and all */

    /* Players hold back three parts, about a second; half of it is what a hiccup may
     * cost. */
    LINE_GAP_WARN_MS = 1000,
    LINE_GAP_INFO_MS = 600,
    LINE_GAP_FINE_MS = 400,
};

enum state {
    STATE_UNKNOWN, /* it stalls, or shows nothing of itself */
    STATE_FULL,    /* it brings what it can */
    STATE_FREE,    /* it could bring more */
};

static enum state state_of(const struct coach_look *look)
{
    const struct show_meter_reading *reading = look->reading;
    uint64_t mean = reading->kbps_short;
    if (reading->peak_kbps == 0 || mean == 0)
        return STATE_UNKNOWN;
    if (reading->largest_bytes * 8ull > (uint64_t)reading->peak_kbps * LINE_FULL_MS)
        return STATE_FULL;
    bool stalls = reading->max_gap_ms >= LINE_STALL_MS;
    return reading->peak_kbps * 100ull > mean * LINE_FREE_PERCENT && !stalls
               ? STATE_FREE
               : STATE_UNKNOWN;
}

static bool is_late(const struct coach_look *look)
{
    return look->reading->lag_ms > (look->stands ? LINE_LAG_FINE_MS : LINE_LAG_MS);
}

static bool is_slow(const struct coach_look *look)
{
    uint32_t pace = look->reading->pace_permille;
    return pace > 0 && pace < (look->stands ? LINE_PACE_FINE : LINE_PACE_WARN) &&
           is_late(look);
}

static enum coach_level level_of(const struct coach_look *look)
{
    return look->reading->pace_permille < LINE_PACE_PROBLEM ? COACH_PROBLEM
                                                            : COACH_WARN;
}

/* Pictures are left out, at a rate far below the usual one. Key frames far apart make
 * rates that say nothing. */
static bool is_thinned(const struct coach_look *look)
{
    const struct show_meter_reading *reading = look->reading;
    uint64_t declared = look->facts->declared_fps_milli;
    uint64_t percent = look->stands ? LINE_SAG_FINE_PERCENT : LINE_SAG_PERCENT;
    return show_coach_look_is_settled(look) && reading->tracks[TRACK_VIDEO].seen &&
           reading->fps_milli * 100ull < declared * COACH_FRAMES_PERCENT &&
           show_coach_look_longest_gop(reading) < COACH_GOP_LONG_MS &&
           reading->kbps_short * 100ull < look->facts->usual_kbps * percent;
}

enum coach_level show_coach_line_sags(const struct coach_look *look, int64_t *ret_value,
                                      char text[COACH_TEXT_MAX])
{
    const struct show_meter_reading *reading = look->reading;
    uint32_t kbps = reading->kbps_short;
    if (is_slow(look) && state_of(look) == STATE_FULL) {
        COACH_SAY(text,
                  "Upload sags to %u kb/s, and you are %lld.%lld s behind. Set a lower "
                  "bitrate in your encoder, or find a better line.",
                  kbps, COACH_SECONDS(reading->lag_ms));
        *ret_value = kbps;
        return level_of(look);
    }
    if (!is_thinned(look) || !is_late(look))
        return COACH_FINE;
    COACH_SAY(text,
              "Upload sags to %u kb/s from %u, and frames are left out. Set a lower "
              "bitrate in your encoder, or find a better line.",
              kbps, look->facts->usual_kbps);
    *ret_value = kbps;
    return COACH_WARN;
}

enum coach_level show_coach_line_falls_behind(const struct coach_look *look,
                                              int64_t *ret_value,
                                              char text[COACH_TEXT_MAX])
{
    int64_t lag_ms = look->reading->lag_ms;
    enum state state = state_of(look);
    if (!is_slow(look) || state == STATE_FULL)
        return COACH_FINE;
    *ret_value = lag_ms;
    if (state == STATE_FREE)
        COACH_SAY(text,
                  "Your encoder is slower than real time: you are %lld.%lld s behind, "
                  "though the line is free. Close other programs, or set a lower "
                  "resolution.",
                  COACH_SECONDS(lag_ms));
    else
        COACH_SAY(text,
                  "Media comes slower than it plays: you are %lld.%lld s behind. Your "
                  "encoder is too busy, or the line stalls. Set a lower resolution and "
                  "bitrate.",
                  COACH_SECONDS(lag_ms));
    return level_of(look);
}

enum coach_level show_coach_line_is_too_fast(const struct coach_look *look,
                                             int64_t *ret_value,
                                             char text[COACH_TEXT_MAX])
{
    uint32_t pace = look->reading->pace_permille;
    if (pace < (look->stands ? LINE_PACE_FAST_FINE : LINE_PACE_FAST))
        return COACH_FINE;
    *ret_value = pace / 10;
    COACH_SAY(text,
              "Media arrives %u.%u times as fast as it plays. Send it in real time "
              "(ffmpeg: -re before the input).",
              pace / 1000, pace % 1000 / 100);
    return COACH_WARN;
}

enum coach_level show_coach_line_stutters(const struct coach_look *look,
                                          int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    uint32_t gap_ms = look->reading->max_gap_ms;
    if (gap_ms < (look->stands ? LINE_GAP_FINE_MS : LINE_GAP_INFO_MS))
        return COACH_FINE;
    *ret_value = gap_ms;
    COACH_SAY(text,
              "Upload stutters: nothing came for %u.%u s. A cable, or a place nearer "
              "to the router, helps.",
              gap_ms / 1000, gap_ms % 1000 / 100);
    return gap_ms >= LINE_GAP_WARN_MS ? COACH_WARN : COACH_INFO;
}
