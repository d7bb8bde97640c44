/* GET /live/{show}/events: cues, products and the show's state as they happen, as server-
 * sent events (WHATWG HTML 9.2). Last-Event-ID resumes behind a cue's q. Each stream is a
 * viewer of the show, but for those with ?as=host: consoles. */
#ifndef ORIGIN_EVENTS_H
#define ORIGIN_EVENTS_H

#include "server/http/exchange.h"

void origin_events_get(struct http_exchange *exchange, void *hub);

#endif
