/* Addresses to listen on, as text. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

#include "core/bytes.h"

/* Numeric "host:port": "0.0.0.0:1935", "[::]:8080" for IPv6, ":8080" for every address
 * of both; port 0 to 65535. */
bool conf_address_is_valid(struct bytes text);

#endif
