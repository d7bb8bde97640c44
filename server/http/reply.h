/* What is sent for a response to a request: the answers to conditions and ranges worked
 * out (RFC 9110 13, 14), nothing sent yet. Pure. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "server/http/exchange.h"

struct http_reply {
    const struct http_response *response;
    int status;
    bool cors;
    bool has_length; /* Content-Length is sent */
    uint64_t length; /* for Content-Length */
    bool has_range;  /* Content-Range is sent: 206 and 416 */
    uint64_t first;  /* of the range, and of the bytes to send */
    uint64_t last;   /* of the range */
    uint64_t total;  /* bytes of the whole body */
    uint64_t n_send; /* body bytes to send, from first on; 0 for HEAD, 304 and 416 */
};

void http_reply_plan(const struct http_request *request,
                     const struct http_response *response, bool cors,
                     struct http_reply *ret_reply);
/* A body without end: no length, no range. */
void http_reply_plan_stream(const struct http_response *response, bool cors,
                            struct http_reply *ret_reply);

#endif
