#include "server/http/h1_chunked.h"

#include "server/http/hex.h"

enum { SIZE_DIGITS_MAX = 8 }; /* 4 GiB: more than any route takes */

void http_h1_chunked_init(struct http_h1_chunked *chunked, size_t body_max)
{
    *chunked =
        (struct http_h1_chunked){.state = HTTP_H1_CHUNKED_SIZE, .room = body_max};
}

static enum http_h1_chunked_state step_size(struct http_h1_chunked *chunked, uint8_t c)
{
    int digit = http_hex_value(c);
    if (digit >= 0 && chunked->n_digits < SIZE_DIGITS_MAX) {
        chunked->left = chunked->left * 16 + (uint64_t)digit;
        chunked->n_digits++;
        return HTTP_H1_CHUNKED_SIZE;
    }
    if (c == '\r' && chunked->n_digits > 0)
        return HTTP_H1_CHUNKED_SIZE_LF;
    return HTTP_H1_CHUNKED_FAILED;
}

static enum http_h1_chunked_state end_size(struct http_h1_chunked *chunked)
{
    if (chunked->left == 0)
        return HTTP_H1_CHUNKED_END_CR;
    if (chunked->left > chunked->room)
        return HTTP_H1_CHUNKED_TOO_LARGE;
    chunked->room -= chunked->left;
    return HTTP_H1_CHUNKED_DATA;
}

static enum http_h1_chunked_state step(struct http_h1_chunked *chunked, uint8_t c)
{
    switch (chunked->state) {
    case HTTP_H1_CHUNKED_SIZE:
        return step_size(chunked, c);
    case HTTP_H1_CHUNKED_SIZE_LF:
        if (c != '\n')
            break;
        return end_size(chunked);
    case HTTP_H1_CHUNKED_DATA_CR:
        if (c != '\r')
            break;
        return HTTP_H1_CHUNKED_DATA_LF;
    case HTTP_H1_CHUNKED_DATA_LF:
        if (c != '\n')
            break;
        chunked->n_digits = 0;
        return HTTP_H1_CHUNKED_SIZE;
    case HTTP_H1_CHUNKED_END_CR: /* anything else would be a trailer */
        if (c != '\r')
            break;
        return HTTP_H1_CHUNKED_END_LF;
    case HTTP_H1_CHUNKED_END_LF:
        if (c != '\n')
            break;
        return HTTP_H1_CHUNKED_DONE;
    case HTTP_H1_CHUNKED_DATA:
    case HTTP_H1_CHUNKED_DONE:
    case HTTP_H1_CHUNKED_FAILED:
    case HTTP_H1_CHUNKED_TOO_LARGE:
        break;
    }
    return HTTP_H1_CHUNKED_FAILED;
}

size_t http_h1_chunked_feed(struct http_h1_chunked *chunked, struct bytes in,
                            struct bytes *ret_data)
{
    size_t at = 0;
    *ret_data = bytes_make(NULL, 0);
    while (at < in.len && chunked->state < HTTP_H1_CHUNKED_DONE) {
        if (chunked->state == HTTP_H1_CHUNKED_DATA) {
            struct bytes rest = bytes_from(in, at);
            *ret_data =
                chunked->left < rest.len ? bytes_first(rest, chunked->left) : rest;
            chunked->left -= ret_data->len;
            if (chunked->left == 0)
                chunked->state = HTTP_H1_CHUNKED_DATA_CR;
            return at + ret_data->len;
        }
        chunked->state = step(chunked, in.data[at++]);
    }
    return at;
}
