#include "server/rtmp/amf3.h"

#include "core/err.h"
#include "server/rtmp/amf0.h"

/* Type markers, 3.1. */
enum {
    MARK_UNDEFINED = 0x00,
    MARK_NULL = 0x01,
    MARK_FALSE = 0x02,
    MARK_TRUE = 0x03,
    MARK_INTEGER = 0x04,
    MARK_DOUBLE = 0x05,
    MARK_STRING = 0x06,
    MARK_XML_DOCUMENT = 0x07,
    MARK_DATE = 0x08,
    MARK_XML = 0x0b,
};

/* 29 bits in one to four bytes, 1.3.1: seven to a byte, and all eight of the fourth. */
static uint32_t read_u29(struct be_reader *in)
{
    uint32_t value = 0;
    for (int i = 0; i < 3; i++) {
        uint8_t byte = be_read_u8(in);
        value = value << 7 | (byte & 0x7f);
        if (!(byte & 0x80))
            return value;
    }
    return value << 8 | be_read_u8(in);
}

static int32_t read_integer(struct be_reader *in)
{
    uint32_t value = read_u29(in);
    return value < 1u << 28 ? (int32_t)value : (int32_t)value - (1 << 29);
}

/* A length, or a reference to one of before. */
static int read_text(struct be_reader *in, struct rtmp_amf0_value *value)
{
    uint32_t head = read_u29(in);
    if (!(head & 1))
        return 0;
    if (head >> 1 > RTMP_AMF0_TEXT_MAX)
        return -ERR_LIMIT;
    value->kind = RTMP_AMF0_TEXT;
    value->text = be_read_bytes(in, head >> 1);
    return 0;
}

static void read_date(struct be_reader *in, struct rtmp_amf0_value *value)
{
    if (!(read_u29(in) & 1))
        return;
    value->kind = RTMP_AMF0_DATE;
    value->number = be_read_f64(in);
}

static int read_plain(struct be_reader *in, struct rtmp_amf0_value *value)
{
    uint8_t mark = be_read_u8(in);
    switch (mark) {
    case MARK_UNDEFINED:
    case MARK_NULL:
        return 0;
    case MARK_FALSE:
    case MARK_TRUE:
        value->kind = RTMP_AMF0_BOOLEAN;
        value->boolean = mark == MARK_TRUE;
        return 0;
    case MARK_INTEGER:
        value->kind = RTMP_AMF0_NUMBER;
        value->number = read_integer(in);
        return 0;
    case MARK_DOUBLE:
        value->kind = RTMP_AMF0_NUMBER;
        value->number = be_read_f64(in);
        return 0;
    case MARK_STRING:
    case MARK_XML_DOCUMENT:
    case MARK_XML:
        return read_text(in, value);
    case MARK_DATE:
        read_date(in, value);
        return 0;
    default:
        return -ERR_UNSUPPORTED;
    }
}

int rtmp_amf3_read(struct be_reader *in, struct rtmp_amf0_value *ret_value)
{
    struct rtmp_amf0_value value = {.kind = RTMP_AMF0_NULL};
    int error = read_plain(in, &value);
    if (in->failed)
        return -ERR_PROTO;
    if (!error)
        *ret_value = value;
    return error;
}
