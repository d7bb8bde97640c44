/* Requests of one HTTP/1.1 connection, from bytes: no I/O, no clock. A request comes in
 * two steps, so that its route can say how large a body may be:
 *
 *   feed() gives HEAD: method, path, query and headers are there; the owner calls
 *   accept() and feeds on; feed() gives DONE: the body is there too; the owner answers and
 *   calls next(). The same bytes whole or one at a time give the same events.
 *
 * Ownership: init/finish. What *request points to is the reader's, until next().
 * Limits:    head_max for the head (431), HTTP_TARGET_MAX (414), HTTP_HEADERS_MAX (431),
 *   accept()'s body_max (413). */
#ifndef HTTP_H1_READER_H
#define HTTP_H1_READER_H

#include "core/builder.h"
#include "server/http/h1_chunked.h"
#include "server/http/h1_guard.h"
#include "server/http/h1_head.h"

enum http_h1_event {
    HTTP_H1_MORE,   /* all bytes are used up */
    HTTP_H1_HEAD,   /* the head is whole: accept(), then feed on */
    HTTP_H1_DONE,   /* the request is whole: answer, then next() */
    HTTP_H1_FAILED, /* reader.fault says why; the connection is of no more use */
};

enum http_h1_reader_state {
    HTTP_H1_READER_HEAD,    /* in the head */
    HTTP_H1_READER_DECIDE,  /* HEAD was given, accept() is awaited */
    HTTP_H1_READER_LENGTH,  /* in a body of known length */
    HTTP_H1_READER_CHUNKED, /* in a chunked body */
    HTTP_H1_READER_DONE,    /* DONE was given, next() is awaited */
    HTTP_H1_READER_FAILED,  /* FAILED was given */
};

struct http_h1_reader {
    /* for the owner to read */
    struct http_h1_framing framing; /* from HEAD on */
    struct http_fault fault;        /* after FAILED */
    /* private */
    enum http_h1_reader_state state;
    size_t head_max;
    struct http_h1_guard guard;
    struct http_h1_chunked chunked;
    struct builder head;
    struct builder path; /* decoded, when it had to be */
    struct builder body;
    uint64_t body_left;
};

void http_h1_reader_init(struct http_h1_reader *reader, size_t head_max);
void http_h1_reader_finish(struct http_h1_reader *reader);
/* Takes bytes up to the next event; gives how many. *request is filled from HEAD on and
 * must be the same object until next(). */
size_t http_h1_reader_feed(struct http_h1_reader *reader, struct bytes in,
                           struct http_request *request, enum http_h1_event *ret_event);
/* After HEAD. False, and failed with 413, when the body is known to be larger. */
bool http_h1_reader_accept(struct http_h1_reader *reader, size_t body_max);
/* After HEAD: there will be body bytes. */
bool http_h1_reader_has_body(const struct http_h1_reader *reader);
void http_h1_reader_next(struct http_h1_reader *reader);

#endif
