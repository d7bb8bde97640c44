#include "server/loop/proxy_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/err.h"
#include "server/loop/address.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"

static int read_header(const char *text, size_t len, struct loop_proxy_header *header,
                       struct err *err)
{
    return loop_proxy_header_read(bytes_make(text, len), header, err);
}

/* The header, whole and cut at every byte, with a connection's own bytes behind it. */
static void assert_source(const char *text, size_t len, const char *source)
{
    char in[1024];
    struct loop_proxy_header header;
    struct err err = {0};
    memcpy(in, text, len);
    memset(in + len, 'P', 8);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(read_header(in, cut, &header, &err), 0);
    for (size_t more = 0; more <= 8; more++)
        assert_int_equal(read_header(in, len + more, &header, &err), len);
    char out[LOOP_ADDRESS_MAX];
    assert_int_equal(header.has_source, source != NULL);
    if (source)
        assert_string_equal(loop_address_print(&header.source, out), source);
}

/* What is refused, and from which byte on. */
static void assert_refused(const char *text, size_t len, size_t at)
{
    struct loop_proxy_header header;
    struct err err = {0};
    for (size_t cut = 0; cut < at; cut++)
        assert_int_equal(read_header(text, cut, &header, &err), 0);
    for (size_t cut = at; cut <= len; cut++)
        assert_int_equal(read_header(text, cut, &header, &err), -ERR_PROTO);
    assert_true(strlen(err.text) > 0);
}

#define SOURCE(text, source) assert_source(text, sizeof(text) - 1, source)
#define REFUSED(text, at) assert_refused(text, sizeof(text) - 1, at)
#define REFUSED_AT_END(text) assert_refused(text, sizeof(text) - 1, sizeof(text) - 1)

static void reads_a_line_of_version_1(void **state)
{
    (void)state;
    SOURCE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\r\n", "192.0.2.7:56324");
    SOURCE("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0");
    SOURCE("PROXY TCP6 2001:db8::7 ::1 56324 1935\r\n", "[2001:db8::7]:56324");
    SOURCE("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7:1");
}

static void what_version_1_does_not_know_has_no_source(void **state)
{
    (void)state;
    SOURCE("PROXY UNKNOWN\r\n", NULL);
    SOURCE("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", NULL);
}

static void refuses_broken_lines_of_version_1(void **state)
{
    (void)state;
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7  198.51.100.1 56324 1935\r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935 \r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 65536 1935\r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 056 1935\r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 56324 x\r\n");
    REFUSED_AT_END("PROXY TCP4 192.0.2 198.51.100.1 56324 1935\r\n");
    REFUSED_AT_END("PROXY TCP4 ::1 ::1 56324 1935\r\n");
    REFUSED_AT_END("PROXY TCP6 192.0.2.7 ::1 56324 1935\r\n");
    REFUSED_AT_END("PROXY UDP4 192.0.2.7 198.51.100.1 56324 1935\r\n");
    REFUSED_AT_END("PROXY UNKNOWNS\r\n");
    REFUSED_AT_END("PROXY \r\n");
    REFUSED_AT_END("PROXY \n");
    REFUSED_AT_END("PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\n");
    static const char with_nul[] = "PROXY TCP4 192.0.2.7\0 198.51.100.1 56324 1935\r\n";
    REFUSED_AT_END(with_nul);
}

static void a_line_has_107_bytes_at_most(void **state)
{
    (void)state;
    char line[108] = "PROXY UNKNOWN ";
    struct loop_proxy_header header;
    memset(line + 14, 'x', sizeof line - 14);
    assert_refused(line, sizeof line, 107);
    line[105] = '\r';
    line[106] = '\n';
    assert_source(line, 107, NULL);
    line[105] = 'x';
    line[106] = '\r';
    line[107] = '\n';
    assert_int_equal(read_header(line, 108, &header, NULL), -ERR_PROTO);
}

static void reads_addresses_of_version_2(void **state)
{
    (void)state;
    SOURCE(V2 "\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f",
           "192.0.2.7:56324");
    SOURCE(V2 "\x21\x21\0\x24"
              "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
              "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x07\x8f",
           "[2001:db8::7]:56324");
}

static void skips_what_follows_the_addresses(void **state)
{
    (void)state;
    SOURCE(V2 "\x21\x11\0\x16\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f"
              "\x03\0\x04\x01\x02\x03\x04\x04\0\0",
           "192.0.2.7:56324");
    SOURCE(V2 "\x21\x11\0\x0e\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f\xff\xff",
           "192.0.2.7:56324");
}

static void local_and_unknown_families_have_no_source(void **state)
{
    (void)state;
    SOURCE(V2 "\x20\0\0\0", NULL);
    SOURCE(V2 "\x20\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f", NULL);
    SOURCE(V2 "\x20\xff\0\x01x", NULL);
    SOURCE(V2 "\x21\0\0\0", NULL);
    SOURCE(V2 "\x21\0\0\x03xyz", NULL);
    char unix_sockets[16 + 216] = V2 "\x21\x31\0\xd8";
    assert_source(unix_sockets, sizeof unix_sockets, NULL);
}

static void refuses_broken_headers_of_version_2(void **state)
{
    (void)state;
    REFUSED(V2 "\x11\x11\0\0", 13);
    REFUSED(V2 "\x22\x11\0\0", 13);
    REFUSED_AT_END(V2 "\x21\x11\0\x0b\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07");
    REFUSED_AT_END(V2 "\x21\x21\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f");
    REFUSED_AT_END(V2 "\x21\x12\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\xdc\x04\x07\x8f");
    REFUSED_AT_END(V2 "\x21\x41\0\0");
}

static void a_header_has_4096_bytes_at_most(void **state)
{
    (void)state;
    static char most[4096] = V2 "\x21\x00\x0f\xf0";
    struct loop_proxy_header header;
    struct err err;
    assert_int_equal(read_header(most, sizeof most, &header, &err), sizeof most);
    assert_int_equal(read_header(most, sizeof most - 1, &header, &err), 0);
    most[15] = (char)0xf1;
    assert_int_equal(read_header(most, 16, &header, &err), -ERR_LIMIT);
    assert_string_equal(err.text, "a PROXY header of 4097 bytes; at most 4096");
}

static void what_is_no_header_is_refused_at_its_first_strange_byte(void **state)
{
    (void)state;
    REFUSED("\x03\0\0\0", 1);
    REFUSED("\x16\x03\x01", 1);
    REFUSED("GET / HTTP/1.1\r\n", 1);
    REFUSED("PUT / HTTP/1.1\r\n", 2);
    REFUSED("PROXYTCP4", 6);
    REFUSED("\r\n\r\n\0\r\nQUIT\r", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_line_of_version_1),
        cmocka_unit_test(what_version_1_does_not_know_has_no_source),
        cmocka_unit_test(refuses_broken_lines_of_version_1),
        cmocka_unit_test(a_line_has_107_bytes_at_most),
        cmocka_unit_test(reads_addresses_of_version_2),
        cmocka_unit_test(skips_what_follows_the_addresses),
        cmocka_unit_test(local_and_unknown_families_have_no_source),
        cmocka_unit_test(refuses_broken_headers_of_version_2),
        cmocka_unit_test(a_header_has_4096_bytes_at_most),
        cmocka_unit_test(what_is_no_header_is_refused_at_its_first_strange_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
