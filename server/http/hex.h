/* Hexadecimal digits, as percent codes and chunk sizes have them. */
#ifndef HTTP_HEX_H
#define HTTP_HEX_H

#include "core/bytes.h"

static inline int http_hex_value(uint8_t c) /* -1: no digit */
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the percent code stands for whose '%' is at that place (RFC 3986 2.1);
 * -1: it is none. */
static inline int http_hex_percent(struct bytes raw, size_t at)
{
    int high = at + 2 < raw.len ? http_hex_value(raw.data[at + 1]) : -1;
    int low = at + 2 < raw.len ? http_hex_value(raw.data[at + 2]) : -1;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

#endif
