#include "server/http/etag.h"

static struct bytes without_weak(struct bytes tag)
{
    return bytes_has_prefix(tag, "W/") ? bytes_from(tag, 2) : tag;
}

/* Tags may have commas within their quotes, so the list is cut at quotes. */
bool http_etag_is_listed(struct bytes header, const char *etag)
{
    struct bytes wanted = without_weak(bytes_text(etag));
    if (bytes_equal_text(bytes_trim(header), "*"))
        return true;
    for (;;) {
        size_t open = bytes_index(header, 0, '"');
        size_t close = bytes_index(header, open + 1, '"');
        if (close >= header.len)
            return false;
        struct bytes tag = bytes_first(bytes_from(header, open), close - open + 1);
        if (bytes_equal(tag, wanted))
            return true;
        header = bytes_from(header, close + 1);
    }
}

bool http_etag_is_same(struct bytes header, const char *etag)
{
    return bytes_has_prefix(header, "\"") && bytes_equal_text(header, etag);
}
