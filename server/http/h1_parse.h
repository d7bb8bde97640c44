/* llhttp in strict mode, for one whole request head. The only file that knows it; apart
 * from the rest because its names for the methods are the same as ours. */
#ifndef HTTP_H1_PARSE_H
#define HTTP_H1_PARSE_H

#include "core/bytes.h"

struct http_h1_parsed {
    struct bytes target;
    bool keep_alive;
    bool http10;
    bool chunked;
    bool upgrade; /* asked for */
    bool has_length;
    uint64_t length; /* of Content-Length, when there is one */
};

/* header() gets each field line in order; what it gets points into head. False: llhttp or
 * header() refuses it. */
bool http_h1_parse_head(struct bytes head,
                        bool (*header)(void *ctx, struct bytes name,
                                       struct bytes value),
                        void *ctx, struct http_h1_parsed *ret_parsed);

#endif
