/* One show and a publisher that goes, comes back or is late.
 *
 * For cmocka: a test's state is a struct scene. */
#ifndef TESTS_SIM_SCENE_H
#define TESTS_SIM_SCENE_H

#include "tests/sim/sim.h"

struct scene {
    struct sim sim;
    struct feed_config feed;
};

int scene_setup(void **state); /* the publisher has not begun */
int scene_teardown(void **state);

/* The first epoch; all renditions share their boundaries. */
void scene_start(struct sim *sim, const struct feed_config *feed);
/* Media goes on where the wall clock is, and behind what was made. */
int64_t scene_next_base_ms(const struct sim *sim);

#endif
