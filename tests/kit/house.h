/* The whole server in a test's process, without its listeners: a data directory of its
 * own, any number of loops on their threads, and connections that are socket pairs, so
 * that a test says on which loop one arrives.
 *
 * Ownership: open/close. Threads: the test's; house_run() takes work to a loop.
 * A test that waits for what never comes fails after HOUSE_PATIENCE_MS. */
#ifndef TESTS_KIT_HOUSE_H
#define TESTS_KIT_HOUSE_H

#include "conf/conf.h"
#include "server/show/hub.h"
#include "tests/unit/temp_dir.h"

struct app;
struct loop_porch;

enum { HOUSE_PATIENCE_MS = 60000, HOUSE_LANES_MAX = 8 };

struct house {
    struct temp_dir dir;
    struct conf conf;
    struct app *app;
    unsigned n_lanes;
    struct loop_porch *porches[HOUSE_LANES_MAX]; /* made when needed */
};

#define HOUSE_TOKEN "kit-token-0123456789"

void house_open(struct house *house, unsigned n_lanes); /* shows do not linger */
void house_open_lingering(struct house *house, unsigned n_lanes, uint32_t linger_ms);
void house_close(struct house *house);
/* For cmocka: the state of a test is a house of two lanes of its own, in which shows do
 * not linger, or do so for 45 s. */
int house_setup(void **state);
int house_setup_lingering(void **state);
int house_teardown(void **state);
/* Down and up again with the same data; nobody is told, and nothing is waited for. */
void house_restart(struct house *house);

/* The same after a crash: up again with what is on the disk at this moment, as if the
 * process had been killed. */
void house_crash(struct house *house);

/* A new connection that arrives on a lane: our end, blocking. */
int house_dial_http(struct house *house, unsigned lane);
int house_dial_rtmp(struct house *house, unsigned lane);
/* The same from an address such as "192.0.2.1", as a load balancer tells it. */
int house_dial_rtmp_from(struct house *house, unsigned lane, const char *address);

/* The lane on which a show lives, and another one. */
unsigned house_lane_of(const struct house *house, const char *show);
unsigned house_other_lane(const struct house *house, const char *show);

/* Runs fn on the lane's thread and waits for it. */
void house_run(struct house *house, unsigned lane,
               void (*fn)(struct show_hub *hub, void *ctx), void *ctx);
/* The same again and again until it is true; fails the test when it never is. */
void house_await(struct house *house, unsigned lane,
                 bool (*fn)(struct show_hub *hub, void *ctx), void *ctx);

#endif
