/* What carries an exchange to its client: an HTTP/1.1 connection, or later a stream of
 * HTTP/2. The exchange works out what to answer; its carrier sends it. For this room.
 *
 * Ownership: the carrier owns the exchange; it calls gone() when the client goes before
 *   the answer is complete, and may use the exchange again after answer() or end(). */
#ifndef HTTP_CARRIER_H
#define HTTP_CARRIER_H

#include "core/list.h"
#include "server/http/exchange.h"
#include "server/http/reply.h"

enum http_exchange_state {
    HTTP_EXCHANGE_OPEN,      /* no answer yet */
    HTTP_EXCHANGE_STREAMING, /* the head is out, the body goes on */
    HTTP_EXCHANGE_DONE,      /* answered or gone; dead for the handler */
};

struct http_carrier {
    /* reply's bufs are borrowed. */
    void (*answer)(struct http_exchange *exchange, const struct http_reply *reply);
    void (*stream)(struct http_exchange *exchange, const struct http_reply *reply);
    void (*write)(struct http_exchange *exchange, struct buf *buf); /* takes it */
    size_t (*queued)(const struct http_exchange *exchange);
    void (*end)(struct http_exchange *exchange);
};

struct http_exchange {
    struct list link; /* the carrier's spare exchanges */
    const struct http_carrier *carrier;
    void *owner; /* the carrier's own */
    enum http_exchange_state state;
    bool cors;
    void (*on_gone)(void *ctx);
    void *on_gone_ctx;
    struct http_request request;
};

/* For a new request; request itself is left to the reader. */
void http_exchange_begin(struct http_exchange *exchange,
                         const struct http_carrier *carrier, void *owner);
/* Tells the handler, once, unless the answer is complete. */
void http_exchange_gone(struct http_exchange *exchange);
/* As http_exchange_problem(), with header lines more. */
void http_exchange_refuse(struct http_exchange *exchange, int status,
                          const char *detail, const char *more);

#endif
