/* The machine's clocks. Only edges (loop, main, tests) read them; everything below is
 * given the time. */
#ifndef CORE_MONOTIME_H
#define CORE_MONOTIME_H

#include <stdint.h>

int64_t monotime_us(void); /* never goes back; its zero means nothing */
int64_t monotime_ms(void);
int64_t monotime_wall_ms(void); /* Unix time; may jump */

#endif
