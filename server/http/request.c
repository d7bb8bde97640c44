#include "server/http/request.h"

#include "server/http/hex.h"

struct bytes http_request_header(const struct http_request *request, const char *name)
{
    struct bytes wanted = bytes_text(name);
    for (size_t i = 0; i < request->n_headers; i++)
        if (bytes_equal_nocase(request->headers[i].name, wanted))
            return request->headers[i].value;
    return bytes_make(NULL, 0);
}

bool http_request_query(const struct http_request *request, const char *name,
                        struct bytes *ret_value)
{
    struct bytes rest = request->query, param, key;
    while (bytes_cut(&rest, '&', &param)) {
        struct bytes value = param;
        if (bytes_cut(&value, '=', &key) && bytes_equal_text(key, name)) {
            *ret_value = value.data ? value : bytes_from(param, param.len);
            return true;
        }
    }
    return false;
}

bool http_request_decode(struct bytes raw, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.data[i];
        if (c == '%') {
            int byte = http_hex_percent(raw, i);
            if (byte < 0)
                return false;
            c = (uint8_t)byte;
            i += 2;
        }
        if (c == '\0' || n + 1 >= size)
            return false;
        out[n++] = (char)c;
    }
    if (size == 0)
        return false;
    out[n] = '\0';
    return true;
}

/* "0", "0.", "0.000": a coding with this weight is refused. */
static bool is_zero_weight(struct bytes weight)
{
    if (weight.len == 0 || weight.data[0] != '0')
        return false;
    for (size_t i = 1; i < weight.len; i++)
        if (weight.data[i] != (i == 1 ? '.' : '0'))
            return false;
    return true;
}

/* One element of Accept-Encoding, "gzip;q=0.5". */
static bool is_taken(struct bytes element, struct bytes *ret_coding)
{
    struct bytes param, coding = {NULL, 0};
    (void)bytes_cut(&element, ';', &coding);
    *ret_coding = bytes_trim(coding);
    while (bytes_cut(&element, ';', &param)) {
        param = bytes_trim(param);
        if (bytes_has_prefix(param, "q=") || bytes_has_prefix(param, "Q="))
            return !is_zero_weight(bytes_from(param, 2));
    }
    return true;
}

bool http_request_takes_gzip(const struct http_request *request)
{
    struct bytes rest = http_request_header(request, "accept-encoding");
    struct bytes element, coding;
    bool any = false;
    while (bytes_cut(&rest, ',', &element)) {
        bool taken = is_taken(element, &coding);
        if (bytes_equal_nocase(coding, bytes_text("gzip")))
            return taken; /* named: this decides, whatever "*" says */
        if (bytes_equal_text(coding, "*"))
            any = taken;
    }
    return any;
}
