#include "tests/unit/server/rtmp/speech.h"

#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/amf0_boolean.h"

void speech_property(struct builder *body, const char *name, const char *text)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_text(body, text);
}

void speech_number(struct builder *body, const char *name, double value)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_number(body, value);
}

struct builder speech_connect_begin(const char *app, const char *tc_url,
                                    const char *flash_version)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    speech_property(&body, "app", app);
    speech_property(&body, "type", "nonprivate");
    speech_property(&body, "flashVer", flash_version);
    speech_property(&body, "tcUrl", tc_url);
    return body;
}

/* A command whose header leaves the message stream away, as librtmp sends them. */
void speech_short_call(struct script *script, const char *name, double transaction,
                       const char *text)
{
    struct builder body = script_command(name, transaction);
    rtmp_amf0_write_null(&body);
    if (text)
        rtmp_amf0_write_text(&body, text);
    struct script_message message = {
        .fmt = 1,
        .csid = 3,
        .type = RTMP_MESSAGE_COMMAND,
    };
    script_media(script, &message, &body);
}

void speech_publish(struct script *script, uint32_t csid, double transaction,
                    const char *key)
{
    struct builder body = script_command("publish", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, key);
    rtmp_amf0_write_text(&body, "live");
    script_send(script, csid, 1, 0, &body);
}

void speech_delete_stream(struct script *script, uint32_t csid, double transaction)
{
    struct builder body = script_command("deleteStream", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    script_send(script, csid, 0, 0, &body);
}

struct builder speech_metadata_begin(const char *encoder)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    rtmp_amf0_write_text(&body, "@setDataFrame");
    rtmp_amf0_write_text(&body, "onMetaData");
    builder_u8(&body, 8); /* ECMA array; its count is often wrong */
    builder_u32(&body, 20);
    speech_number(&body, "duration", 0);
    speech_property(&body, "encoder", encoder);
    return body;
}

struct builder speech_metadata(const char *encoder, bool audio, bool video)
{
    struct builder body = speech_metadata_begin(encoder);
    if (video) {
        speech_number(&body, "width", 1280);
        speech_number(&body, "height", 720);
        speech_number(&body, "videocodecid", 7);
        speech_number(&body, "videodatarate", 2500);
        speech_number(&body, "framerate", 30);
    }
    if (audio) {
        speech_number(&body, "audiocodecid", 10);
        speech_number(&body, "audiodatarate", 160);
        rtmp_amf0_write_name(&body, "stereo");
        amf0_boolean_write(&body, true);
    }
    rtmp_amf0_write_object_end(&body);
    return body;
}

void speech_body(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                 uint8_t type, struct builder body)
{
    struct script_message message = {
        .fmt = fmt,
        .csid = csid,
        .stamp = stamp,
        .type = type,
        .stream_id = 1,
        .repeats_extended = true,
    };
    script_media(script, &message, &body);
}

void speech_video(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body)
{
    speech_body(script, fmt, csid, stamp, RTMP_MESSAGE_VIDEO, body);
}

void speech_audio(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body)
{
    speech_body(script, fmt, csid, stamp, RTMP_MESSAGE_AUDIO, body);
}

void speech_librtmp_opening(struct script *script, const char *app, const char *tc_url,
                            const char *key)
{
    script_handshake(script);
    script_chunk_size(script, 2, 4096);
    struct builder connect =
        speech_connect_begin(app, tc_url, "FMLE/3.0 (compatible; FMSc/1.0)");
    speech_property(&connect, "swfUrl", tc_url);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    speech_short_call(script, "releaseStream", 2, key);
    speech_short_call(script, "FCPublish", 3, key);
    speech_short_call(script, "createStream", 4, NULL);
    speech_publish(script, 4, 5, key);
}

void speech_librtmp_end(struct script *script, const char *key)
{
    speech_short_call(script, "FCUnpublish", 6, key);
    struct builder body = script_command("deleteStream", 7);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    struct script_message message = {
        .fmt = 1,
        .csid = 3,
        .type = RTMP_MESSAGE_COMMAND,
    };
    script_media(script, &message, &body);
}

void speech_strict_texts(struct builder *body, const char *name,
                         const char *const texts[], unsigned n)
{
    rtmp_amf0_write_name(body, name);
    builder_u8(body, 10); /* strict array */
    builder_u32(body, n);
    for (unsigned i = 0; i < n; i++)
        rtmp_amf0_write_text(body, texts[i]);
}

void speech_connect(struct script *script, const char *app, const char *tc_url,
                    const char *flash_version)
{
    struct builder body = speech_connect_begin(app, tc_url, flash_version);
    rtmp_amf0_write_object_end(&body);
    script_send(script, 3, 0, 0, &body);
}

void speech_publish_calls(struct script *script, const char *key)
{
    script_call(script, 3, 0, "releaseStream", 2, key);
    script_call(script, 3, 0, "FCPublish", 3, key);
    script_call(script, 3, 0, "createStream", 4, NULL);
    speech_publish(script, 8, 5, key);
}

struct builder speech_tag(size_t n, struct bytes head)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_put(&body, head);
    script_payload(&body, n);
    return body;
}
