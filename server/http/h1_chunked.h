/* The chunked coding (RFC 9112 7.1) of a request body, in its plainest form: sizes of up
 * to eight hexadecimal digits, no extensions, no trailers. Nobody who calls our API needs
 * either, and both have carried attacks. A chunk that would pass the limit of the body is
 * refused by its size, before its data comes. */
#ifndef HTTP_H1_CHUNKED_H
#define HTTP_H1_CHUNKED_H

#include "core/bytes.h"

enum http_h1_chunked_state {
    HTTP_H1_CHUNKED_SIZE,      /* in the digits of a size */
    HTTP_H1_CHUNKED_SIZE_LF,   /* CR behind a size has passed */
    HTTP_H1_CHUNKED_DATA,      /* in the data */
    HTTP_H1_CHUNKED_DATA_CR,   /* behind the data */
    HTTP_H1_CHUNKED_DATA_LF,   /* CR behind the data has passed */
    HTTP_H1_CHUNKED_END_CR,    /* behind the last chunk's size */
    HTTP_H1_CHUNKED_END_LF,    /* CR behind the last chunk has passed */
    HTTP_H1_CHUNKED_DONE,      /* the body is whole */
    HTTP_H1_CHUNKED_FAILED,    /* malformed; nothing more is taken */
    HTTP_H1_CHUNKED_TOO_LARGE, /* past the limit; nothing more is taken */
};

struct http_h1_chunked {
    enum http_h1_chunked_state state;
    unsigned n_digits;
    uint64_t left; /* bytes of data in this chunk */
    uint64_t room; /* bytes that further chunks may have */
};

void http_h1_chunked_init(struct http_h1_chunked *chunked, size_t body_max);
/* Takes from in until there is a piece of data, the end, a fault, or no more; gives how
 * much. *ret_data is a piece of in, or no bytes. */
size_t http_h1_chunked_feed(struct http_h1_chunked *chunked, struct bytes in,
                            struct bytes *ret_data);

#endif
