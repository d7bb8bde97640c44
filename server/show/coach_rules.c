#include "server/show/coach_rules.h"

#include <stdlib.h>

#include "server/show/coach_line.h"
#include "server/show/coach_look.h"
#include "server/show/terms.h"

/* Pairs are "told from" and "forgotten at": what lies between keeps things as they are. */
enum {
    RULE_SILENT_MS = 2500,   /* viewers' buffers of three parts are long empty */
    RULE_RIVAL_MS = 30000,   /* as long as it is kept out */
    RULE_REFUSED_MS = 10000, /* told until so long after the last of it */
    RULE_STILL_MS = 2000,    /* no encoder repeats a stamp for so long by accident */
    RULE_STOPPED_MS = 3000,  /* of one track while the other goes on */
    RULE_JUMP_MS = 30000,    /* a jump is told for so long */

    /* Players that come in wait for a key frame: 2 s is what everybody asks for, YouTube's
     * most is 4 s. Beyond 10 s nobody waits. */
    RULE_GOP_WARN_MS = COACH_GOP_LONG_MS,
    RULE_GOP_FINE_MS = 3600,
    RULE_GOP_PROBLEM_MS = 10500,
    RULE_GOP_TOLD_MS = 30000, /* after the packager's last word about it */
    /* Key frames are several times as large as others. */
    RULE_GOP_DENSE_MS = 450,
    RULE_GOP_SPARSE_MS = 600,

    /* Lips and sound part noticeably from about 200 ms on; encoders that send the two as
     * they come are up to 250 ms apart without being wrong. */
    RULE_OFFSET_MS = 300,
    RULE_OFFSET_FINE_MS = 220,

    /* Digital silence in AAC takes 6 bytes a frame, the thinnest speech over 60. */
    RULE_SILENCE_BYTES = 24,
    RULE_SILENCE_PACKETS = 100, /* two seconds and more to judge by */

    RULE_LOW_KBPS = 300, /* a 720p picture falls apart below */
    RULE_LOW_FINE_KBPS = 360,
    /* Nothing is transcoded: the phone on the train gets all of it. */
    RULE_HIGH_KBPS = 6000,
    RULE_HIGH_FINE_KBPS = 5500,
    RULE_HIGH_WARN_KBPS = 10000,

    RULE_FRAMES_FINE_PERCENT = 93, /* of those declared */
    RULE_SWING_PERCENT = 70,       /* slowest second of the fastest */
    RULE_SWING_FINE_PERCENT = 80,
    RULE_SWING_AGE_MS = 6000, /* some seconds to compare */

    RULE_B_MS = 100, /* OBS's own setting stays below at 30 fps and up */
    RULE_B_FINE_MS = 90,

    RULE_SIZES_WARN = 3, /* a minute: not a turned phone any more */
};

/* Tens of milliseconds: more would be a pretence. */
static int64_t rounded(int64_t ms)
{
    return (ms + 5) / 10 * 10;
}

static enum coach_level look_nothing(const struct coach_look *look, int64_t *ret_value,
                                     char text[COACH_TEXT_MAX])
{
    if (look->reading->silent_ms <= RULE_SILENT_MS)
        return COACH_FINE;
    *ret_value = look->reading->silent_ms;
    COACH_SAY(text, "Nothing arrives from your encoder. Check its connection.");
    return COACH_PROBLEM;
}

static enum coach_level look_refused(const struct coach_look *look, int64_t *ret_value,
                                     char text[COACH_TEXT_MAX])
{
    const struct coach_facts *facts = look->facts;
    if (!facts->refused[0] || look->now_ms - facts->refused_ms >= RULE_REFUSED_MS)
        return COACH_FINE;
    *ret_value = 0;
    COACH_SAY(text, "Problem: %s.", facts->refused);
    return COACH_PROBLEM;
}

static enum coach_level look_still(const struct coach_look *look, int64_t *ret_value,
                                   char text[COACH_TEXT_MAX])
{
    int64_t video_ms = show_coach_look_track(look, TRACK_VIDEO)->still_ms;
    int64_t audio_ms = show_coach_look_track(look, TRACK_AUDIO)->still_ms;
    int64_t still_ms = video_ms > audio_ms ? video_ms : audio_ms;
    if (still_ms < RULE_STILL_MS)
        return COACH_FINE;
    *ret_value = still_ms;
    COACH_SAY(
        text,
        "The timestamps of your encoder's %s stand still, so nothing can be shown. "
        "Restart the encoder; if that does not help, update it.",
        video_ms >= audio_ms ? "pictures" : "sound");
    return COACH_PROBLEM;
}

