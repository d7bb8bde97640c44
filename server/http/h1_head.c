#include "server/http/h1_head.h"

#include "server/http/h1_parse.h"
#include "server/http/method.h"

static bool add_header(void *ctx, struct bytes name, struct bytes value)
{
    struct http_request *request = ctx;
    if (request->n_headers == HTTP_HEADERS_MAX)
        return false; /* the guard has counted the lines already */
    request->headers[request->n_headers++] = (struct http_header){name, value};
    return true;
}

static size_t count(const struct http_request *request, const char *name,
                    struct bytes *ret_last)
{
    size_t n = 0;
    struct bytes wanted = bytes_text(name);
    for (size_t i = 0; i < request->n_headers; i++) {
        if (bytes_equal_nocase(request->headers[i].name, wanted)) {
            *ret_last = request->headers[i].value;
            n++;
        }
    }
    return n;
}

static bool check_framing(const struct http_request *request,
                          const struct http_h1_parsed *parsed, struct http_fault *fault)
{
    struct bytes coding = {NULL, 0}, length = {NULL, 0};
    size_t n_codings = count(request, "transfer-encoding", &coding);
    size_t n_lengths = count(request, "content-length", &length);
    if (n_codings > 0 && (n_lengths > 0 || parsed->http10))
        return http_fault_set(fault, 400, "the length of the body is ambiguous");
    if (n_codings > 1 || n_lengths > 1 || (n_codings == 1) != parsed->chunked ||
        (n_lengths == 1) != parsed->has_length)
        return http_fault_set(fault, 400, "the length of the body is ambiguous");
    if (n_codings == 1 && !bytes_equal_nocase(coding, bytes_text("chunked")))
        return http_fault_set(fault, 501, "no transfer coding but chunked is known");
    if (parsed->upgrade && (parsed->chunked || parsed->length > 0))
        return http_fault_set(fault, 400, "an upgrade with a body is not taken");
    return true;
}

static bool is_host_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']' ||
           c == '%' || c == '~';
}

/* RFC 9112 3.2: exactly one Host in HTTP/1.1. */
static bool check_host(const struct http_request *request, bool http10,
                       struct http_fault *fault)
{
    struct bytes host = {NULL, 0};
    size_t n = count(request, "host", &host);
    if (n > 1 || (n == 0 && !http10))
        return http_fault_set(fault, 400, "one Host header is demanded");
    for (size_t i = 0; i < host.len; i++)
        if (!is_host_char(host.data[i]))
            return http_fault_set(fault, 400, "the Host header is malformed");
    return true;
}

static bool check_expect(const struct http_request *request, struct http_fault *fault)
{
    struct bytes expect = http_request_header(request, "expect");
    if (expect.data && !bytes_equal_nocase(expect, bytes_text("100-continue")))
        return http_fault_set(fault, 417, "only 100-continue can be expected");
    return true;
}

bool http_h1_head_parse(struct bytes head, struct http_request *request,
                        struct http_h1_framing *ret_framing, struct http_fault *fault)
{
    struct http_h1_parsed parsed;
    struct bytes method = bytes_first(head, bytes_index(head, 0, ' '));
    request->n_headers = 0;
    if (!http_method_parse(method, &request->method))
        return http_fault_set(fault, 501, "this method is not known here");
    if (!http_h1_parse_head(head, add_header, request, &parsed))
        return http_fault_set(fault, 400, "the request head is malformed");
    if (!check_framing(request, &parsed, fault) ||
        !check_host(request, parsed.http10, fault) || !check_expect(request, fault))
        return false;
    *ret_framing = (struct http_h1_framing){
        .keep_alive = parsed.keep_alive,
        .http10 = parsed.http10,
        .chunked = parsed.chunked,
        .expects_continue =
            !parsed.http10 && http_request_header(request, "expect").data != NULL,
        .length = parsed.length,
        .target = parsed.target,
    };
    return true;
}
