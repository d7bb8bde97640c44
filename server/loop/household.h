/* Who counts as one where addresses are limited: an IPv4 address, or the /64 of an IPv6
 * address, which is what one household has.
 *
 * Threads: any. */
#ifndef LOOP_HOUSEHOLD_H
#define LOOP_HOUSEHOLD_H

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_HOUSEHOLD_SIZE = 8 };

/* host as loop_tcp_host() gives it. False: this machine (127.0.0.0/8, ::1), or no address. */
bool loop_household_read(const char *host, uint8_t ret[LOOP_HOUSEHOLD_SIZE]);

#endif
