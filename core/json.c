#include "core/json.h"

#include "core/builder.h"

/* Length of the well-formed UTF-8 sequence at the start of rest; 0: malformed. */
static size_t sequence_len(struct bytes rest)
{
    for (size_t n = 1; n <= 4 && n <= rest.len; n++)
        if (bytes_is_utf8(bytes_first(rest, n)))
            return n;
    return 0;
}

static void put_ascii(struct builder *out, uint8_t c)
{
    switch (c) {
    case '"':
        builder_text(out, "\\\"");
        return;
    case '\\':
        builder_text(out, "\\\\");
        return;
    case '\n':
        builder_text(out, "\\n");
        return;
    default:
        if (c < 0x20 || c == 0x7f || c == '<')
            builder_printf(out, "\\u%04x", c);
        else
            builder_u8(out, c);
    }
}

static bool is_line_separator(struct bytes sequence)
{
    return sequence.len == 3 && sequence.data[0] == 0xe2 && sequence.data[1] == 0x80 &&
           (sequence.data[2] == 0xa8 || sequence.data[2] == 0xa9);
}

void json_put_string(struct builder *out, struct bytes text)
{
    builder_u8(out, '"');
    while (text.len > 0) {
        size_t n = text.data[0] < 0x80 ? 1 : sequence_len(text);
        if (n == 0) {
            builder_text(out, "\xef\xbf\xbd");
            n = 1;
        } else if (n == 1) {
            put_ascii(out, text.data[0]);
        } else if (is_line_separator(bytes_first(text, n))) {
            builder_text(out, text.data[2] == 0xa8 ? "\\u2028" : "\\u2029");
        } else {
            builder_put(out, bytes_first(text, n));
        }
        text = bytes_from(text, n);
    }
    builder_u8(out, '"');
}

void json_put_text(struct builder *out, const char *text)
{
    if (text)
        json_put_string(out, bytes_text(text));
    else
        builder_text(out, "null");
}
