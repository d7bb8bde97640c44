/* One deadline. start() replaces the one before; fn runs once on the loop's thread. */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include <stdint.h>

struct loop;
struct loop_timer;

struct loop_timer *loop_timer_create(struct loop *loop, void (*fn)(void *ctx),
                                     void *ctx);
void loop_timer_destroy(struct loop_timer *timer); /* NULL: nothing; fn will not run */
void loop_timer_start(struct loop_timer *timer, int64_t after_ms);
/* At a moment of loop_now_ms(); INT64_MAX stops. */
void loop_timer_start_at(struct loop_timer *timer, int64_t at_ms);
void loop_timer_stop(struct loop_timer *timer);

#endif
