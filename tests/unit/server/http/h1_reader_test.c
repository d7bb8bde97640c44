#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "server/http/h1_reader.h"

enum { HEAD_MAX = 16 * 1024, BODY_MAX = 64, STORY_MAX = 1 << 16 };

/* What a reader says of some bytes, as text: "GET /path;DONE body;...FAILED 400;". Bytes
 * are fed in pieces of at most step. */
static void tell(struct bytes in, size_t step, char story[STORY_MAX])
{
    struct http_h1_reader reader;
    static struct http_request request;
    http_h1_reader_init(&reader, HEAD_MAX);
    size_t n = 0;
    story[0] = '\0';
    enum http_h1_event event = HTTP_H1_MORE;
    while (event != HTTP_H1_FAILED && (in.len > 0 || event == HTTP_H1_HEAD)) {
        struct bytes piece = bytes_first(in, step);
        size_t used = http_h1_reader_feed(&reader, piece, &request, &event);
        assert_true(used <= piece.len);
        in = bytes_from(in, used);
        if (event == HTTP_H1_HEAD) {
            n += (size_t)snprintf(story + n, STORY_MAX - n, "%d %.*s ?%.*s #%zu;",
                                  request.method, BYTES_FMT(request.path),
                                  BYTES_FMT(request.query), request.n_headers);
            if (!http_h1_reader_accept(&reader, BODY_MAX))
                event = HTTP_H1_FAILED;
        }
        if (event == HTTP_H1_DONE) {
            n += (size_t)snprintf(story + n, STORY_MAX - n, "DONE %.*s;",
                                  BYTES_FMT(request.body));
            http_h1_reader_next(&reader);
        }
        if (event == HTTP_H1_FAILED)
            n += (size_t)snprintf(story + n, STORY_MAX - n, "FAILED %d;",
                                  reader.fault.status);
        assert_true(n < STORY_MAX);
    }
    http_h1_reader_finish(&reader);
}

/* Whole, byte by byte and in pieces of three: the same story, which is given. */
static void check_story(const char *name, struct bytes in, const char *expected)
{
    static char whole[STORY_MAX], single[STORY_MAX], pieces[STORY_MAX];
    tell(in, SIZE_MAX, whole);
    tell(in, 1, single);
    tell(in, 3, pieces);
    if (strcmp(whole, expected) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, whole, expected);
    if (strcmp(whole, single) != 0 || strcmp(whole, pieces) != 0)
        fail_msg("%s: whole \"%s\", byte by byte \"%s\", by three \"%s\"", name, whole,
                 single, pieces);
}

struct vector {
    const char *name;
    const char *in;
    size_t len;
    const char *story;
};

#define VECTOR(name, in, story)         \
    {                                   \
        name, in, sizeof(in) - 1, story \
    }
#define LINE "GET /a HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\n"
#define HOST "Host: h\r\n"

static void check_vectors(const struct vector *vectors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_story(vectors[i].name, bytes_make(vectors[i].in, vectors[i].len),
                    vectors[i].story);
}
#define CHECK_VECTORS(v) check_vectors(v, sizeof(v) / sizeof *(v))

