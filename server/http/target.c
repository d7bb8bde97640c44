#include "server/http/target.h"

#include "core/builder.h"
#include "server/http/hex.h"

/* Behind scheme and authority, or as it is. Empty when the form is wrong. */
static struct bytes strip_authority(struct bytes raw)
{
    if (bytes_has_prefix(raw, "/"))
        return raw;
    size_t skip = bytes_has_prefix(raw, "http://")    ? 7
                  : bytes_has_prefix(raw, "https://") ? 8
                                                      : 0;
    struct bytes rest = bytes_from(raw, skip);
    size_t end = bytes_index(rest, 0, '/');
    size_t query = bytes_index(rest, 0, '?');
    if (query < end)
        end = query;
    bool has_user = bytes_index(bytes_first(rest, end), 0, '@') < end;
    if (skip == 0 || end == 0 || has_user)
        return bytes_make(NULL, 0);
    return end < rest.len ? bytes_from(rest, end) : bytes_text("/");
}

static bool decode_path(struct bytes raw, struct builder *storage,
                        struct http_fault *fault)
{
    builder_clear(storage);
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.data[i];
        if (c == '%') {
            int byte = http_hex_percent(raw, i);
            if (byte < 0)
                return http_fault_set(fault, 400, "the path has a broken percent code");
            c = (uint8_t)byte;
            if (c < 0x20 || c == 0x7f || c == '/')
                return http_fault_set(fault, 400,
                                      "the path has a percent code that is not taken");
            i += 2;
        }
        builder_u8(storage, c);
    }
    if (builder_failed(storage))
        return http_fault_set(fault, 414, "the path is too long");
    if (!bytes_is_utf8(builder_bytes(storage)))
        return http_fault_set(fault, 400, "the path is not UTF-8");
    return true;
}

static bool has_dot_segments(struct bytes path)
{
    struct bytes segment;
    while (bytes_cut(&path, '/', &segment))
        if (bytes_equal_text(segment, ".") || bytes_equal_text(segment, ".."))
            return true;
    return false;
}

bool http_target_parse(struct bytes raw, struct builder *storage,
                       struct http_request *request, struct http_fault *fault)
{
    if (bytes_equal_text(raw, "*") && request->method == HTTP_OPTIONS) {
        request->path = raw;
        request->query = bytes_make(NULL, 0);
        return true;
    }
    struct bytes rest = strip_authority(raw);
    if (rest.len == 0 || bytes_index(rest, 0, '#') < rest.len)
        return http_fault_set(fault, 400, "the request target is malformed");
    size_t query = bytes_index(rest, 0, '?');
    struct bytes path = bytes_first(rest, query);
    if (path.len == 0)
        path = bytes_text("/"); /* "http://host?query" */
    if (bytes_index(path, 0, '%') < path.len) {
        if (!decode_path(path, storage, fault))
            return false;
        path = builder_bytes(storage);
    }
    if (has_dot_segments(path))
        return http_fault_set(fault, 400, "the path has dot segments");
    request->path = path;
    request->query = bytes_from(rest, query + 1);
    return true;
}
