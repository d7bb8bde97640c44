#include "server/http/h1_guard.h"

#include "core/require.h"

void http_h1_guard_init(struct http_h1_guard *guard)
{
    *guard = (struct http_h1_guard){.state = HTTP_H1_GUARD_START};
}

static void set_state(struct http_h1_guard *guard, enum http_h1_guard_state state)
{
    guard->state = state;
    guard->n = 0;
}

/* RFC 9110 5.6.2 */
static bool is_token_char(uint8_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    switch (c) {
    case '!':
    case '#':
    case '$':
    case '%':
    case '&':
    case '\'':
    case '*':
    case '+':
    case '-':
    case '.':
    case '^':
    case '_':
    case '`':
    case '|':
    case '~':
        return true;
    default:
        return false;
    }
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* What is kept of the method: enough to know ours and to see that it is longer. */
static void keep(struct http_h1_guard *guard, uint8_t c)
{
    if (guard->n < sizeof guard->text)
        guard->text[guard->n] = c;
    guard->n++;
}

static bool step_method(struct http_h1_guard *guard, uint8_t c,
                        struct http_fault *fault)
{
    enum { TOKEN_MAX = 32 }; /* longer than any registered method */
    if (is_token_char(c) && guard->n < TOKEN_MAX) {
        keep(guard, c);
        return true;
    }
    if (c != ' ' || guard->n == 0)
        return http_fault_set(fault, 400, "the request line is malformed");
    if (guard->n > HTTP_METHOD_LEN_MAX ||
        !http_method_parse(bytes_make(guard->text, guard->n), &guard->method))
        return http_fault_set(fault, 501, "this method is not known here");
    set_state(guard, HTTP_H1_GUARD_TARGET);
    return true;
}

static bool step_start(struct http_h1_guard *guard, uint8_t c, struct http_fault *fault)
{
    /* RFC 9112 2.2: an empty line before the request line is passed over. One is enough
     * for the old clients it is meant for. */
    if (c == '\r' && !guard->skipped_line) {
        guard->skipped_line = true;
        set_state(guard, HTTP_H1_GUARD_EMPTY_LF);
        return true;
    }
    set_state(guard, HTTP_H1_GUARD_METHOD);
    return step_method(guard, c, fault);
}

static bool step_target(struct http_h1_guard *guard, uint8_t c,
                        struct http_fault *fault)
{
    if (c == ' ' && guard->n > 0) {
        set_state(guard, HTTP_H1_GUARD_VERSION);
        return true;
    }
    if (c <= ' ' || c >= 0x7f)
        return http_fault_set(fault, 400, "the request line is malformed");
    if (++guard->n > HTTP_TARGET_MAX)
        return http_fault_set(fault, 414, "the request target is too long");
    return true;
}

static bool check_version(const struct http_h1_guard *guard, struct http_fault *fault)
{
    struct bytes version = bytes_make(guard->text, guard->n);
    if (bytes_equal_text(version, "HTTP/1.1") || bytes_equal_text(version, "HTTP/1.0"))
        return true;
    if (version.len == HTTP_VERSION_LEN && bytes_has_prefix(version, "HTTP/") &&
        is_digit(version.data[5]) && version.data[6] == '.' &&
        is_digit(version.data[7]))
        return http_fault_set(fault, 505, "HTTP/1.1 and HTTP/1.0 are spoken here");
    return http_fault_set(fault, 400, "the request line is malformed");
}

static bool step_version(struct http_h1_guard *guard, uint8_t c,
                         struct http_fault *fault)
{
    if (c == '\r') {
        if (!check_version(guard, fault))
            return false;
        set_state(guard, HTTP_H1_GUARD_LINE_LF);
        return true;
    }
    if (guard->n >= HTTP_VERSION_LEN)
        return http_fault_set(fault, 400, "the request line is malformed");
    keep(guard, c);
    return true;
}

static bool step_field_start(struct http_h1_guard *guard, uint8_t c,
                             struct http_fault *fault)
{
    if (c == '\r') {
        set_state(guard, HTTP_H1_GUARD_END_LF);
        return true;
    }
    if (c == ' ' || c == '\t')
        return http_fault_set(fault, 400, "a header line is folded");
    if (!is_token_char(c))
        return http_fault_set(fault, 400, "a header has no proper name");
    if (++guard->n_headers > HTTP_HEADERS_MAX)
        return http_fault_set(fault, 431, "there are too many headers");
    set_state(guard, HTTP_H1_GUARD_FIELD);
    return true;
}

static bool step_field(struct http_h1_guard *guard, uint8_t c, struct http_fault *fault)
{
    if (c == '\r') {
        set_state(guard, HTTP_H1_GUARD_LINE_LF);
        return true;
    }
    if ((c < ' ' && c != '\t') || c == 0x7f)
        return http_fault_set(fault, 400, "a header has a control character");
    return true;
}

static bool step_lf(struct http_h1_guard *guard, uint8_t c, struct http_fault *fault,
                    enum http_h1_guard_state next)
{
    if (c != '\n')
        return http_fault_set(fault, 400, "a line does not end in CRLF");
    set_state(guard, next);
    return true;
}

bool http_h1_guard_step(struct http_h1_guard *guard, uint8_t c,
                        struct http_fault *fault)
{
    switch (guard->state) {
    case HTTP_H1_GUARD_START:
        return step_start(guard, c, fault);
    case HTTP_H1_GUARD_EMPTY_LF:
        return step_lf(guard, c, fault, HTTP_H1_GUARD_START);
    case HTTP_H1_GUARD_METHOD:
        return step_method(guard, c, fault);
    case HTTP_H1_GUARD_TARGET:
        return step_target(guard, c, fault);
    case HTTP_H1_GUARD_VERSION:
        return step_version(guard, c, fault);
    case HTTP_H1_GUARD_LINE_LF:
        return step_lf(guard, c, fault, HTTP_H1_GUARD_FIELD_START);
    case HTTP_H1_GUARD_FIELD_START:
        return step_field_start(guard, c, fault);
    case HTTP_H1_GUARD_FIELD:
        return step_field(guard, c, fault);
    case HTTP_H1_GUARD_END_LF:
        return step_lf(guard, c, fault, HTTP_H1_GUARD_DONE);
    case HTTP_H1_GUARD_DONE:
        break;
    }
    require(guard->state != HTTP_H1_GUARD_DONE);
    return false;
}