static void takes_well_formed_requests(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        VECTOR("plain", LINE HOST "\r\n", "0 /a ? #1;DONE ;"),
        VECTOR("two pipelined", LINE HOST "\r\nHEAD /b?q=1 HTTP/1.1\r\n" HOST "\r\n",
               "0 /a ? #1;DONE ;1 /b ?q=1 #1;DONE ;"),
        VECTOR("one empty line before", "\r\n" LINE HOST "\r\n", "0 /a ? #1;DONE ;"),
        VECTOR("empty line between", LINE HOST "\r\n\r\n" LINE HOST "\r\n",
               "0 /a ? #1;DONE ;0 /a ? #1;DONE ;"),
        VECTOR("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "0 / ? #0;DONE ;"),
        VECTOR("content length", POST "Content-Length: 3\r\n\r\nabc",
               "2 /a ? #2;DONE abc;"),
        VECTOR("content length 0", POST "Content-Length: 0\r\n\r\n",
               "2 /a ? #2;DONE ;"),
        VECTOR("chunked",
               POST "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0a\r\n0123456789\r\n"
                    "0\r\n\r\n",
               "2 /a ? #2;DONE abc0123456789;"),
        VECTOR("chunked, then another",
               POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" LINE HOST "\r\n",
               "2 /a ? #2;DONE ;0 /a ? #1;DONE ;"),
        VECTOR("empty value", LINE HOST "X:\r\nY: \r\nZ:z\r\n\r\n", "0 /a ? #4;DONE ;"),
        VECTOR("absolute form", "GET http://h/a?b HTTP/1.1\r\n" HOST "\r\n",
               "0 /a ?b #1;DONE ;"),
        VECTOR("absolute form without path", "GET http://h HTTP/1.1\r\n" HOST "\r\n",
               "0 / ? #1;DONE ;"),
        VECTOR("asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "6 * ? #1;DONE ;"),
        VECTOR("every method",
               "PUT / HTTP/1.1\r\n" HOST "\r\nPATCH / HTTP/1.1\r\n" HOST
               "\r\nDELETE / HTTP/1.1\r\n" HOST "\r\n",
               "3 / ? #1;DONE ;4 / ? #1;DONE ;5 / ? #1;DONE ;"),
        VECTOR("upgrade is not taken up",
               LINE HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" LINE HOST "\r\n",
               "0 /a ? #3;DONE ;0 /a ? #1;DONE ;"),
        VECTOR("8-bit in a value", LINE HOST "X: \xc3\xa4\r\n\r\n", "0 /a ? #2;DONE ;"),
        VECTOR("tab in a value", LINE HOST "X: a\tb\r\n\r\n", "0 /a ? #2;DONE ;"),
        VECTOR("colon in a value", LINE HOST "X: a:b\r\n\r\n", "0 /a ? #2;DONE ;"),
        VECTOR("expect", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
               "2 /a ? #3;DONE x;"),
        VECTOR("percent", "GET /%61%C3%A4?%61 HTTP/1.1\r\n" HOST "\r\n",
               "0 /a\xc3\xa4 ?%61 #1;DONE ;"),
    };
    CHECK_VECTORS(vectors);
}

/* Shapes that have split requests in two, or merged two into one, on some server or proxy
 * of the past. Each must end at the first doubtful byte or, where that is not one byte,
 * when the head is whole. */
static void refuses_what_others_may_read_differently(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        /* line ends */
        VECTOR("bare LF ends the request line", "GET /a HTTP/1.1\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("bare LF ends a header", LINE "Host: h\n\r\n", "FAILED 400;"),
        VECTOR("bare LF ends the head", LINE HOST "\n", "FAILED 400;"),
        VECTOR("only LF", "GET /a HTTP/1.1\nHost: h\n\n", "FAILED 400;"),
        VECTOR("bare CR in the request line", "GET /a\r HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("bare CR in a value", LINE HOST "X: a\rb\r\n\r\n", "FAILED 400;"),
        VECTOR("bare CR in a name", LINE HOST "X\rY: a\r\n\r\n", "FAILED 400;"),
        VECTOR("CR CR LF", LINE HOST "X: a\r\r\n\r\n", "FAILED 400;"),
        VECTOR("CR CR ends the head", LINE HOST "\r\r", "FAILED 400;"),
        VECTOR("CRLF CR and a letter end the head", LINE HOST "\r\nX: y\r\n\rZ",
               "0 /a ? #1;DONE ;FAILED 400;"),
        VECTOR("CRLF CR X within a head", LINE HOST "\rX: y\r\n\r\n", "FAILED 400;"),
        VECTOR("two empty lines before", "\r\n\r\n" LINE HOST "\r\n", "FAILED 400;"),
        VECTOR("LF before", "\n" LINE HOST "\r\n", "FAILED 400;"),
        VECTOR("NUL in a value", LINE HOST "X: a\0b\r\n\r\n", "FAILED 400;"),
        VECTOR("control in a value", LINE HOST "X: a\x01\r\n\r\n", "FAILED 400;"),
        VECTOR("DEL in a value", LINE HOST "X: a\x7f\r\n\r\n", "FAILED 400;"),
        /* folding and names */
        VECTOR("folded with a space", LINE HOST "X: a\r\n b\r\n\r\n", "FAILED 400;"),
        VECTOR("folded with a tab", LINE HOST "X: a\r\n\tb\r\n\r\n", "FAILED 400;"),
        VECTOR("folded first header", LINE " Host: h\r\n\r\n", "FAILED 400;"),
        VECTOR("folded coding", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("folded length", POST "Content-Length: 1\r\n 2\r\n\r\nx", "FAILED 400;"),
        VECTOR("space before the colon", LINE "Host : h\r\n\r\n", "FAILED 400;"),
        VECTOR("tab before the colon", LINE HOST "X\t: h\r\n\r\n", "FAILED 400;"),
        VECTOR("space before the colon of a length",
               POST "Content-Length : 3\r\n\r\nabc", "FAILED 400;"),
        VECTOR("space before the colon of a coding",
               POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "FAILED 400;"),
        VECTOR("empty name", LINE HOST ": x\r\n\r\n", "FAILED 400;"),
        VECTOR("no colon", LINE HOST "nonsense\r\n\r\n", "FAILED 400;"),
        VECTOR("space in a name", LINE HOST "X Y: z\r\n\r\n", "FAILED 400;"),
        VECTOR("NUL in a name", LINE HOST "X\0Y: z\r\n\r\n", "FAILED 400;"),
        VECTOR("8-bit in a name", LINE HOST "X\xe4: z\r\n\r\n", "FAILED 400;"),
        VECTOR("bracket in a name", LINE HOST "X(y): z\r\n\r\n", "FAILED 400;"),
        /* the request line */
        VECTOR("HTTP/0.9", "GET /a\r\n", "FAILED 400;"),
        VECTOR("no version", "GET /a \r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("two spaces before the target", "GET  /a HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("two spaces before the version", "GET /a  HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("space at the end", "GET /a HTTP/1.1 \r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("space at the start", " GET /a HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("tab in the request line", "GET\t/a HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("tab in the target", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("8-bit in the target", "GET /\xe4 HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("space in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("fragment in the target", "GET /a#b HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("no slash", "GET a HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("asterisk for GET", "GET * HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("authority form", "GET h:80 HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("user in the authority", "GET http://u@h/ HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("connect", "CONNECT h:80 HTTP/1.1\r\n" HOST "\r\n", "FAILED 501;"),
        VECTOR("trace", "TRACE / HTTP/1.1\r\n" HOST "\r\n", "FAILED 501;"),
        VECTOR("small letters", "get / HTTP/1.1\r\n" HOST "\r\n", "FAILED 501;"),
        VECTOR("HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", "FAILED 505;"),
        VECTOR("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "FAILED 501;"),
        VECTOR("HTTP/9.9", "GET / HTTP/9.9\r\n" HOST "\r\n", "FAILED 505;"),
        VECTOR("HTTP/1", "GET / HTTP/1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("HTTP/01.1", "GET / HTTP/01.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("http/1.1", "GET / http/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("RTSP", "DESCRIBE rtsp://h/ RTSP/1.0\r\n\r\n", "FAILED 501;"),
        VECTOR("RTSP with a method of ours", "OPTIONS * RTSP/1.0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("ICE", "SOURCE /m ICE/1.0\r\n\r\n", "FAILED 501;"),
        VECTOR("TLS", "\x16\x03\x01\x02\x00", "FAILED 400;"),
        VECTOR("RTMP", "\x03\x00\x00\x00\x00", "FAILED 400;"),
        /* Host */
        VECTOR("no Host", LINE "\r\n", "FAILED 400;"),
        VECTOR("two Hosts", LINE HOST "host: i\r\n\r\n", "FAILED 400;"),
        VECTOR("two Hosts in one", LINE "Host: h, i\r\n\r\n", "FAILED 400;"),
        VECTOR("path in the Host", LINE "Host: h/x\r\n\r\n", "FAILED 400;"),
        /* where the body ends */
        VECTOR("coding and length",
               POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("length and coding",
               POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("length 0 and coding",
               POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
               "FAILED 400;"),
        VECTOR("the same length twice",
               POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "FAILED 400;"),
        VECTOR("list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc",
               "FAILED 400;"),
        VECTOR("plus sign", POST "Content-Length: +3\r\n\r\nabc", "FAILED 400;"),
        VECTOR("minus sign", POST "Content-Length: -3\r\n\r\nabc", "FAILED 400;"),
        VECTOR("hexadecimal length", POST "Content-Length: 0x3\r\n\r\nabc",
               "FAILED 400;"),
        VECTOR("length with a space", POST "Content-Length: 1 2\r\n\r\nabc",
               "FAILED 400;"),
        VECTOR("empty length", POST "Content-Length:\r\n\r\n", "FAILED 400;"),
        VECTOR("length with a letter", POST "Content-Length: 3a\r\n\r\nabc",
               "FAILED 400;"),
        VECTOR("length past 64 bits",
               POST "Content-Length: 18446744073709551619\r\n\r\nabc", "FAILED 400;"),
        VECTOR("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("chunked in quotes",
               POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "FAILED 400;"),
        VECTOR("chunked, identity",
               POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("identity", POST "Transfer-Encoding: identity\r\n\r\n", "FAILED 400;"),
        VECTOR("gzip, chunked",
               POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "FAILED 501;"),
        VECTOR("chunked twice",
               POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("chunked, then identity",
               POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
                    "0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("vertical tab before chunked",
               POST "Transfer-Encoding: \x0b"
                    "chunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("coding in HTTP/1.0",
               "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
               "FAILED 400;"),
        VECTOR("upgrade with a body",
               POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx",
               "FAILED 400;"),
        VECTOR("unknown expectation", POST "Expect: 200-ok\r\n\r\n", "FAILED 417;"),
    };
    CHECK_VECTORS(vectors);
}

#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define AFTER_HEAD(end) "2 /a ? #2;" end

static void refuses_odd_chunks(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        VECTOR("no CRLF behind the data", CHUNKED "3\r\nabcX0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("LF behind the data", CHUNKED "3\r\nabc\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("CR X behind the data", CHUNKED "3\r\nabc\rX",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("LF behind the size", CHUNKED "3\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("CR X behind the size", CHUNKED "3\rXabc", AFTER_HEAD("FAILED 400;")),
        VECTOR("0x before the size", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("sign before the size", CHUNKED "+3\r\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("minus", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", AFTER_HEAD("FAILED 400;")),
        VECTOR("space before the size", CHUNKED " 3\r\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("space behind the size", CHUNKED "3 \r\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("no size", CHUNKED "\r\nabc", AFTER_HEAD("FAILED 400;")),
        VECTOR("extension", CHUNKED "3;a=b\r\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("extension with LF", CHUNKED "3;\nabc\r\n0\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("size past 32 bits", CHUNKED "100000003\r\nabc",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("size past 64 bits", CHUNKED "FFFFFFFFFFFFFFFFF\r\nabc",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("trailer", CHUNKED "0\r\nX: y\r\n\r\n", AFTER_HEAD("FAILED 400;")),
        VECTOR("trailer with a length", CHUNKED "0\r\nContent-Length: 9\r\n\r\n",
               AFTER_HEAD("FAILED 400;")),
        VECTOR("CR CR at the end", CHUNKED "0\r\n\r\r", AFTER_HEAD("FAILED 400;")),
        VECTOR("LF at the end", CHUNKED "0\r\n\n", AFTER_HEAD("FAILED 400;")),
        VECTOR("one CRLF at the end", CHUNKED "0\r\n" LINE HOST "\r\n",
               AFTER_HEAD("FAILED 400;")),
    };
    CHECK_VECTORS(vectors);
}

static void refuses_odd_paths(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        VECTOR("dot dot", "GET /a/../b HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("dot dot at the end", "GET /a/.. HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("dot", "GET /./b HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("encoded dots", "GET /a/%2e%2E/b HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("encoded slash", "GET /a%2fb HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("encoded NUL", "GET /a%00 HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("encoded CR", "GET /a%0d HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("broken code", "GET /a%4 HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("no code", "GET /a%zz HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("no UTF-8", "GET /%ff HTTP/1.1\r\n" HOST "\r\n", "FAILED 400;"),
        VECTOR("overlong dots", "GET /%c0%ae%c0%ae/ HTTP/1.1\r\n" HOST "\r\n",
               "FAILED 400;"),
        VECTOR("dots in a name are fine", "GET /a..b/...c HTTP/1.1\r\n" HOST "\r\n",
               "0 /a..b/...c ? #1;DONE ;"),
    };
    CHECK_VECTORS(vectors);
}

/* A text of n times fill between two others. */
static struct bytes stretch(char *out, const char *before, char fill, size_t n,
                            const char *after)
{
    size_t a = strlen(before), b = strlen(after);
    memcpy(out, before, a);
    memset(out + a, fill, n);
    memcpy(out + a + n, after, b);
    return bytes_make(out, a + n + b);
}

static void holds_the_limits_of_a_head(void **state)
{
    (void)state;
    static char text[3 * HEAD_MAX];
    static char story[HEAD_MAX];
    struct bytes in = stretch(text, "GET /", 'a', HTTP_TARGET_MAX, " HTTP/1.1\r\n\r\n");
    check_story("target too long", in, "FAILED 414;");
    in = stretch(text, "GET /", 'a', HTTP_TARGET_MAX - 1, " HTTP/1.1\r\n" HOST "\r\n");
    (void)snprintf(story, sizeof story, "0 %.*s ? #1;DONE ;", HTTP_TARGET_MAX,
                   text + 4);
    check_story("longest target", in, story);
    in = stretch(text, LINE HOST "X: ", 'a', HEAD_MAX, "\r\n\r\n");
    check_story("head too large", in, "FAILED 431;");
    size_t around = strlen(LINE HOST "X: \r\n\r\n");
    in = stretch(text, LINE HOST "X: ", 'a', HEAD_MAX - around, "\r\n\r\n");
    assert_int_equal(in.len, HEAD_MAX);
    check_story("largest head", in, "0 /a ? #2;DONE ;");
    in = stretch(text, LINE HOST "X: ", 'a', HEAD_MAX - around + 1, "\r\n\r\n");
    check_story("head one byte too large", in, "FAILED 431;");
}

static void holds_the_limit_of_headers(void **state)
{
    (void)state;
    static char text[HEAD_MAX];
    size_t n = (size_t)snprintf(text, sizeof text, LINE HOST);
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "X%d: y\r\n", i);
    size_t full = n;
    n += (size_t)snprintf(text + n, sizeof text - n, "\r\n");
    check_story("100 headers", bytes_make(text, n), "0 /a ? #100;DONE ;");
    n = full + (size_t)snprintf(text + full, sizeof text - full, "Y: z\r\n\r\n");
    check_story("101 headers", bytes_make(text, n), "FAILED 431;");
}

static void holds_the_limit_of_a_body(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        VECTOR("length", POST "Content-Length: 65\r\n\r\n", AFTER_HEAD("FAILED 413;")),
        VECTOR("huge length", POST "Content-Length: 18446744073709551615\r\n\r\n",
               AFTER_HEAD("FAILED 413;")),
        VECTOR("chunked",
               CHUNKED "20\r\n0123456789abcdef0123456789abcdef\r\n"
                       "21\r\n0123456789abcdef0123456789abcdef!\r\n",
               AFTER_HEAD("FAILED 413;")),
    };
    CHECK_VECTORS(vectors);
}

static void gives_headers_and_body_as_sent(void **state)
{
    (void)state;
    static const char text[] = POST "X-One:  spaces around \t\r\nx-two:\r\n"
                                    "Content-Length: 2\r\n\r\nok";
    struct http_h1_reader reader;
    static struct http_request request;
    enum http_h1_event event;
    struct bytes in = bytes_text(text);
    http_h1_reader_init(&reader, HEAD_MAX);
    size_t used = http_h1_reader_feed(&reader, in, &request, &event);
    assert_int_equal(event, HTTP_H1_HEAD);
    assert_true(http_h1_reader_has_body(&reader));
    assert_true(reader.framing.keep_alive);
    assert_true(
        bytes_equal_text(http_request_header(&request, "x-one"), "spaces around"));
    assert_int_equal(http_request_header(&request, "X-Two").len, 0);
    assert_true(bytes_equal_text(request.headers[1].name, "X-One"));
    assert_true(http_h1_reader_accept(&reader, 2));
    (void)http_h1_reader_feed(&reader, bytes_from(in, used), &request, &event);
    assert_int_equal(event, HTTP_H1_DONE);
    assert_true(bytes_equal_text(request.body, "ok"));
    http_h1_reader_next(&reader);
    http_h1_reader_finish(&reader);
}

static bool keeps_alive(const char *text)
{
    struct http_h1_reader reader;
    static struct http_request request;
    enum http_h1_event event;
    http_h1_reader_init(&reader, HEAD_MAX);
    (void)http_h1_reader_feed(&reader, bytes_text(text), &request, &event);
    assert_int_equal(event, HTTP_H1_HEAD);
    bool keep_alive = reader.framing.keep_alive;
    http_h1_reader_finish(&reader);
    return keep_alive;
}

static void knows_whether_the_connection_stays(void **state)
{
    (void)state;
    assert_true(keeps_alive(LINE HOST "\r\n"));
    assert_false(keeps_alive(LINE HOST "Connection: close\r\n\r\n"));
    assert_false(keeps_alive(LINE HOST "Connection: foo, Close\r\n\r\n"));
    assert_false(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
    assert_true(keeps_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

static void a_failed_reader_stays_failed(void **state)
{
    (void)state;
    struct http_h1_reader reader;
    static struct http_request request;
    enum http_h1_event event;
    http_h1_reader_init(&reader, HEAD_MAX);
    (void)http_h1_reader_feed(&reader, bytes_text("\n"), &request, &event);
    assert_int_equal(event, HTTP_H1_FAILED);
    assert_int_equal(
        http_h1_reader_feed(&reader, bytes_text(LINE HOST "\r\n"), &request, &event),
        0);
    assert_int_equal(event, HTTP_H1_FAILED);
    http_h1_reader_finish(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_well_formed_requests),
        cmocka_unit_test(refuses_what_others_may_read_differently),
        cmocka_unit_test(refuses_odd_chunks),
        cmocka_unit_test(refuses_odd_paths),
        cmocka_unit_test(holds_the_limits_of_a_head),
        cmocka_unit_test(holds_the_limit_of_headers),
        cmocka_unit_test(holds_the_limit_of_a_body),
        cmocka_unit_test(gives_headers_and_body_as_sent),
        cmocka_unit_test(knows_whether_the_connection_stays),
        cmocka_unit_test(a_failed_reader_stays_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
