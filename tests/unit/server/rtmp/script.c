#include "tests/unit/server/rtmp/script.h"

#include <string.h>

#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"

enum { STAMP_EXTENDED = 0xffffff };

void script_init(struct script *script)
{
    builder_init(&script->out, SCRIPT_MAX);
    script->chunk_size = 128;
}

void script_finish(struct script *script)
{
    builder_finish(&script->out);
}

static void fill_block(uint8_t block[RTMP_DIGEST_BLOCK], unsigned seed)
{
    for (unsigned i = 0; i < RTMP_DIGEST_BLOCK; i++)
        block[i] = (uint8_t)(i * 7 + i / 256 + seed);
}

static void put_handshake(struct script *script, const uint8_t c1[RTMP_DIGEST_BLOCK])
{
    uint8_t c2[RTMP_DIGEST_BLOCK];
    fill_block(c2, 99);
    builder_u8(&script->out, 3);
    builder_put(&script->out, bytes_make(c1, RTMP_DIGEST_BLOCK));
    builder_put(&script->out, bytes_make(c2, RTMP_DIGEST_BLOCK));
}

void script_handshake(struct script *script)
{
    uint8_t c1[RTMP_DIGEST_BLOCK];
    fill_block(c1, 5);
    memset(c1 + 4, 0, 4);
    put_handshake(script, c1);
}

void script_handshake_digest(struct script *script, enum rtmp_digest_schema schema)
{
    static const uint8_t version[] = {9, 0, 124, 2};
    uint8_t c1[RTMP_DIGEST_BLOCK];
    fill_block(c1, 5);
    memcpy(c1 + 4, version, sizeof version);
    rtmp_digest_sign_c1(c1, schema);
    put_handshake(script, c1);
}

static void put_basic_header(struct builder *out, unsigned fmt, uint32_t csid)
{
    require(fmt < 4 && csid >= 2 && csid < 65600);
    if (csid < 64) {
        builder_u8(out, (uint8_t)(fmt << 6 | csid));
    } else if (csid < 320) {
        builder_u8(out, (uint8_t)(fmt << 6));
        builder_u8(out, (uint8_t)(csid - 64));
    } else {
        builder_u8(out, (uint8_t)(fmt << 6 | 1));
        builder_u8(out, (uint8_t)((csid - 64) & 0xff));
        builder_u8(out, (uint8_t)((csid - 64) >> 8));
    }
}

static bool is_extended(const struct script_message *message)
{
    return message->stamp >= STAMP_EXTENDED;
}

void script_header(struct script *script, const struct script_message *message,
                   size_t len)
{
    struct builder *out = &script->out;
    put_basic_header(out, message->fmt, message->csid);
    if (message->fmt < 3)
        builder_u24(out, is_extended(message) ? STAMP_EXTENDED : message->stamp);
    if (message->fmt < 2) {
        builder_u24(out, (uint32_t)len);
        builder_u8(out, message->type);
    }
    if (message->fmt < 1)
        builder_u32(out, __builtin_bswap32(message->stream_id));
    if (is_extended(message) && (message->fmt < 3 || message->repeats_extended))
        builder_u32(out, message->stamp);
}

void script_message(struct script *script, const struct script_message *message,
                    struct bytes body)
{
    script_header(script, message, body.len);
    builder_put(&script->out, bytes_first(body, script->chunk_size));
    struct bytes rest = bytes_from(body, script->chunk_size);
    struct script_message more = *message;
    more.fmt = 3;
    while (rest.len > 0) {
        script_header(script, &more, rest.len);
        builder_put(&script->out, bytes_first(rest, script->chunk_size));
        rest = bytes_from(rest, script->chunk_size);
    }
}

void script_chunk_size(struct script *script, uint32_t csid, uint32_t size)
{
    struct script_message message = {.csid = csid, .type = RTMP_MESSAGE_SET_CHUNK_SIZE};
    struct builder body;
    builder_init(&body, 4);
    builder_u32(&body, size);
    script_media(script, &message, &body);
    script->chunk_size = size;
}

struct builder script_command(const char *name, double transaction)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    rtmp_amf0_write_text(&body, name);
    rtmp_amf0_write_number(&body, transaction);
    return body;
}

void script_send(struct script *script, uint32_t csid, uint32_t stream_id,
                 uint32_t stamp_ms, struct builder *body)
{
    struct script_message message = {
        .csid = csid,
        .stamp = stamp_ms,
        .type = RTMP_MESSAGE_COMMAND,
        .stream_id = stream_id,
    };
    script_media(script, &message, body);
}

void script_call(struct script *script, uint32_t csid, uint32_t stream_id,
                 const char *name, double transaction, const char *text)
{
    struct builder body = script_command(name, transaction);
    rtmp_amf0_write_null(&body);
    if (text)
        rtmp_amf0_write_text(&body, text);
    script_send(script, csid, stream_id, 0, &body);
}

void script_payload(struct builder *body, size_t n)
{
    for (size_t i = 0; i < n; i++)
        builder_u8(body, (uint8_t)(i + 1 + i / 255));
}

struct builder script_avc(unsigned frame_type, unsigned packet_type, int32_t cts_ms,
                          size_t n)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_u8(&body, (uint8_t)(frame_type << 4 | 7));
    builder_u8(&body, (uint8_t)packet_type);
    builder_u24(&body, (uint32_t)cts_ms & 0xffffff);
    script_payload(&body, n);
    return body;
}

struct builder script_aac(unsigned packet_type, size_t n)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_u8(&body, 0xaf);
    builder_u8(&body, (uint8_t)packet_type);
    script_payload(&body, n);
    return body;
}

void script_media(struct script *script, const struct script_message *message,
                  struct builder *body)
{
    require(!builder_failed(body));
    script_message(script, message, builder_bytes(body));
    builder_finish(body);
}

struct bytes script_bytes(const struct script *script)
{
    require(!builder_failed(&script->out));
    return builder_bytes(&script->out);
}
