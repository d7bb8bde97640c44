/* The lines of an HTTP/1.1 request head (RFC 9112 2 to 5), looked at byte by byte before
 * the parser sees them. It lets through only what every server and proxy reads the same
 * way: lines end in CRLF and in nothing else, no line is folded, the request line has
 * exactly two spaces, the version is 1.0 or 1.1, the method is one we know. So a request
 * cannot be two requests to somebody else, and faults are found at their byte, not when
 * the head is whole.
 *
 * Limits: the target and the number of headers here; the head's length is the reader's. */
#ifndef HTTP_H1_GUARD_H
#define HTTP_H1_GUARD_H

#include "server/http/fault.h"
#include "server/http/method.h"

enum {
    HTTP_TARGET_MAX = 4096, /* longer URLs than any player's with its tokens */
    HTTP_VERSION_LEN = 8,   /* "HTTP/1.1" */
};

enum http_h1_guard_state {
    HTTP_H1_GUARD_START,       /* before the request line; one empty line may pass */
    HTTP_H1_GUARD_EMPTY_LF,    /* CR of that empty line has passed */
    HTTP_H1_GUARD_METHOD,      /* in the method */
    HTTP_H1_GUARD_TARGET,      /* in the target */
    HTTP_H1_GUARD_VERSION,     /* in the version */
    HTTP_H1_GUARD_LINE_LF,     /* CR of a line has passed */
    HTTP_H1_GUARD_FIELD_START, /* at the first byte of a header line */
    HTTP_H1_GUARD_FIELD,       /* in a header line */
    HTTP_H1_GUARD_END_LF,      /* CR of the empty line has passed */
    HTTP_H1_GUARD_DONE,        /* the head is whole */
};

struct http_h1_guard {
    enum http_h1_guard_state state;
    bool skipped_line;
    unsigned n_headers;
    size_t n; /* bytes in the present part */
    enum http_method method;
    uint8_t text[HTTP_VERSION_LEN]; /* of the method or version so far */
};

void http_h1_guard_init(struct http_h1_guard *guard);
/* One more byte; false with *fault when it may not stand there. */
bool http_h1_guard_step(struct http_h1_guard *guard, uint8_t c,
                        struct http_fault *fault);

#endif
