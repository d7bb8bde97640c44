/* A session and a script for it, brought to where a test begins. */
#ifndef TESTS_RTMP_FIXTURE_H
#define TESTS_RTMP_FIXTURE_H

#include "tests/unit/server/rtmp/run.h"
#include "tests/unit/server/rtmp/script.h"

#define WITH_FIXTURE(test) \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

#define BYTES(...) \
    bytes_make((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

struct fixture {
    struct run run;
    struct script script;
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Feeds what the script has and empties it. */
int fixture_feed(struct fixture *fixture);
/* Feeds it to the session and takes the first event, which is of that type. */
struct rtmp_event fixture_first_event(struct fixture *fixture,
                                      enum rtmp_event_type type);
void fixture_say_connect(struct fixture *fixture);
/* Handshake and connect; the answers are forgotten. */
void fixture_connect(struct fixture *fixture);
/* And an accepted publish. */
void fixture_publish(struct fixture *fixture);
/* A message on the publish's stream. */
void fixture_put(struct fixture *fixture, uint8_t type, uint32_t stamp_ms,
                 struct bytes body);

#endif
