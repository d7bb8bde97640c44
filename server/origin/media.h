/* GET of initialisation sections, segments and parts; a hinted part is held until it is
 * there whole (rfc8216bis 6.2.6). */
#ifndef ORIGIN_MEDIA_H
#define ORIGIN_MEDIA_H

#include "server/http/exchange.h"

void origin_media_get(struct http_exchange *exchange, void *hub);

#endif
