/* Byte ranges (RFC 9110 14.1.2), one at a time. Several in one request are answered with
 * the whole, which the standard allows and no player misses. */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include "core/bytes.h"

enum http_range_kind {
    HTTP_RANGE_WHOLE, /* none, malformed, another unit or several: all of it */
    HTTP_RANGE_PART,  /* first to last, both within */
    HTTP_RANGE_NONE,  /* nothing of it is there: 416 */
};

/* header: the value of Range; total: bytes of the whole. */
enum http_range_kind http_range_parse(struct bytes header, uint64_t total,
                                      uint64_t *ret_first, uint64_t *ret_last);

#endif