static enum coach_level look_no_key(const struct coach_look *look, int64_t *ret_value,
                                    char text[COACH_TEXT_MAX])
{
    if (!show_coach_look_is_settled(look) ||
        !show_coach_look_track(look, TRACK_VIDEO)->seen || look->reading->has_key)
        return COACH_FINE;
    *ret_value = look->reading->age_ms;
    COACH_SAY(text,
              "No keyframe arrives, so viewers see nothing; set 2 s in OBS: Settings, "
              "Output, Streaming, Keyframe interval.");
    return COACH_PROBLEM;
}

/* This track has stopped while the other goes on. */
static bool has_stopped(const struct coach_look *look, enum track_kind kind)
{
    enum track_kind other = kind == TRACK_VIDEO ? TRACK_AUDIO : TRACK_VIDEO;
    return show_coach_look_track(look, kind)->seen &&
           show_coach_look_track(look, kind)->silent_ms > RULE_STOPPED_MS &&
           show_coach_look_track(look, other)->seen &&
           show_coach_look_track(look, other)->silent_ms < RULE_STOPPED_MS / 2;
}

static enum coach_level look_pictures_stopped(const struct coach_look *look,
                                              int64_t *ret_value,
                                              char text[COACH_TEXT_MAX])
{
    if (!has_stopped(look, TRACK_VIDEO))
        return COACH_FINE;
    *ret_value = show_coach_look_track(look, TRACK_VIDEO)->silent_ms;
    COACH_SAY(text,
              "Pictures have stopped, sound goes on. Check the camera and the scene in "
              "your encoder.");
    return COACH_PROBLEM;
}

static enum coach_level look_pictures_missing(const struct coach_look *look,
                                              int64_t *ret_value,
                                              char text[COACH_TEXT_MAX])
{
    if (!show_coach_look_is_settled(look) ||
        show_coach_look_track(look, TRACK_VIDEO)->seen ||
        !look->facts->announced[TRACK_VIDEO])
        return COACH_FINE;
    *ret_value = look->reading->age_ms;
    COACH_SAY(
        text,
        "Your encoder announces pictures and sends none. Check its camera and its "
        "video encoder.");
    return COACH_WARN;
}

static enum coach_level look_jumps(const struct coach_look *look, int64_t *ret_value,
                                   char text[COACH_TEXT_MAX])
{
    const struct show_meter_reading *reading = look->reading;
    if (reading->n_jumps == 0 || reading->jump_age_ms >= RULE_JUMP_MS)
        return COACH_FINE;
    *ret_value = reading->jump_ms;
    COACH_SAY(
        text,
        "Your encoder's clock jumped %s by %lld.%lld s (%u so far), viewers may see a "
        "skip. If it happens again, restart the encoder.",
        reading->jump_ms < 0 ? "back" : "ahead", COACH_SECONDS(llabs(reading->jump_ms)),
        reading->n_jumps);
    return COACH_WARN;
}

static enum coach_level look_keys_far(const struct coach_look *look, int64_t *ret_value,
                                      char text[COACH_TEXT_MAX])
{
    const struct show_meter_reading *reading = look->reading;
    const struct coach_facts *facts = look->facts;
    bool told = facts->long_gop_ms > 0 &&
                look->now_ms - facts->long_gop_at_ms < RULE_GOP_TOLD_MS;
    int64_t gop_ms = show_coach_look_longest_gop(reading);
    bool open = gop_ms > reading->keyframe_max_ms;
    enum coach_level level = COACH_WARN;
    if (!reading->has_key)
        return COACH_FINE;
    if (gop_ms > RULE_GOP_PROBLEM_MS) {
        level = COACH_PROBLEM;
    } else if (gop_ms < (look->stands ? RULE_GOP_FINE_MS : RULE_GOP_WARN_MS)) {
        if (!told)
            return COACH_FINE;
        gop_ms = facts->long_gop_ms;
        open = false;
        level = COACH_INFO;
    }
    *ret_value = gop_ms;
    COACH_SAY(text,
              "%s %lld.%lld s; set 2 s in OBS: Settings, Output, Streaming, Keyframe "
              "interval.",
              open ? "No keyframe for" : "Keyframe every", COACH_SECONDS(gop_ms));
    return level;
}

