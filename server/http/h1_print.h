/* The head of an answer as HTTP/1.1 text (RFC 9112 4). */
#ifndef HTTP_H1_PRINT_H
#define HTTP_H1_PRINT_H

#include "server/http/reply.h"

struct builder;

enum http_h1_persistence {
    HTTP_H1_STAYS,         /* HTTP/1.1, the connection stays: nothing to say */
    HTTP_H1_STAYS_SAYS_SO, /* HTTP/1.0 with keep-alive */
    HTTP_H1_CLOSES,        /* closed after this answer */
};

/* date: as http_date_print() gives it. */
void http_h1_print_head(struct builder *out, const struct http_reply *reply,
                        enum http_h1_persistence persistence, const char *date);

#endif
