/* Hexadecimal digits, as percent codes and chunk sizes have them. */
#ifndef HTTP_HEX_H
#define HTTP_HEX_H

#include <stdint.h>

static inline int http_hex_value(uint8_t c) /* -1: no digit */
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
