/* GET /live/{show}/state: which cards a viewer sees at a media time. */
#ifndef ORIGIN_STATE_H
#define ORIGIN_STATE_H

#include "server/http/exchange.h"

void origin_state_get(struct http_exchange *exchange, void *hub);

#endif
