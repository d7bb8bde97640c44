#include "tests/unit/server/rtmp/answers.h"

#include "core/be.h"
#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/digest.h"
#include "server/rtmp/message.h"

static void print_values(struct bytes content, struct builder *out);

/* What the server can do grows, and is held by the test of the reply. */
static bool tells_capabilities(struct bytes name)
{
    return bytes_equal_text(name, "fourCcList") || bytes_equal_text(name, "capsEx") ||
           bytes_equal_text(name, "videoFourCcInfoMap") ||
           bytes_equal_text(name, "audioFourCcInfoMap");
}

static void print_value(const struct rtmp_amf0_value *value, struct builder *out)
{
    switch (value->kind) {
    case RTMP_AMF0_NULL:
        builder_text(out, " null");
        return;
    case RTMP_AMF0_NUMBER:
    case RTMP_AMF0_DATE:
        builder_printf(out, " %.17g", value->number);
        return;
    case RTMP_AMF0_BOOLEAN:
        builder_text(out, value->boolean ? " true" : " false");
        return;
    case RTMP_AMF0_TEXT:
        builder_printf(out, " \"%.*s\"", BYTES_FMT(value->text));
        return;
    case RTMP_AMF0_ARRAY:
        builder_text(out, " [");
        print_values(value->content, out);
        builder_text(out, " ]");
        return;
    case RTMP_AMF0_OBJECT:
        break;
    }
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(value->content);
    struct bytes name;
    struct rtmp_amf0_value property;
    builder_text(out, " {");
    while (rtmp_amf0_read_property(&in, &name, &property) > 0) {
        builder_printf(out, " %.*s:", BYTES_FMT(name));
        if (tells_capabilities(name))
            builder_text(out, " *");
        else
            print_value(&property, out);
    }
    builder_text(out, " }");
}

static void print_values(struct bytes content, struct builder *out)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(content);
    struct rtmp_amf0_value value;
    int n;
    while ((n = rtmp_amf0_read(&in, &value)) > 0)
        print_value(&value, out);
    require(n == 0);
}

static void print_body(uint8_t type, struct bytes body, struct builder *out)
{
    struct be_reader in = be_reader_of(body);
    switch (type) {
    case RTMP_MESSAGE_SET_CHUNK_SIZE:
        builder_printf(out, " chunk-size %u", be_read_u32(&in));
        break;
    case RTMP_MESSAGE_ACKNOWLEDGEMENT:
        builder_printf(out, " acknowledgement %u", be_read_u32(&in));
        break;
    case RTMP_MESSAGE_WINDOW_SIZE:
        builder_printf(out, " window %u", be_read_u32(&in));
        break;
    case RTMP_MESSAGE_PEER_BANDWIDTH:
        builder_printf(out, " bandwidth %u", be_read_u32(&in));
        builder_printf(out, " %u", be_read_u8(&in));
        break;
    case RTMP_MESSAGE_USER_CONTROL:
        builder_printf(out, " user-control %u", be_read_u16(&in));
        builder_printf(out, " %u", be_read_u32(&in));
        break;
    default:
        require(type == RTMP_MESSAGE_COMMAND);
        print_values(body, out);
        return;
    }
    require(!in.failed && in.rest.len == 0);
}

static void print_message(struct be_reader *in, struct builder *out)
{
    uint8_t csid = be_read_u8(in);
    require(csid >= 2 && csid < 64); /* a full header */
    require(be_read_u24(in) == 0);   /* at time 0 */
    size_t len = be_read_u24(in);
    uint8_t type = be_read_u8(in);
    uint32_t stream_id = __builtin_bswap32(be_read_u32(in));
    struct bytes body = be_read_bytes(in, len);
    require(!in->failed);
    builder_printf(out, "csid=%u stream=%u:", csid, stream_id);
    print_body(type, body, out);
    builder_u8(out, '\n');
}

void answers_print(struct bytes answers, struct bytes c1, struct builder *out)
{
    struct be_reader in = be_reader_of(answers);
    require(be_read_u8(&in) == 3);
    (void)be_read_bytes(&in, RTMP_DIGEST_BLOCK);
    struct bytes s2 = be_read_bytes(&in, RTMP_DIGEST_BLOCK);
    require(!in.failed);
    builder_printf(out, "handshake %s\n", bytes_equal(s2, c1) ? "echo" : "digest");
    while (in.rest.len > 0)
        print_message(&in, out);
}
