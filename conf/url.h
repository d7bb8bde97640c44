/* URLs of other people's services, RFC 3986: http or https, a host, nothing that a header
 * or a log line could stumble over. Pure. */
#ifndef CONF_URL_H
#define CONF_URL_H

#include "core/bytes.h"

/* "https://shop.example/hooks", with a port, a user and a query if need be; without a
 * fragment. */
bool conf_url_is_valid(struct bytes text);

#endif
