#include "server/loop/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/be.h"
#include "core/err.h"
#include "core/parse.h"

enum {
    V1_MAX = 107, /* the longest line, with CR LF */
    V2_FIXED = 16,
    V2_INET = 12,  /* addresses and ports */
    V2_INET6 = 36, /* the same of IPv6 */
};

static const uint8_t V1_START[6] = "PROXY ";
static const uint8_t V2_START[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                     0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

/* All of in that stands beside start is the same. */
static bool may_start(struct bytes in, const uint8_t *start, size_t len)
{
    return memcmp(in.data, start, in.len < len ? in.len : len) == 0;
}

static int refuse(struct err *err, const char *what)
{
    return err_set(err, ERR_PROTO, "broken PROXY header: %s", what);
}

/* ---- version 1: a line of text ---- */

static bool read_port(struct bytes text, in_port_t *ret_port)
{
    uint64_t port;
    bool canonical =
        text.len > 0 && text.len <= 5 && (text.len == 1 || *text.data != '0');
    if (!canonical || !parse_u64(text, &port) || port > UINT16_MAX)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

static bool read_host(struct bytes text, int family, void *ret_host)
{
    char host[INET6_ADDRSTRLEN];
    if (text.len >= sizeof host || memchr(text.data, 0, text.len))
        return false;
    memcpy(host, text.data, text.len);
    host[text.len] = '\0';
    return inet_pton(family, host, ret_host) == 1;
}

static bool cut_word(struct bytes *line, struct bytes *ret_word)
{
    return bytes_cut(line, ' ', ret_word) && ret_word->len > 0;
}

/* "source destination source-port destination-port" */
static bool read_v1_source(struct bytes line, int family,
                           struct sockaddr_storage *ret_source)
{
    struct bytes from, to, from_port;
    struct in6_addr other;
    in_port_t other_port;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    void *host = family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr;
    in_port_t *port = family == AF_INET ? &v4.sin_port : &v6.sin6_port;
    if (!cut_word(&line, &from) || !cut_word(&line, &to) ||
        !cut_word(&line, &from_port) || !read_host(from, family, host) ||
        !read_host(to, family, &other) || !read_port(from_port, port) ||
        !read_port(line, &other_port))
        return false;
    *ret_source = (struct sockaddr_storage){0};
    if (family == AF_INET)
        memcpy(ret_source, &v4, sizeof v4);
    else
        memcpy(ret_source, &v6, sizeof v6);
    return true;
}

static int read_v1_line(struct bytes line, struct loop_proxy_header *ret_header,
                        struct err *err)
{
    struct bytes family;
    struct loop_proxy_header header = {.has_source = true};
    bool known = bytes_cut(&line, ' ', &family);
    bool read = false;
    if (known && bytes_equal_text(family, "UNKNOWN")) {
        header.has_source = false;
        read = true;
    } else if (known && bytes_equal_text(family, "TCP4")) {
        read = read_v1_source(line, AF_INET, &header.source);
    } else if (known && bytes_equal_text(family, "TCP6")) {
        read = read_v1_source(line, AF_INET6, &header.source);
    }
    if (!read)
        return refuse(err, "its line is not \"PROXY TCP4|TCP6|UNKNOWN ...\"");
    *ret_header = header;
    return 0;
}

static int read_v1(struct bytes in, struct loop_proxy_header *ret_header,
                   struct err *err)
{
    size_t end = bytes_index(bytes_first(in, V1_MAX), 0, '\n');
    if (end == in.len && in.len < V1_MAX)
        return 0;
    if (end >= V1_MAX || end <= sizeof V1_START || in.data[end - 1] != '\r')
        return refuse(err, "its line does not end");
    struct bytes line = bytes_from(bytes_first(in, end - 1), sizeof V1_START);
    int failed = read_v1_line(line, ret_header, err);
    return failed ? failed : (int)end + 1;
}

/* ---- version 2: binary ---- */

static struct sockaddr_storage v4_source(const uint8_t *body)
{
    struct sockaddr_storage source = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    memcpy(&v4.sin_addr, body, sizeof v4.sin_addr);
    memcpy(&v4.sin_port, body + 8, sizeof v4.sin_port);
    memcpy(&source, &v4, sizeof v4);
    return source;
}

static struct sockaddr_storage v6_source(const uint8_t *body)
{
    struct sockaddr_storage source = {0};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v6.sin6_addr, body, sizeof v6.sin6_addr);
    memcpy(&v6.sin6_port, body + 32, sizeof v6.sin6_port);
    memcpy(&source, &v6, sizeof v6);
    return source;
}

/* What the fixed bytes say; body is all behind them, and whole. */
static int read_v2_body(uint8_t command, uint8_t family, struct bytes body,
                        struct loop_proxy_header *ret_header, struct err *err)
{
    struct loop_proxy_header header = {0};
    bool is_local = command == 0x20; /* its family and addresses mean nothing */
    if (!is_local && family == 0x11) {
        if (body.len < V2_INET)
            return refuse(err, "it is too short for its addresses");
        header = (struct loop_proxy_header){true, v4_source(body.data)};
    } else if (!is_local && family == 0x21) {
        if (body.len < V2_INET6)
            return refuse(err, "it is too short for its addresses");
        header = (struct loop_proxy_header){true, v6_source(body.data)};
    } else if (!is_local && family != 0x00 && family != 0x31) {
        return refuse(err, "it is not about a stream");
    }
    *ret_header = header;
    return 0;
}

static int read_v2(struct bytes in, struct loop_proxy_header *ret_header,
                   struct err *err)
{
    if (in.len > 12 && in.data[12] != 0x20 && in.data[12] != 0x21)
        return refuse(err, "it has an unknown version or command");
    if (in.len < V2_FIXED)
        return 0;
    struct be_reader at = be_reader_of(bytes_from(in, 14));
    size_t len = V2_FIXED + (size_t)be_read_u16(&at);
    if (len > LOOP_PROXY_HEADER_MAX)
        return err_set(err, ERR_LIMIT, "a PROXY header of %zu bytes; at most %d", len,
                       LOOP_PROXY_HEADER_MAX);
    if (in.len < len)
        return 0;
    struct bytes body = bytes_from(bytes_first(in, len), V2_FIXED);
    int failed = read_v2_body(in.data[12], in.data[13], body, ret_header, err);
    return failed ? failed : (int)len;
}

int loop_proxy_header_read(struct bytes in, struct loop_proxy_header *ret_header,
                           struct err *err)
{
    if (in.len == 0)
        return 0;
    if (may_start(in, V1_START, sizeof V1_START))
        return read_v1(in, ret_header, err);
    if (may_start(in, V2_START, sizeof V2_START))
        return read_v2(in, ret_header, err);
    return err_set(err, ERR_PROTO,
                   "no PROXY header: the connection did not come through the load "
                   "balancer, or that does not send one (rtmp.proxy_protocol)");
}
