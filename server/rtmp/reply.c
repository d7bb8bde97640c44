#include "server/rtmp/reply.h"

#include "core/builder.h"
#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/chunk_writer.h"
#include "server/rtmp/codec.h"
#include "server/rtmp/message.h"

enum {
    BODY_MAX = 1024,       /* the success of connect has about 500 bytes */
    BANDWIDTH_DYNAMIC = 2, /* 5.4.5 */
    CAPABILITIES = 31,     /* what every server says; encoders do not look */
    CAN_FORWARD = 4,       /* FourCcInfoMask of Enhanced RTMP v2 */
};

static void body_init(struct builder *body, const char *name, double transaction)
{
    builder_init(body, BODY_MAX);
    rtmp_amf0_write_text(body, name);
    rtmp_amf0_write_number(body, transaction);
}

static void put_command(struct builder *out, uint8_t csid, uint32_t stream_id,
                        struct builder *body)
{
    require(!builder_failed(body));
    struct rtmp_chunk_header header = {
        .csid = csid,
        .type = RTMP_MESSAGE_COMMAND,
        .stream_id = stream_id,
    };
    rtmp_chunk_writer_put(out, RTMP_REPLY_CHUNK_SIZE, &header, builder_bytes(body));
    builder_finish(body);
}

static void write_property(struct builder *body, const char *name, const char *text)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_text(body, text);
}

static void write_info(struct builder *body, const char *level, const char *code,
                       const char *description)
{
    write_property(body, "level", level);
    write_property(body, "code", code);
    write_property(body, "description", description);
}

static void put_bandwidth(struct builder *out)
{
    const uint8_t raw[] = {
        RTMP_REPLY_WINDOW >> 24,
        RTMP_REPLY_WINDOW >> 16 & 0xff,
        RTMP_REPLY_WINDOW >> 8 & 0xff,
        RTMP_REPLY_WINDOW & 0xff,
        BANDWIDTH_DYNAMIC,
    };
    struct rtmp_chunk_header header = {
        .csid = RTMP_CSID_CONTROL,
        .type = RTMP_MESSAGE_PEER_BANDWIDTH,
    };
    rtmp_chunk_writer_put(out, sizeof raw, &header, bytes_make(raw, sizeof raw));
}

/* What Enhanced RTMP wants to know, as a list and as maps: clients read the one or the
 * others. */
static void write_codecs(struct builder *body)
{
    uint32_t n = 0;
    for (size_t i = 0; i < rtmp_codec_table_n; i++)
        n += rtmp_codec_table[i].forwarded;
    rtmp_amf0_write_name(body, "fourCcList");
    rtmp_amf0_write_array_begin(body, n);
    for (size_t i = 0; i < rtmp_codec_table_n; i++) {
        if (rtmp_codec_table[i].forwarded)
            rtmp_amf0_write_text(body, rtmp_codec_table[i].fourcc);
    }
}

static void write_codec_map(struct builder *body, const char *name, bool is_video)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_object_begin(body);
    for (size_t i = 0; i < rtmp_codec_table_n; i++) {
        const struct rtmp_codec_entry *entry = &rtmp_codec_table[i];
        if (!entry->forwarded || entry->is_video != is_video)
            continue;
        rtmp_amf0_write_name(body, entry->fourcc);
        rtmp_amf0_write_number(body, CAN_FORWARD);
    }
    rtmp_amf0_write_object_end(body);
}

void rtmp_reply_connected(struct builder *out, double transaction)
{
    rtmp_chunk_writer_control(out, RTMP_MESSAGE_WINDOW_SIZE, RTMP_REPLY_WINDOW);
    put_bandwidth(out);
    rtmp_chunk_writer_control(out, RTMP_MESSAGE_SET_CHUNK_SIZE, RTMP_REPLY_CHUNK_SIZE);

    struct builder body;
    body_init(&body, "_result", transaction);
    rtmp_amf0_write_object_begin(&body);
    write_property(&body, "fmsVer", "FMS/3,0,1,123");
    rtmp_amf0_write_name(&body, "capabilities");
    rtmp_amf0_write_number(&body, CAPABILITIES);
    write_codecs(&body);
    write_codec_map(&body, "videoFourCcInfoMap", true);
    write_codec_map(&body, "audioFourCcInfoMap", false);
    rtmp_amf0_write_name(&body, "capsEx");
    rtmp_amf0_write_number(&body, RTMP_CODEC_CAPS);
    rtmp_amf0_write_object_end(&body);
    rtmp_amf0_write_object_begin(&body);
    write_info(&body, "status", "NetConnection.Connect.Success",
               "Connection succeeded.");
    rtmp_amf0_write_name(&body, "objectEncoding");
    rtmp_amf0_write_number(&body, 0);
    rtmp_amf0_write_object_end(&body);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_rejected(struct builder *out, double transaction,
                         const char *description)
{
    struct builder body;
    /* A sentence makes it longer than the chunks of before. */
    rtmp_chunk_writer_control(out, RTMP_MESSAGE_SET_CHUNK_SIZE, RTMP_REPLY_CHUNK_SIZE);
    body_init(&body, "_error", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_object_begin(&body);
    write_info(&body, "error", "NetConnection.Connect.Rejected", description);
    rtmp_amf0_write_object_end(&body);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_result(struct builder *out, double transaction)
{
    struct builder body;
    body_init(&body, "_result", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_undefined(&body);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_stream_created(struct builder *out, double transaction)
{
    struct builder body;
    body_init(&body, "_result", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, RTMP_REPLY_STREAM_ID);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_call_failed(struct builder *out, double transaction)
{
    struct builder body;
    body_init(&body, "_error", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_object_begin(&body);
    write_info(&body, "error", "NetConnection.Call.Failed", "Not known here.");
    rtmp_amf0_write_object_end(&body);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_fc(struct builder *out, const char *name, const char *code)
{
    struct builder body;
    body_init(&body, name, 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_object_begin(&body);
    write_property(&body, "code", code);
    write_property(&body, "description", "");
    rtmp_amf0_write_object_end(&body);
    put_command(out, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_reply_status(struct builder *out, uint32_t stream_id, const char *level,
                       const char *code, const char *description)
{
    struct builder body;
    body_init(&body, "onStatus", 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_object_begin(&body);
    write_info(&body, level, code, description);
    rtmp_amf0_write_object_end(&body);
    put_command(out, RTMP_CSID_STATUS, stream_id, &body);
}

void rtmp_reply_acknowledgement(struct builder *out, uint32_t n_bytes)
{
    rtmp_chunk_writer_control(out, RTMP_MESSAGE_ACKNOWLEDGEMENT, n_bytes);
}

void rtmp_reply_pong(struct builder *out, uint32_t stamp)
{
    const uint8_t raw[] = {
        0,
        RTMP_USER_CONTROL_PING_RESPONSE,
        (uint8_t)(stamp >> 24),
        (uint8_t)(stamp >> 16),
        (uint8_t)(stamp >> 8),
        (uint8_t)stamp,
    };
    struct rtmp_chunk_header header = {
        .csid = RTMP_CSID_CONTROL,
        .type = RTMP_MESSAGE_USER_CONTROL,
    };
    rtmp_chunk_writer_put(out, sizeof raw, &header, bytes_make(raw, sizeof raw));
}
