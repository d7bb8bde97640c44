/* One request and its answer. A handler answers at once, or keeps the exchange and
 * answers later (blocking reload), or streams (events).
 *
 * Ownership: the connection owns it. A handler that does not answer at once must set
 *   on_gone: it is called once if the client goes before the answer is complete, and
 *   after it the exchange is dead. After http_exchange_respond() or _end() the exchange
 *   is dead for the handler.
 * Threads:   the loop's. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "server/http/request.h"

struct buf;
struct http_exchange;

/* A segment is sent as its parts: as many as one may have. */
enum { HTTP_BODY_BUFS_MAX = 128 };

struct http_response {
    int status;
    const char *mime;          /* NULL: no body */
    const char *cache_control; /* NULL: "no-store" */
    const char *etag;          /* with quotes; NULL: none. If-None-Match gives 304 */
    const char *encoding;      /* "gzip" or NULL */
    const char *more;          /* further header lines, each ended by CRLF; or NULL */
    bool vary_encoding;        /* Vary: Accept-Encoding */
    bool ranges;               /* byte ranges may be asked for (RFC 9110 14) */
    bool cors;     /* Access-Control-Allow-Origin: * and the exposed headers */
    size_t n_bufs; /* the body, in order; borrowed: respond() refs what it keeps */
    struct buf *bufs[HTTP_BODY_BUFS_MAX];
};

const struct http_request *http_exchange_request(const struct http_exchange *exchange);
/* The client goes before the answer: fn(ctx), once. */
void http_exchange_on_gone(struct http_exchange *exchange, void (*fn)(void *ctx),
                           void *ctx);

/* The whole answer; HEAD, ranges, 304 and Content-Length are seen to here. */
void http_exchange_respond(struct http_exchange *exchange,
                           const struct http_response *response);
/* application/problem+json (RFC 9457): {"type":"about:blank","title","status","detail"}. */
void http_exchange_problem(struct http_exchange *exchange, int status,
                           const char *detail);
/* JSON with Cache-Control: no-store; takes the reference. */
void http_exchange_json(struct http_exchange *exchange, int status, struct buf *json);

/* A body without end (text/event-stream). write() takes the reference. */
void http_exchange_stream(struct http_exchange *exchange,
                          const struct http_response *head);
void http_exchange_write(struct http_exchange *exchange, struct buf *buf);
size_t
http_exchange_queued(const struct http_exchange *exchange); /* bytes not sent yet */
void http_exchange_end(struct http_exchange *exchange);

#endif
