#include "overlay/catalogue/title.h"

#include <string.h>

#include "core/alloc.h"

uint32_t catalogue_title_code_point(struct bytes text, size_t *ret_len)
{
    uint8_t first = text.data[0];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t code_point = len == 1 ? first : first & (0xffU >> (len + 1));
    for (size_t i = 1; i < len; i++)
        code_point = code_point << 6 | (text.data[i] & 0x3fU);
    *ret_len = len;
    return code_point;
}

bool catalogue_title_is_forbidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool is_break(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

char *catalogue_title_clean(struct bytes text)
{
    char *clean = alloc_zero(text.len + 1);
    size_t n = 0;
    while (text.len > 0) {
        size_t len;
        uint32_t c = catalogue_title_code_point(text, &len);
        if (is_break(c)) {
            clean[n++] = ' ';
        } else if (!catalogue_title_is_forbidden(c)) {
            memcpy(clean + n, text.data, len);
            n += len;
        }
        text = bytes_from(text, len);
    }
    struct bytes trimmed = bytes_trim(bytes_make(clean, n));
    memmove(clean, trimmed.data, trimmed.len);
    clean[trimmed.len] = '\0';
    return clean;
}

size_t catalogue_title_count(const char *title)
{
    size_t n = 0;
    for (; *title; title++)
        n += ((uint8_t)*title & 0xc0) != 0x80;
    return n;
}
