/* A show on air, or about to be: a house of two lanes with the show "spring" and the
 * product "SKU-1", and the host's encoder.
 *
 * For cmocka: a test's state is a struct air. Threads: the test's. */
#ifndef TESTS_KIT_AIR_H
#define TESTS_KIT_AIR_H

#include "tests/kit/shop.h"

/* Of 1 s segments: the fifth is open and has its first part. */
enum { AIR_LIVE_MS = 4400 };

struct air {
    struct house house;
    struct shop_show show;
    struct encoder encoder;
    /* as the test finds them when it begins live */
    struct shop_position at; /* of the video */
    char epoch[64];
};

int air_setup(void **state); /* the encoder has not begun */
/* Both lanes have all of AIR_LIVE_MS. */
int air_setup_live(void **state);
int air_teardown(void **state);

/* Sends AIR_LIVE_MS; both lanes know that the show is live. */
void air_go_live(struct air *air);
/* A new connection on lane 1 whose request, "GET /path", is the only one that is held. */
void air_hold(struct air *air, struct client *client, const char *request);
/* On that lane an hour passes for those who are held. */
void air_let_time_pass(struct air *air, unsigned lane);

#endif
