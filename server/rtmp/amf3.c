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
    MARK_ARRAY = 0x09,
    MARK_OBJECT = 0x0a,
    MARK_XML = 0x0b,
    MARK_BYTES = 0x0c,
    MARK_VECTOR_INT = 0x0d,
    MARK_VECTOR_UINT = 0x0e,
    MARK_VECTOR_DOUBLE = 0x0f,
    MARK_VECTOR_OBJECT = 0x10,
    MARK_DICTIONARY = 0x11,
};

/* What an object has, 3.12: values of a fixed number, and then perhaps named ones. */
struct traits {
    uint32_t n_sealed;
    bool dynamic;
};

/* What nested reads share. */
struct walk {
    struct be_reader *in;
    unsigned *n_values;
    size_t n_traits;
    struct traits traits[RTMP_AMF3_TRAITS_MAX];
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

static int read_plain(struct be_reader *in, uint8_t mark, struct rtmp_amf0_value *value)
{
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
        return -ERR_PROTO;
    }
}

static int skip_value(struct walk *walk, unsigned depth);

static int skip_values(struct walk *walk, unsigned depth, uint32_t n)
{
    int error = 0;
    for (uint32_t i = 0; i < n && !error; i++)
        error = skip_value(walk, depth);
    return error;
}

/* ret_more: it is no empty text, which ends a list of names. */
static int skip_name(struct walk *walk, bool *ret_more)
{
    uint32_t head = read_u29(walk->in);
    *ret_more = head != 1;
    if ((head & 1) && head >> 1 > RTMP_AMF0_TEXT_MAX)
        return -ERR_LIMIT;
    if (head & 1)
        (void)be_read_bytes(walk->in, head >> 1);
    return walk->in->failed ? -ERR_PROTO : 0;
}

static int skip_named(struct walk *walk, unsigned depth)
{
    for (;;) {
        bool more;
        int error = skip_name(walk, &more);
        if (error || !more)
            return error;
        error = skip_value(walk, depth);
        if (error)
            return error;
    }
}

static int skip_names(struct walk *walk, uint32_t n)
{
    bool more;
    int error = 0;
    for (uint32_t i = 0; i < n && !error; i++)
        error = ++*walk->n_values > RTMP_AMF0_VALUES_MAX ? -ERR_LIMIT
                                                         : skip_name(walk, &more);
    return error;
}

/* head: the object's, which is no reference to one. */
static int read_traits(struct walk *walk, uint32_t head, struct traits *ret)
{
    if (!(head & 2)) {
        if (head >> 2 >= walk->n_traits)
            return -ERR_PROTO;
        *ret = walk->traits[head >> 2];
        return 0;
    }
    if (head & 4)
        return -ERR_UNSUPPORTED;
    struct traits traits = {.n_sealed = head >> 4, .dynamic = (head & 8) != 0};
    bool named;
    int error =
        walk->n_traits == RTMP_AMF3_TRAITS_MAX ? -ERR_LIMIT : skip_name(walk, &named);
    if (!error)
        error = skip_names(walk, traits.n_sealed);
    if (error)
        return error;
    *ret = walk->traits[walk->n_traits++] = traits;
    return 0;
}

static int skip_object(struct walk *walk, unsigned depth, uint32_t head)
{
    struct traits traits;
    int error = read_traits(walk, head, &traits);
    if (!error)
        error = skip_values(walk, depth, traits.n_sealed);
    return error || !traits.dynamic ? error : skip_named(walk, depth);
}

static int skip_array(struct walk *walk, unsigned depth, uint32_t n)
{
    int error = skip_named(walk, depth);
    return error ? error : skip_values(walk, depth, n);
}

static int skip_bytes(struct walk *walk, uint64_t len)
{
    if (len > walk->in->rest.len)
        return -ERR_PROTO;
    (void)be_read_bytes(walk->in, (size_t)len);
    return 0;
}

static int skip_vector(struct walk *walk, unsigned depth, uint8_t mark, uint32_t n)
{
    (void)be_read_u8(walk->in); /* of fixed length */
    if (mark != MARK_VECTOR_OBJECT)
        return skip_bytes(walk, (uint64_t)n * (mark == MARK_VECTOR_DOUBLE ? 8 : 4));
    bool named;
    int error = skip_name(walk, &named);
    return error ? error : skip_values(walk, depth, n);
}

static int skip_dictionary(struct walk *walk, unsigned depth, uint32_t n)
{
    (void)be_read_u8(walk->in); /* with weak keys */
    int error = skip_values(walk, depth, n);
    return error ? error : skip_values(walk, depth, n);
}

static bool is_made_of_others(uint8_t mark)
{
    return mark == MARK_ARRAY || mark == MARK_OBJECT ||
           (mark >= MARK_BYTES && mark <= MARK_DICTIONARY);
}

/* What follows the mark. */
static int skip_made(struct walk *walk, unsigned depth, uint8_t mark)
{
    if (depth == 0)
        return -ERR_LIMIT;
    uint32_t head = read_u29(walk->in);
    if (!(head & 1) || walk->in->failed)
        return 0; /* a reference, or cut off, which the caller sees */
    switch (mark) {
    case MARK_ARRAY:
        return skip_array(walk, depth - 1, head >> 1);
    case MARK_OBJECT:
        return skip_object(walk, depth - 1, head);
    case MARK_BYTES:
        return skip_bytes(walk, head >> 1);
    case MARK_DICTIONARY:
        return skip_dictionary(walk, depth - 1, head >> 1);
    default:
        return skip_vector(walk, depth - 1, mark, head >> 1);
    }
}

static int read_value(struct walk *walk, unsigned depth, struct rtmp_amf0_value *value)
{
    uint8_t mark = be_read_u8(walk->in);
    int error = is_made_of_others(mark) ? skip_made(walk, depth, mark)
                                        : read_plain(walk->in, mark, value);
    return walk->in->failed ? -ERR_PROTO : error;
}

static int skip_value(struct walk *walk, unsigned depth)
{
    struct rtmp_amf0_value value = {.kind = RTMP_AMF0_NULL};
    if (++*walk->n_values > RTMP_AMF0_VALUES_MAX)
        return -ERR_LIMIT;
    return read_value(walk, depth, &value);
}

int rtmp_amf3_read(struct be_reader *in, unsigned *n_values, unsigned depth,
                   struct rtmp_amf0_value *ret_value)
{
    struct walk walk = {.in = in, .n_values = n_values};
    struct rtmp_amf0_value value = {.kind = RTMP_AMF0_NULL};
    int error = read_value(&walk, depth, &value);
    if (!error)
        *ret_value = value;
    return error;
}
