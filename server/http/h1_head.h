/* A whole request head, passed by the guard, through the parser and then through rules of
 * our own: where a message ends must not be a matter of opinion (RFC 9112 6.3). */
#ifndef HTTP_H1_HEAD_H
#define HTTP_H1_HEAD_H

#include "server/http/fault.h"
#include "server/http/request.h"

struct http_h1_framing {
    bool keep_alive; /* the client wants the connection to stay */
    bool http10;
    bool chunked;
    bool expects_continue;
    uint64_t length;     /* of the body, when it is not chunked */
    struct bytes target; /* raw */
};

/* Fills method and headers of *request; they point into head. */
bool http_h1_head_parse(struct bytes head, struct http_request *request,
                        struct http_h1_framing *ret_framing, struct http_fault *fault);

#endif
