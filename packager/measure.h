/* What is measured of an epoch: in a show's first seconds the constants that players see
 * and that never change again, in later epochs the frame rate.
 *
 * It writes the epoch's cadence, second key and the constants, and nothing else of it. */
#ifndef MEASURE_H
#define MEASURE_H

#include "packager/epoch.h"

/* A packet of the leader: the second key frame may be it. */
void packager_measure_second_key(struct epoch *epoch, const struct packet *packet);
/* Enough has come to measure the constants. */
bool packager_measure_is_done(const struct epoch *epoch);
/* Out of what waits in the leader's queue. */
void packager_measure(struct epoch *epoch);
/* Later epochs are cut from the first key frame on and measured meanwhile. */
void packager_measure_meanwhile(struct epoch *epoch, const struct packet *packet);
/* How a rendition starts at a time of its own ticks. */
struct rendition_start packager_measure_start_of(const struct epoch *epoch,
                                                 const struct rendition *rendition,
                                                 int64_t start);

#endif
