/* How well a publisher does, measured and in plain words for the host.
 *
 * Ownership: embedded in the show; init for each publisher.
 * Time: media by the wire's stamps, rates by now_ms. */
#ifndef SHOW_HEALTH_H
#define SHOW_HEALTH_H

#include "packager/packager.h"
#include "server/rtmp/session.h"

struct builder;

enum { HEALTH_REFUSED_MS = 10000 };

enum show_health_level { HEALTH_OFF, HEALTH_GOOD, HEALTH_WARN, HEALTH_PROBLEM };

struct show_health {
    /* private */
    int64_t started_ms; /* monotonic */
    int64_t last_media_ms;
    int64_t window_ms; /* start of the second that is being counted */
    uint64_t bytes;    /* in this second */
    unsigned frames;
    uint32_t kbps;       /* of the last complete second */
    uint32_t fps_milli;  /* smoothed, thousandths */
    int64_t keyframe_ms; /* distance of the last two key frames; 0: not known */
    int64_t last_key_stamp_ms;
    bool has_key, has_video, has_audio;
    int64_t long_gop_ms;     /* finding: key frames too far apart; 0: fine */
    int64_t n_missing_parts; /* finding */
    char refused[128];       /* words of media that could not be used */
    int64_t refused_until_ms;
};

void show_health_init(struct show_health *health, int64_t now_ms);
void show_health_media(struct show_health *health, const struct rtmp_event *event,
                       int64_t now_ms);
void show_health_finding(struct show_health *health, enum packager_finding what,
                         int64_t value, int64_t now_ms);
/* Media that could not be used: said until HEALTH_REFUSED_MS after the last of it. */
void show_health_refused(struct show_health *health, const char *words, int64_t now_ms);
/* Once a second: closes the window. True when the words may have changed. */
bool show_health_tick(struct show_health *health, int64_t now_ms);

/* {"level":"good","text":"Good. 2.4 Mb/s, 30 fps"}; connected false: off air. */
void show_health_print(const struct show_health *health, bool connected, int64_t now_ms,
                       struct builder *out);
uint32_t show_health_kbps(const struct show_health *health);
uint32_t show_health_fps_milli(const struct show_health *health);
int64_t show_health_keyframe_ms(const struct show_health *health);

#endif
