#include "server/rtmp/amf0.h"

#include <string.h>

#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/amf3.h"

/* Type markers, "Action Message Format AMF 0", 2.1. */
enum {
    MARK_NUMBER = 0x00,
    MARK_BOOLEAN = 0x01,
    MARK_STRING = 0x02,
    MARK_OBJECT = 0x03,
    MARK_NULL = 0x05,
    MARK_UNDEFINED = 0x06,
    MARK_REFERENCE = 0x07,
    MARK_ECMA_ARRAY = 0x08,
    MARK_OBJECT_END = 0x09,
    MARK_STRICT_ARRAY = 0x0a,
    MARK_DATE = 0x0b,
    MARK_LONG_STRING = 0x0c,
    MARK_UNSUPPORTED = 0x0d,
    MARK_XML = 0x0f,
    MARK_TYPED_OBJECT = 0x10,
    MARK_AMF3 = 0x11,
};

/* What nested reads share. */
struct walk {
    struct be_reader *in;
    unsigned *n_values;
};

static int read_value(struct walk walk, unsigned depth,
                      struct rtmp_amf0_value *ret_value);

static int count_value(struct walk walk)
{
    return ++*walk.n_values > RTMP_AMF0_VALUES_MAX ? -ERR_LIMIT : 0;
}

static int read_text(struct walk walk, size_t len, struct bytes *ret_text)
{
    if (len > RTMP_AMF0_TEXT_MAX)
        return -ERR_LIMIT;
    *ret_text = be_read_bytes(walk.in, len);
    return walk.in->failed ? -ERR_PROTO : 0;
}

/* Takes the end mark of an object, three bytes, off the input if it is next. */
static bool take_object_end(struct be_reader *in)
{
    static const uint8_t end[] = {0, 0, MARK_OBJECT_END};
    if (in->rest.len < sizeof end || memcmp(in->rest.data, end, sizeof end) != 0)
        return false;
    in->rest = bytes_from(in->rest, sizeof end);
    return true;
}

static int read_property(struct walk walk, unsigned depth, struct bytes *ret_name,
                         struct rtmp_amf0_value *ret_value)
{
    int error = count_value(walk);
    if (!error)
        error = read_text(walk, be_read_u16(walk.in), ret_name);
    return error ? error : read_value(walk, depth, ret_value);
}

/* Steps over properties up to the end mark or the end of the bytes. */
static int skip_properties(struct walk walk, unsigned depth, struct bytes *ret_content)
{
    struct bytes start = walk.in->rest;
    for (;;) {
        size_t len = start.len - walk.in->rest.len;
        if (walk.in->rest.len == 0 || take_object_end(walk.in)) {
            *ret_content = bytes_first(start, len);
            return 0;
        }
        struct bytes name;
        struct rtmp_amf0_value value;
        int error = read_property(walk, depth, &name, &value);
        if (error)
            return error;
    }
}

static int skip_values(struct walk walk, unsigned depth, uint32_t n,
                       struct bytes *ret_content)
{
    struct bytes start = walk.in->rest;
    for (uint32_t i = 0; i < n; i++) {
        struct rtmp_amf0_value value;
        int error = count_value(walk);
        if (!error)
            error = read_value(walk, depth, &value);
        if (error)
            return error;
    }
    *ret_content = bytes_first(start, start.len - walk.in->rest.len);
    return 0;
}

static int read_container(struct walk walk, unsigned depth, uint8_t mark,
                          struct rtmp_amf0_value *value)
{
    if (depth == 0)
        return -ERR_LIMIT;
    value->kind = RTMP_AMF0_OBJECT;
    if (mark == MARK_STRICT_ARRAY) {
        value->kind = RTMP_AMF0_ARRAY;
        uint32_t n = be_read_u32(walk.in);
        return walk.in->failed ? -ERR_PROTO
                               : skip_values(walk, depth - 1, n, &value->content);
    }
    if (mark == MARK_ECMA_ARRAY) {
        (void)be_read_u32(walk.in); /* the count: a hint that encoders get wrong */
    } else if (mark == MARK_TYPED_OBJECT) {
        int error = read_text(walk, be_read_u16(walk.in), &value->text);
        if (error)
            return error;
    }
    return walk.in->failed ? -ERR_PROTO
                           : skip_properties(walk, depth - 1, &value->content);
}

