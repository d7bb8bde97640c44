/* Answers that the origin's handlers share. All carry the CORS headers. */
#ifndef ORIGIN_ANSWER_H
#define ORIGIN_ANSWER_H

#include <stdint.h>

#include "server/http/exchange.h"
#include "server/show/hub.h"

/* Blocking reloads and hinted parts that the server holds: each costs some 300 bytes beside
 * its connection. */
enum { ORIGIN_HELD_MAX = 50000 };

/* 404, cacheable for a second: nothing there now, and perhaps never. */
void origin_answer_not_found(struct http_exchange *exchange, const char *detail);
/* 400, cacheable for a second. */
void origin_answer_bad_request(struct http_exchange *exchange, const char *detail);
/* 503 with Retry-After: 1 and no-store: players come again and go on (never 404 for a
 * show that is known: hls.js gives up on it). */
void origin_answer_unavailable(struct http_exchange *exchange, const char *detail);

/* The shelf of the show in the path's first parameter; answers 404 when there is none. */
struct show_shelf *origin_answer_shelf(struct http_exchange *exchange,
                                       struct show_hub *hub);

#endif
