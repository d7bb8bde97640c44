#include "server/loop/household.h"

#include <arpa/inet.h>
#include <string.h>

bool loop_household_read(const char *host, uint8_t ret[LOOP_HOUSEHOLD_SIZE])
{
    struct in_addr v4;
    struct in6_addr v6;
    memset(ret, 0, LOOP_HOUSEHOLD_SIZE);
    if (inet_pton(AF_INET, host, &v4) == 1) {
        memcpy(ret, &v4, sizeof v4);
        return ret[0] != IN_LOOPBACKNET;
    }
    if (inet_pton(AF_INET6, host, &v6) != 1)
        return false;
    memcpy(ret, &v6, LOOP_HOUSEHOLD_SIZE);
    return !IN6_IS_ADDR_LOOPBACK(&v6);
}