static enum coach_level look_keys_dense(const struct coach_look *look,
                                        int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    const struct show_meter_reading *reading = look->reading;
    int64_t gop_ms = reading->keyframe_max_ms;
    if (!show_coach_look_is_settled(look) || reading->keyframe_ms == 0 ||
        gop_ms > (look->stands ? RULE_GOP_SPARSE_MS : RULE_GOP_DENSE_MS))
        return COACH_FINE;
    *ret_value = gop_ms;
    COACH_SAY(text,
              "Keyframe every %lld ms, which costs quality; set 2 s in OBS: Settings, "
              "Output, Streaming, Keyframe interval.",
              (long long)gop_ms);
    return COACH_INFO;
}

static enum coach_level look_sound_stopped(const struct coach_look *look,
                                           int64_t *ret_value,
                                           char text[COACH_TEXT_MAX])
{
    if (!has_stopped(look, TRACK_AUDIO))
        return COACH_FINE;
    *ret_value = show_coach_look_track(look, TRACK_AUDIO)->silent_ms;
    COACH_SAY(
        text,
        "Sound has stopped, pictures go on. Check the microphone in your encoder.");
    return COACH_WARN;
}

static enum coach_level look_sound_missing(const struct coach_look *look,
                                           int64_t *ret_value,
                                           char text[COACH_TEXT_MAX])
{
    if (!show_coach_look_is_settled(look) ||
        !show_coach_look_track(look, TRACK_VIDEO)->seen ||
        show_coach_look_track(look, TRACK_AUDIO)->seen)
        return COACH_FINE;
    *ret_value = look->reading->age_ms;
    if (look->facts->announced[TRACK_AUDIO])
        COACH_SAY(text, "No sound arrives, though your encoder announces it. Check the "
                        "microphone and whether the app may use it.");
    else
        COACH_SAY(text, "No sound arrives. Check the microphone in your encoder.");
    return COACH_WARN;
}

static enum coach_level look_sound_silent(const struct coach_look *look,
                                          int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    const struct show_meter_reading_track *audio =
        show_coach_look_track(look, TRACK_AUDIO);
    if (audio->n_packets < RULE_SILENCE_PACKETS ||
        audio->packet_bytes > RULE_SILENCE_BYTES)
        return COACH_FINE;
    *ret_value = audio->kbps_long;
    COACH_SAY(text, "The sound is silent. Check that the microphone is not muted.");
    return COACH_WARN;
}

static int64_t late_ms(const struct show_meter_reading *reading)
{
    int64_t by_start = reading->has_start ? reading->start_ms : 0;
    int64_t by_arrival = reading->has_offset ? -reading->offset_ms : 0;
    return llabs(by_start) > llabs(by_arrival) ? by_start : by_arrival;
}

static enum coach_level look_sound_late(const struct coach_look *look,
                                        int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    int64_t late = late_ms(look->reading);
    if (late < (look->stands ? RULE_OFFSET_FINE_MS : RULE_OFFSET_MS))
        return COACH_FINE;
    *ret_value = late;
    COACH_SAY(text,
              "Audio is %lld ms late. Check its sync offset (OBS: Edit, Advanced Audio "
              "Properties), or choose the microphone again.",
              (long long)rounded(late));
    return COACH_WARN;
}

static enum coach_level look_sound_early(const struct coach_look *look,
                                         int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    int64_t early = -late_ms(look->reading);
    if (early < (look->stands ? RULE_OFFSET_FINE_MS : RULE_OFFSET_MS))
        return COACH_FINE;
    *ret_value = early;
    COACH_SAY(
        text,
        "Audio is %lld ms ahead of the picture. Check its sync offset (OBS: Edit, "
        "Advanced Audio Properties) and that the video encoder keeps up.",
        (long long)rounded(early));
    return COACH_WARN;
}

static enum coach_level look_low(const struct coach_look *look, int64_t *ret_value,
                                 char text[COACH_TEXT_MAX])
{
    uint32_t kbps = look->reading->kbps_long;
    if (!show_coach_look_is_settled(look) ||
        !show_coach_look_track(look, TRACK_VIDEO)->seen ||
        kbps >= (look->stands ? RULE_LOW_FINE_KBPS : RULE_LOW_KBPS))
        return COACH_FINE;
    *ret_value = kbps;
    COACH_SAY(text, "Only %u kb/s arrive: the picture will be poor. Check your upload.",
              kbps);
    return COACH_WARN;
}

