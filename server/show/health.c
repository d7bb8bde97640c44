#include "server/show/health.h"

#include <stdio.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/json.h"

enum {
    HEALTH_WINDOW_MS = 1000,
    HEALTH_SILENT_MS = 2500, /* no media for this long is a problem that viewers see */
    HEALTH_LOW_KBPS = 300,   /* a 720p picture falls apart below */
    HEALTH_SETTLE_MS = 3000, /* say nothing about rates before */
    HEALTH_TEXT_MAX = 200,
};

void show_health_init(struct show_health *health, int64_t now_ms)
{
    *health = (struct show_health){
        .started_ms = now_ms, .last_media_ms = now_ms, .window_ms = now_ms};
}

static void note_key_frame(struct show_health *health, int64_t stamp_ms)
{
    if (health->has_key && stamp_ms > health->last_key_stamp_ms)
        health->keyframe_ms = stamp_ms - health->last_key_stamp_ms;
    if (health->has_key && health->keyframe_ms < health->long_gop_ms / 2)
        health->long_gop_ms = 0; /* the host has heard it and set it right */
    health->has_key = true;
    health->last_key_stamp_ms = stamp_ms;
}

void show_health_media(struct show_health *health, const struct rtmp_event *event,
                       int64_t now_ms)
{
    if (event->type == RTMP_EVENT_VIDEO) {
        health->has_video = true;
        health->frames++;
        if (event->media.key)
            note_key_frame(health, event->media.stamp_ms);
    } else if (event->type == RTMP_EVENT_AUDIO) {
        health->has_audio = true;
    } else {
        return;
    }
    health->bytes += buf_bytes(event->media.data).len;
    health->last_media_ms = now_ms;
}

void show_health_finding(struct show_health *health, enum packager_finding what,
                         int64_t value, int64_t now_ms)
{
    switch (what) {
    case PACKAGER_GOP_TOO_LONG:
        health->long_gop_ms = value;
        return;
    case PACKAGER_FRAMES_MISSING:
        health->n_missing_parts = value;
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
    health->refused_until_ms = now_ms + HEALTH_REFUSED_MS;
    (void)snprintf(health->refused, sizeof health->refused, "%s", words);
}

bool show_health_tick(struct show_health *health, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - health->window_ms;
    if (elapsed_ms < HEALTH_WINDOW_MS)
        return false;
    health->kbps = (uint32_t)(health->bytes * 8 / (uint64_t)elapsed_ms);
    uint32_t fps = (uint32_t)(health->frames * 1000000ull / (uint64_t)elapsed_ms);
    health->fps_milli = health->fps_milli ? (health->fps_milli * 3 + fps) / 4 : fps;
    health->bytes = 0;
    health->frames = 0;
    health->window_ms = now_ms;
    return true;
}

static enum show_health_level judge(const struct show_health *health, int64_t now_ms,
                                    char text[HEALTH_TEXT_MAX])
{
    bool settled = now_ms - health->started_ms > HEALTH_SETTLE_MS;
    if (now_ms - health->last_media_ms > HEALTH_SILENT_MS) {
        (void)snprintf(text, HEALTH_TEXT_MAX,
                       "Nothing arrives from your encoder. Check its connection.");
        return HEALTH_PROBLEM;
    }
    if (now_ms < health->refused_until_ms) {
        (void)snprintf(text, HEALTH_TEXT_MAX, "Problem: %s.", health->refused);
        return HEALTH_PROBLEM;
    }
    if (settled && health->has_video && !health->has_key) {
        (void)snprintf(text, HEALTH_TEXT_MAX,
                       "No keyframe arrives, so viewers see nothing: set 2 s (OBS: "
                       "Settings, Output, Keyframe Interval).");
        return HEALTH_PROBLEM;
    }
    if (health->long_gop_ms > 0) {
        (void)snprintf(text, HEALTH_TEXT_MAX,
                       "Keyframe every %lld.%lld s: set 2 s (OBS: Settings, Output, "
                       "Keyframe Interval).",
                       (long long)(health->long_gop_ms / 1000),
                       (long long)(health->long_gop_ms % 1000 / 100));
        return HEALTH_WARN;
    }
    if (settled && health->has_video && health->kbps < HEALTH_LOW_KBPS) {
        (void)snprintf(
            text, HEALTH_TEXT_MAX,
            "Only %u kb/s arrive: the picture will be poor. Check your upload.",
            health->kbps);
        return HEALTH_WARN;
    }
    if (settled && health->has_video && !health->has_audio) {
        (void)snprintf(text, HEALTH_TEXT_MAX,
                       "No sound arrives. Check the microphone in your encoder.");
        return HEALTH_WARN;
    }
    if (!settled)
        (void)snprintf(text, HEALTH_TEXT_MAX, "Connected. Measuring the stream.");
    else if (health->has_video)
        (void)snprintf(text, HEALTH_TEXT_MAX, "Good. %u.%u Mb/s, %u fps",
                       health->kbps / 1000, health->kbps % 1000 / 100,
                       (health->fps_milli + 500) / 1000);
    else
        (void)snprintf(text, HEALTH_TEXT_MAX, "Good. Sound only, %u kb/s",
                       health->kbps);
    return HEALTH_GOOD;
}

void show_health_print(const struct show_health *health, bool connected, int64_t now_ms,
                       struct builder *out)
{
    static const char *const names[] = {"off", "good", "warn", "problem"};
    char text[HEALTH_TEXT_MAX] = "Off air. Start your encoder to go live.";
    enum show_health_level level = connected ? judge(health, now_ms, text) : HEALTH_OFF;
    builder_printf(out, "{\"level\":\"%s\",\"text\":", names[level]);
    json_put_text(out, text);
    builder_text(out, "}");
}

uint32_t show_health_kbps(const struct show_health *health)
{
    return health->kbps;
}

uint32_t show_health_fps_milli(const struct show_health *health)
{
    return health->fps_milli;
}

int64_t show_health_keyframe_ms(const struct show_health *health)
{
    return health->keyframe_ms;
}
