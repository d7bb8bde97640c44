#include "server/http/range.h"

#include "core/parse.h"

static enum http_range_kind parse_suffix(struct bytes text, uint64_t total,
                                         uint64_t *ret_first, uint64_t *ret_last)
{
    uint64_t n;
    if (!parse_u64(text, &n))
        return HTTP_RANGE_WHOLE;
    if (n == 0 || total == 0)
        return HTTP_RANGE_NONE;
    *ret_first = n < total ? total - n : 0;
    *ret_last = total - 1;
    return HTTP_RANGE_PART;
}

enum http_range_kind http_range_parse(struct bytes header, uint64_t total,
                                      uint64_t *ret_first, uint64_t *ret_last)
{
    struct bytes unit = bytes_first(header, 6);
    struct bytes spec = bytes_trim(bytes_from(header, 6));
    if (!bytes_equal_nocase(unit, bytes_text("bytes=")))
        return HTTP_RANGE_WHOLE;
    size_t dash = bytes_index(spec, 0, '-');
    struct bytes from = bytes_first(spec, dash), to = bytes_from(spec, dash + 1);
    if (dash == 0)
        return parse_suffix(to, total, ret_first, ret_last);
    uint64_t first, last = UINT64_MAX;
    if (dash == spec.len || !parse_u64(from, &first) ||
        (to.len > 0 && !parse_u64(to, &last)) || last < first)
        return HTTP_RANGE_WHOLE;
    if (first >= total)
        return HTTP_RANGE_NONE;
    *ret_first = first;
    *ret_last = last < total ? last : total - 1;
    return HTTP_RANGE_PART;
}
