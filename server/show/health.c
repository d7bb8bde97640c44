#include "server/show/health.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"

enum {
    HEALTH_SETTLE_MS = 3000, /* say nothing about rates before */
    HEALTH_IDLE_MS = 1000,   /* as the meter's seconds */
};

void show_health_init(struct show_health *health, int64_t now_ms)
{
    if (!health->watch)
        health->watch = alloc_zero(sizeof *health->watch);
    show_meter_init(&health->watch->meter, now_ms);
    show_meter_read(&health->watch->meter, now_ms, &health->watch->reading);
    show_coach_init(&health->watch->coach);
}

void show_health_allow(struct show_health *health, uint32_t max_kbps)
{
    show_coach_note_allowed(&health->watch->coach, max_kbps);
}

void show_health_finish(struct show_health *health)
{
    alloc_free(health->watch);
    health->watch = NULL;
}

void show_health_arrival(struct show_health *health, size_t len, int64_t now_ms)
{
    show_meter_arrival(&health->watch->meter, len, now_ms);
}

static void take_metadata(struct show_health *health,
                          const struct rtmp_metadata *metadata)
{
    /* A number of AMF0, which has no other; within RTMP_METADATA_NUMBER_MAX. */
    uint32_t fps_milli = (uint32_t)(metadata->frame_rate * 1000);
    show_coach_note_metadata(&health->watch->coach, metadata->has_video,
                             metadata->has_audio, fps_milli);
}

void show_health_media(struct show_health *health, const struct rtmp_event *event,
                       bool leads, int64_t now_ms)
{
    const struct rtmp_media *media = &event->media;
    if (event->type == RTMP_EVENT_METADATA)
        take_metadata(health, &event->metadata);
    if (event->type != RTMP_EVENT_VIDEO && event->type != RTMP_EVENT_AUDIO)
        return;
    enum track_kind kind = event->type == RTMP_EVENT_VIDEO ? TRACK_VIDEO : TRACK_AUDIO;
    size_t len = buf_bytes(media->data).len;
    if (leads)
        show_meter_packet(&health->watch->meter, kind, media->stamp_ms, media->cts_ms,
                          media->key, len, now_ms);
    else
        show_meter_bytes(&health->watch->meter, kind, len);
}

void show_health_track(struct show_health *health, const struct track *video,
                       int64_t now_ms)
{
    show_coach_note_size(&health->watch->coach, video ? video->width : 0,
                         video ? video->height : 0, now_ms);
}

void show_health_finding(struct show_health *health, enum packager_finding what,
                         int64_t value, int64_t now_ms)
{
    switch (what) {
    case PACKAGER_GOP_TOO_LONG:
        show_coach_note_long_gop(&health->watch->coach, value, now_ms);
        return;
    case PACKAGER_FRAMES_MISSING:
        show_coach_note_short_parts(&health->watch->coach, value, now_ms);
        return;
    case PACKAGER_HOLE:
        return; /* heals by itself; counted in the metrics */
    case PACKAGER_REFUSED_PACKET:
        show_health_refused(health, "some frames could not be used", now_ms);
        return;
    }
}

void show_health_refused(struct show_health *health, const char *words, int64_t now_ms)
{
    show_coach_note_refused(&health->watch->coach, words, now_ms);
}

void show_health_rival(struct show_health *health, int64_t now_ms)
{
    show_coach_note_rival(&health->watch->coach, now_ms);
}

void show_health_cue_refused(struct show_health *health, const char *words,
                             int64_t now_ms)
{
    show_coach_note_cue_refused(&health->watch->coach, words, now_ms);
}

static bool tick_idle(struct show_health *health, int64_t now_ms)
{
    if (now_ms - health->second_ms < HEALTH_IDLE_MS)
        return false;
    health->second_ms = now_ms;
    return true;
}

bool show_health_tick(struct show_health *health, int64_t now_ms)
{
    struct show_watch *watch = health->watch;
    if (!watch)
        return tick_idle(health, now_ms);
    if (!show_meter_tick(&watch->meter, now_ms))
        return false;
    show_meter_read(&watch->meter, now_ms, &watch->reading);
    show_coach_judge(&watch->coach, &watch->reading, now_ms);
    return true;
}

static void print_good(const struct show_meter_reading *reading,
                       char text[COACH_TEXT_MAX])
{
    if (reading->age_ms < HEALTH_SETTLE_MS)
        (void)snprintf(text, COACH_TEXT_MAX, "Connected. Measuring the stream.");
    else if (reading->tracks[TRACK_VIDEO].seen)
        (void)snprintf(text, COACH_TEXT_MAX, "Good. %u.%u Mb/s, %u fps",
                       reading->kbps / 1000, reading->kbps % 1000 / 100,
                       (reading->fps_milli + 500) / 1000);
    else
        (void)snprintf(text, COACH_TEXT_MAX, "Good. Sound only, %u kb/s",
                       reading->kbps);
}

static enum show_health_level judge(const struct show_health *health,
                                    char text[COACH_TEXT_MAX])
{
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&health->watch->coach, findings);
    if (n == 0 || findings[0].level < COACH_WARN) {
        print_good(&health->watch->reading, text);
        return HEALTH_GOOD;
    }
    (void)snprintf(text, COACH_TEXT_MAX, "%s", findings[0].text);
    return findings[0].level == COACH_PROBLEM ? HEALTH_PROBLEM : HEALTH_WARN;
}

void show_health_print(const struct show_health *health, bool connected,
                       struct builder *out)
{
    static const char *const names[] = {"off", "good", "warn", "problem"};
    char text[COACH_TEXT_MAX] = "Off air. Start your encoder to go live.";
    enum show_health_level level = connected ? judge(health, text) : HEALTH_OFF;
    builder_printf(out, "{\"level\":\"%s\",\"text\":", names[level]);
    json_put_text(out, text);
    builder_text(out, "}");
}

uint32_t show_health_kbps(const struct show_health *health)
{
    return health->watch->reading.kbps;
}

uint32_t show_health_fps_milli(const struct show_health *health)
{
    return health->watch->reading.fps_milli;
}

int64_t show_health_keyframe_ms(const struct show_health *health)
{
    return health->watch->reading.keyframe_ms;
}
