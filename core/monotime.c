#include "core/monotime.h"

#include <time.h>

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t monotime_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t monotime_ms(void)
{
    return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t monotime_wall_ms(void)
{
    return clock_us(CLOCK_REALTIME) / 1000;
}