static enum coach_level look_high(const struct coach_look *look, int64_t *ret_value,
                                  char text[COACH_TEXT_MAX])
{
    uint32_t kbps = look->reading->kbps_long;
    if (!show_coach_look_is_settled(look) ||
        kbps <= (look->stands ? RULE_HIGH_FINE_KBPS : RULE_HIGH_KBPS))
        return COACH_FINE;
    *ret_value = kbps;
    COACH_SAY(text,
              "%u.%u Mb/s is much for viewers on phones. Set 2500 to 4500 kb/s in OBS: "
              "Settings, Output, Streaming, Bitrate.",
              kbps / 1000, kbps % 1000 / 100);
    return kbps > RULE_HIGH_WARN_KBPS ? COACH_WARN : COACH_INFO;
}

/* Who stays above it is cut: server/show/enforce.h. */
static enum coach_level look_over_limit(const struct coach_look *look,
                                        int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    uint32_t kbps = look->reading->kbps_long;
    if (!show_terms_is_over(look->facts->max_kbps, look->reading))
        return COACH_FINE;
    *ret_value = kbps;
    COACH_SAY(
        text,
        "%u kb/s arrive, but the shop allows %u. Set a lower bitrate in your encoder, "
        "or the stream is stopped in a few seconds.",
        kbps, look->facts->max_kbps);
    return COACH_PROBLEM;
}

static enum coach_level look_frames_missing(const struct coach_look *look,
                                            int64_t *ret_value,
                                            char text[COACH_TEXT_MAX])
{
    uint64_t declared = look->facts->declared_fps_milli;
    uint64_t fps = look->reading->media_fps_milli;
    uint64_t percent = look->stands ? RULE_FRAMES_FINE_PERCENT : COACH_FRAMES_PERCENT;
    if (!show_coach_look_is_settled(look) || declared == 0 || fps == 0 ||
        fps * 100 >= declared * percent)
        return COACH_FINE;
    *ret_value = (int64_t)(fps + 500) / 1000;
    COACH_SAY(
        text,
        "Only %llu of %llu frames a second arrive. Your computer or upload is too slow "
        "for this size: set a lower resolution or bitrate.",
        (unsigned long long)(fps + 500) / 1000,
        (unsigned long long)(declared + 500) / 1000);
    return COACH_WARN;
}

static enum coach_level look_short_parts(const struct coach_look *look,
                                         int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    const struct coach_facts *facts = look->facts;
    if (facts->n_short_parts == 0 ||
        look->now_ms - facts->short_parts_at_ms >= RULE_GOP_TOLD_MS)
        return COACH_FINE;
    *ret_value = facts->n_short_parts;
    COACH_SAY(text,
              "Frames are missing in what your encoder sends: motion may look jerky. "
              "Check its load and your upload.");
    return COACH_INFO;
}

static enum coach_level look_size(const struct coach_look *look, int64_t *ret_value,
                                  char text[COACH_TEXT_MAX])
{
    const struct coach_facts *facts = look->facts;
    if (facts->n_sizes == 0)
        return COACH_FINE;
    *ret_value = facts->n_sizes;
    COACH_SAY(text,
              "The picture's size changed to %ux%u, which interrupts players. Lock the "
              "phone's orientation and keep the encoder's size.",
              facts->width, facts->height);
    return facts->n_sizes >= RULE_SIZES_WARN ? COACH_WARN : COACH_INFO;
}

static enum coach_level look_swing(const struct coach_look *look, int64_t *ret_value,
                                   char text[COACH_TEXT_MAX])
{
    uint64_t slow = look->reading->slow_fps_milli;
    uint64_t fast = look->reading->fast_fps_milli;
    uint64_t percent = look->stands ? RULE_SWING_FINE_PERCENT : RULE_SWING_PERCENT;
    if (look->reading->age_ms < RULE_SWING_AGE_MS || slow * 100 >= fast * percent)
        return COACH_FINE;
    *ret_value = (int64_t)(slow + 500) / 1000;
    COACH_SAY(
        text,
        "The frame rate swings between %llu and %llu fps. Give the camera more light, "
        "or set a fixed rate.",
        (unsigned long long)(slow + 500) / 1000,
        (unsigned long long)(fast + 500) / 1000);
    return COACH_INFO;
}

