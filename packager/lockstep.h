/* How an epoch's renditions go forward side by side: the leader decides where segments
 * and parts end, the followers end theirs there too, and what one of them lacks is given
 * up when the others are far ahead, or on schedule.
 *
 * Of an epoch that is cut or drained. Times between renditions in 90 kHz. */
#ifndef LOCKSTEP_H
#define LOCKSTEP_H

#include "packager/rendition.h"

struct epoch;

/* One step of one rendition. RENDITION_PART_DUE: of the leader; the followers' parts are
 * finished inside. */
enum rendition_step packager_lockstep_step(struct epoch *epoch);
/* Where the leader stands, in the follower's ticks. */
int64_t packager_lockstep_leader_pos(const struct epoch *epoch,
                                     const struct rendition *follower);

#endif
