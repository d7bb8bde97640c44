#include "server/http/h1_parse.h"

#include <llhttp.h>

struct parse {
    struct http_h1_parsed parsed;
    bool complete;
    struct bytes name, value; /* of the field line being read */
    bool (*header)(void *ctx, struct bytes name, struct bytes value);
    void *ctx;
};

/* Spans of one head lie in one piece of memory, so a part is continued by its length. */
static void extend(struct bytes *part, const char *at, size_t len)
{
    if (!part->data)
        *part = bytes_make(at, len);
    else
        part->len = (size_t)((const uint8_t *)at + len - part->data);
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct parse *parse = parser->data;
    extend(&parse->parsed.target, at, len);
    return 0;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t len)
{
    struct parse *parse = parser->data;
    extend(&parse->name, at, len);
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t len)
{
    struct parse *parse = parser->data;
    extend(&parse->value, at, len);
    return 0;
}

static int on_header_value_complete(llhttp_t *parser)
{
    struct parse *parse = parser->data;
    bool taken = parse->header(parse->ctx, parse->name, bytes_trim(parse->value));
    parse->name = parse->value = bytes_make(NULL, 0);
    return taken ? 0 : -1;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct parse *parse = parser->data;
    struct http_h1_parsed *parsed = &parse->parsed;
    parse->complete = true;
    parsed->keep_alive = llhttp_should_keep_alive(parser) != 0;
    parsed->http10 = parser->http_major == 1 && parser->http_minor == 0;
    parsed->chunked = (parser->flags & F_CHUNKED) != 0;
    parsed->upgrade = parser->upgrade != 0;
    parsed->has_length = (parser->flags & F_CONTENT_LENGTH) != 0;
    parsed->length = parsed->has_length ? parser->content_length : 0;
    return 0;
}

bool http_h1_parse_head(struct bytes head,
                        bool (*header)(void *ctx, struct bytes name,
                                       struct bytes value),
                        void *ctx, struct http_h1_parsed *ret_parsed)
{
    struct parse parse = {.header = header, .ctx = ctx};
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_url = on_url;
    settings.on_header_field = on_header_field;
    settings.on_header_value = on_header_value;
    settings.on_header_value_complete = on_header_value_complete;
    settings.on_headers_complete = on_headers_complete;
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &parse;
    llhttp_errno_t result = llhttp_execute(&parser, (const char *)head.data, head.len);
    /* We never upgrade: such a request is answered as if it had not asked (RFC 9110 7.8). */
    if (!parse.complete || (result != HPE_OK && result != HPE_PAUSED_UPGRADE))
        return false;
    *ret_parsed = parse.parsed;
    return true;
}
