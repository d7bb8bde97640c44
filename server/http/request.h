/* A request as handlers see it. Valid as long as its exchange. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "core/bytes.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS
};

enum { HTTP_HEADERS_MAX = 100, HTTP_PARAMS_MAX = 4 };

struct http_header {
    struct bytes name, value;
};

struct http_request {
    enum http_method method;
    /* percent-decoded, normalised: begins with '/', no dot segments */
    struct bytes path;
    struct bytes query; /* raw, without '?' */
    struct bytes body;  /* whole; at most what the route allows */
    size_t n_headers;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct bytes params[HTTP_PARAMS_MAX]; /* what {…} in the route's pattern matched */
    const char *peer;                     /* "192.0.2.1:5000" */
};

/* First header of that name (any case); no bytes when there is none. */
struct bytes http_request_header(const struct http_request *request, const char *name);
/* First query parameter of that name, raw; false when it is not there. */
bool http_request_query(const struct http_request *request, const char *name,
                        struct bytes *ret_value);
/* Percent-decodes into out (size bytes); false when malformed or too long. */
bool http_request_decode(struct bytes raw, char *out, size_t size);
/* The client takes gzip (RFC 9110 12.5.3). */
bool http_request_takes_gzip(const struct http_request *request);

#endif