static enum coach_level look_b_frames(const struct coach_look *look, int64_t *ret_value,
                                      char text[COACH_TEXT_MAX])
{
    unsigned n = look->reading->b_frames;
    uint32_t fps = look->reading->media_fps_milli;
    int64_t cost_ms = fps > 0 ? n * 1000000ll / fps : 0;
    if (!show_coach_look_is_settled(look) ||
        cost_ms <= (look->stands ? RULE_B_FINE_MS : RULE_B_MS))
        return COACH_FINE;
    *ret_value = cost_ms;
    COACH_SAY(text,
              "B-frames=%u adds %lld ms of delay. Set 0 to 2 in OBS: Settings, Output, "
              "Streaming (x264: bframes=0).",
              n, (long long)rounded(cost_ms));
    return COACH_INFO;
}

static enum coach_level look_cues_refused(const struct coach_look *look,
                                          int64_t *ret_value, char text[COACH_TEXT_MAX])
{
    const struct coach_facts *facts = look->facts;
    if (facts->n_cues_refused == 0 ||
        look->now_ms - facts->cues_refused_ms >= RULE_REFUSED_MS)
        return COACH_FINE;
    *ret_value = facts->n_cues_refused;
    COACH_SAY(text, "A cue was refused: %s.", facts->cue_refused);
    return COACH_WARN;
}

static enum coach_level look_rival(const struct coach_look *look, int64_t *ret_value,
                                   char text[COACH_TEXT_MAX])
{
    const struct coach_facts *facts = look->facts;
    if (facts->n_rivals == 0 || look->now_ms - facts->rival_ms >= RULE_RIVAL_MS)
        return COACH_FINE;
    *ret_value = facts->n_rivals;
    COACH_SAY(
        text,
        "Another encoder keeps trying to take over this show. Stop it, or revoke its "
        "stream key.");
    return COACH_WARN;
}

const struct coach_rule show_coach_rules[COACH_CODES] = {
    [COACH_NOTHING_ARRIVES] = {look_nothing, 0, 0},
    [COACH_MEDIA_REFUSED] = {look_refused, 0, 0},
    [COACH_CLOCK_STILL] = {look_still, 0, 2000},
    [COACH_NO_KEYFRAME] = {look_no_key, 0, 0},
    [COACH_PICTURES_STOPPED] = {look_pictures_stopped, 0, 1000},
    [COACH_PICTURES_MISSING] = {look_pictures_missing, 0, 0},
    [COACH_BITRATE_OVER_LIMIT] = {look_over_limit, 0, 0},
    [COACH_UPLOAD_SAGS] = {show_coach_line_sags, 2000, 5000},
    [COACH_FALLS_BEHIND] = {show_coach_line_falls_behind, 4000, 5000},
    [COACH_TOO_FAST] = {show_coach_line_is_too_fast, 3000, 3000},
    [COACH_CLOCK_JUMPS] = {look_jumps, 0, 0},
    [COACH_KEYFRAMES_FAR] = {look_keys_far, 0, 0},
    [COACH_SOUND_STOPPED] = {look_sound_stopped, 0, 1000},
    [COACH_SOUND_MISSING] = {look_sound_missing, 0, 0},
    [COACH_SOUND_SILENT] = {look_sound_silent, 3000, 1000},
    [COACH_SOUND_LATE] = {look_sound_late, 3000, 5000},
    [COACH_SOUND_EARLY] = {look_sound_early, 3000, 5000},
    [COACH_UPLOAD_STUTTERS] = {show_coach_line_stutters, 0, 0},
    [COACH_RIVAL] = {look_rival, 0, 0},
    [COACH_CUES_REFUSED] = {look_cues_refused, 0, 0},
    [COACH_BITRATE_LOW] = {look_low, 2000, 3000},
    [COACH_BITRATE_HIGH] = {look_high, 3000, 5000},
    [COACH_FRAMES_MISSING] = {look_frames_missing, 3000, 5000},
    [COACH_PARTS_SHORT] = {look_short_parts, 0, 0},
    [COACH_SIZE_CHANGED] = {look_size, 0, 0},
    [COACH_FRAME_RATE_SWINGS] = {look_swing, 1000, 5000},
    [COACH_B_FRAMES] = {look_b_frames, 1000, 10000},
    [COACH_KEYFRAMES_DENSE] = {look_keys_dense, 1000, 5000},
};