static int read_plain(struct walk walk, unsigned depth, uint8_t mark,
                      struct rtmp_amf0_value *value)
{
    switch (mark) {
    case MARK_NUMBER:
        value->kind = RTMP_AMF0_NUMBER;
        value->number = be_read_f64(walk.in);
        return 0;
    case MARK_DATE:
        value->kind = RTMP_AMF0_DATE;
        value->number = be_read_f64(walk.in);
        (void)be_read_u16(walk.in); /* time zone, reserved */
        return 0;
    case MARK_BOOLEAN:
        value->kind = RTMP_AMF0_BOOLEAN;
        value->boolean = be_read_u8(walk.in) != 0;
        return 0;
    case MARK_STRING:
        value->kind = RTMP_AMF0_TEXT;
        return read_text(walk, be_read_u16(walk.in), &value->text);
    case MARK_LONG_STRING:
    case MARK_XML:
        value->kind = RTMP_AMF0_TEXT;
        return read_text(walk, be_read_u32(walk.in), &value->text);
    case MARK_REFERENCE:
        (void)be_read_u16(walk.in);
        return 0;
    case MARK_NULL:
    case MARK_UNDEFINED:
    case MARK_UNSUPPORTED:
        return 0;
    case MARK_AMF3:
        return rtmp_amf3_read(walk.in, walk.n_values, depth, value);
    default:
        return -ERR_PROTO;
    }
}

static int read_value(struct walk walk, unsigned depth,
                      struct rtmp_amf0_value *ret_value)
{
    struct rtmp_amf0_value value = {.kind = RTMP_AMF0_NULL};
    uint8_t mark = be_read_u8(walk.in);
    bool container = mark == MARK_OBJECT || mark == MARK_ECMA_ARRAY ||
                     mark == MARK_STRICT_ARRAY || mark == MARK_TYPED_OBJECT;
    int error = container ? read_container(walk, depth, mark, &value)
                          : read_plain(walk, depth, mark, &value);
    if (!error && walk.in->failed)
        error = -ERR_PROTO;
    if (!error)
        *ret_value = value;
    return error;
}

struct rtmp_amf0_reader rtmp_amf0_reader_of(struct bytes in)
{
    return (struct rtmp_amf0_reader){.in = be_reader_of(in)};
}

int rtmp_amf0_read(struct rtmp_amf0_reader *reader, struct rtmp_amf0_value *ret_value)
{
    if (reader->in.rest.len == 0)
        return 0;
    struct walk walk = {.in = &reader->in, .n_values = &reader->n_values};
    int error = count_value(walk);
    if (!error)
        error = read_value(walk, RTMP_AMF0_DEPTH_MAX, ret_value);
    return error ? error : 1;
}

int rtmp_amf0_read_property(struct rtmp_amf0_reader *reader, struct bytes *ret_name,
                            struct rtmp_amf0_value *ret_value)
{
    if (reader->in.rest.len == 0)
        return 0;
    struct walk walk = {.in = &reader->in, .n_values = &reader->n_values};
    int error = read_property(walk, RTMP_AMF0_DEPTH_MAX, ret_name, ret_value);
    return error ? error : 1;
}

bool rtmp_amf0_find(struct bytes content, const char *name,
                    struct rtmp_amf0_value *ret_value)
{
    struct rtmp_amf0_reader reader = rtmp_amf0_reader_of(content);
    struct bytes found;
    struct rtmp_amf0_value value;
    while (rtmp_amf0_read_property(&reader, &found, &value) > 0) {
        if (bytes_equal_text(found, name)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

void rtmp_amf0_write_number(struct builder *out, double number)
{
    builder_u8(out, MARK_NUMBER);
    builder_f64(out, number);
}

void rtmp_amf0_write_text(struct builder *out, const char *text)
{
    builder_u8(out, MARK_STRING);
    rtmp_amf0_write_name(out, text);
}

void rtmp_amf0_write_null(struct builder *out)
{
    builder_u8(out, MARK_NULL);
}

void rtmp_amf0_write_undefined(struct builder *out)
{
    builder_u8(out, MARK_UNDEFINED);
}

void rtmp_amf0_write_array_begin(struct builder *out, uint32_t n)
{
    builder_u8(out, MARK_STRICT_ARRAY);
    builder_u32(out, n);
}

void rtmp_amf0_write_object_begin(struct builder *out)
{
    builder_u8(out, MARK_OBJECT);
}

void rtmp_amf0_write_name(struct builder *out, const char *name)
{
    size_t len = strlen(name);
    require(len <= UINT16_MAX);
    builder_u16(out, (uint16_t)len);
    builder_text(out, name);
}

void rtmp_amf0_write_object_end(struct builder *out)
{
    builder_u16(out, 0);
    builder_u8(out, MARK_OBJECT_END);
}
