/* Counts the connections of encoders that a limit has ended, each limit by itself. */
#ifndef SHOW_LIMITS_H
#define SHOW_LIMITS_H

#include "server/rtmp/session.h"

struct metrics;

/* NONE: nothing. Any thread. */
void show_limits_count(struct metrics *metrics, enum rtmp_limit limit);

#endif
