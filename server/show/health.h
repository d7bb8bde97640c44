/* How well a publisher does: what is measured of it, what the coach finds, and all of it in
 * one line for the host.
 *
 * Ownership: embedded in the show, zeroed at first; init for each publisher, finish at the
 *   end.
 * Time: media by the wire's stamps, rates by now_ms, which is monotonic. */
#ifndef SHOW_HEALTH_H
#define SHOW_HEALTH_H

#include "packager/packager.h"
#include "server/rtmp/session.h"
#include "server/show/coach.h"

struct builder;

enum show_health_level { HEALTH_OFF, HEALTH_GOOD, HEALTH_WARN, HEALTH_PROBLEM };

/* Kept apart, because most shows that are known have none. */
struct show_watch {
    struct show_meter meter;
    struct show_meter_reading reading; /* as of the last tick that said true */
    struct show_coach coach;
};

struct show_health {
    struct show_watch *watch; /* of the newest publisher; NULL before the first */
    int64_t second_ms;        /* private: when a tick was true, without a publisher */
};

/* For a new publisher; again for the next one. What follows needs it, but for tick and for
 * print when not connected. */
void show_health_init(struct show_health *health, int64_t now_ms);
/* It is allowed so much; 0: any rate. */
void show_health_allow(struct show_health *health, uint32_t max_kbps);
void show_health_finish(struct show_health *health); /* zeroed: nothing */
/* Bytes of its connection, as they come. */
void show_health_arrival(struct show_health *health, size_t len, int64_t now_ms);
/* Whatever the publisher sends. leads: pictures or sound of the track that leads its kind;
 * of the others only the bytes count. */
void show_health_media(struct show_health *health, const struct rtmp_event *event,
                       bool leads, int64_t now_ms);
/* Its pictures as they are now; NULL: none. */
void show_health_track(struct show_health *health, const struct track *video,
                       int64_t now_ms);
void show_health_finding(struct show_health *health, enum packager_finding what,
                         int64_t value, int64_t now_ms);
/* Media that could not be used; words without a full stop. */
void show_health_refused(struct show_health *health, const char *words, int64_t now_ms);
/* A cue of the encoder that was not taken; words likewise. */
void show_health_rival(struct show_health *health, int64_t now_ms);
void show_health_cue_refused(struct show_health *health, const char *words,
                             int64_t now_ms);
/* Once a second: measures and judges. True when the words may have changed. */
bool show_health_tick(struct show_health *health, int64_t now_ms);

/* {"level":"good","text":"Good. 2.4 Mb/s, 30 fps"}: the worst finding that is more than a
 * hint; connected false: off air. */
void show_health_print(const struct show_health *health, bool connected,
                       struct builder *out);
uint32_t show_health_kbps(const struct show_health *health);
uint32_t show_health_fps_milli(const struct show_health *health);
int64_t show_health_keyframe_ms(const struct show_health *health);

#endif
