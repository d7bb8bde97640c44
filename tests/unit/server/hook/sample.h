/* Events that the tests of the hooks share. Includes of cmocka come first. */
#ifndef TESTS_UNIT_SERVER_HOOK_SAMPLE_H
#define TESTS_UNIT_SERVER_HOOK_SAMPLE_H

#include <string.h>

#include "server/hook/event.h"

/* Every text holds what the format could stumble over. */
static inline struct hook_event sample_event(enum hook_event_type type)
{
    struct hook_event event = {.type = type, .wall_ms = 1795370400123};
    hook_event_set(event.id, sizeof event.id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    hook_event_set(event.show, sizeof event.show, "spring");
    if (type == HOOK_FINDING) {
        hook_event_set(event.code, sizeof event.code, "keyframe_interval");
        hook_event_set(event.level, sizeof event.level, "warn");
        hook_event_set(event.text, sizeof event.text,
                       "A keyframe comes every 8.3 s; set it to 2 s.");
        event.value = 8300;
        hook_event_set(event.unit, sizeof event.unit, "ms");
    }
    if (type == HOOK_PUBLISH || type == HOOK_UNPUBLISH || type == HOOK_FINDING) {
        hook_event_set(event.session, sizeof event.session, "abcdefghjkmnpqrs");
        hook_event_set(event.key, sizeof event.key, "k1");
        hook_event_set(event.role, sizeof event.role, "primary");
        hook_event_set(event.address, sizeof event.address, "2001:db8::1");
        hook_event_set(event.encoder, sizeof event.encoder,
                       "FMLE/3.0 (\"x\"; y=1&name=victim) \xc3\xa9");
    }
    if (type == HOOK_PUBLISH)
        event.query = "token=a%26b&addr=127.0.0.1&name=victim#\"\n";
    if (type == HOOK_FINDING)
        hook_event_set(event.key_show, sizeof event.key_show, "studio");
    if (type == HOOK_UNPUBLISH)
        hook_event_set(event.reason, sizeof event.reason, "the encoder stopped");
    return event;
}

#endif
