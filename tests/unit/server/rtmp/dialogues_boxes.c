/* Hardware, cameras and what came before. */
#include <string.h>

#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/amf0_boolean.h"
#include "tests/unit/server/rtmp/dialogues.h"
#include "tests/unit/server/rtmp/speech.h"

/* Asks for the bandwidth first, and goes on when it is told something. */
void dialogue_haivision(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    script_call(script, 3, 0, "createStream", 2, NULL);
    script_call(script, 3, 0, "_checkbw", 3, NULL);
    speech_publish(script, 3, 4, "haivision");
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 200));
    speech_delete_stream(script, 3, 5);
}

/* Adobe's own: everything Flash had to say in connect, and a window of its own. */
void dialogue_fmle(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_772);
    struct builder connect =
        speech_connect_begin("live", "rtmp://127.0.0.1/live", "FMLE/3.2 (Win32)");
    rtmp_amf0_write_name(&connect, "fpad");
    amf0_boolean_write(&connect, false);
    speech_number(&connect, "capabilities", 239);
    speech_number(&connect, "audioCodecs", 3575);
    speech_number(&connect, "videoCodecs", 252);
    speech_number(&connect, "videoFunction", 1);
    rtmp_amf0_write_name(&connect, "pageUrl");
    rtmp_amf0_write_undefined(&connect);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    static const uint8_t window[] = {0, 0x26, 0x25, 0xa0};
    struct script_message control = {.csid = 2, .type = RTMP_MESSAGE_WINDOW_SIZE};
    script_message(script, &control, bytes_make(window, sizeof window));
    script_call(script, 3, 0, "releaseStream", 2, "fmle");
    script_call(script, 3, 0, "FCPublish", 3, "fmle");
    script_call(script, 3, 0, "createStream", 4, NULL);
    script_call(script, 3, 0, "_checkbw", 5, NULL);
    speech_publish(script, 8, 0, "fmle");
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
                speech_metadata("FMLE", true, true));
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 200));
    script_call(script, 3, 0, "FCUnpublish", 6, "fmle");
    speech_delete_stream(script, 3, 7);
}

/* A command of AMF3's type: a byte that says AMF0 after all, then AMF0, with AMF3 for the
 * object and the text. */
static void call_amf3(struct script *script, const char *name, double transaction,
                      const char *text)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, name);
    rtmp_amf0_write_number(&body, transaction);
    static const uint8_t object[] = {0x11, 0x0a, 0x0b, 1, 3, 'k', 4, 7, 1};
    builder_put(&body, bytes_make(object, sizeof object));
    if (text) {
        builder_u8(&body, 0x11); /* AMF3 follows: a string of that length */
        builder_u8(&body, 6);
        builder_u8(&body, (uint8_t)(strlen(text) << 1 | 1));
        builder_text(&body, text);
    }
    struct script_message message = {
        .csid = 3, .type = RTMP_MESSAGE_COMMAND_AMF3, .stream_id = text ? 1 : 0};
    script_media(script, &message, &body);
}

static struct builder aggregate(void)
{
    static const uint8_t parts[] = {
        8, 0, 0,   3, 0, 0, 100, 0,    0, 0, 0, 0xaf, 1, 7, 0, 0, 0, 14, 9, 0, 0,  9,
        0, 0, 133, 0, 0, 0, 0,   0x27, 1, 0, 0, 0,    0, 0, 0, 1, 9, 0,  0, 0, 20,
    };
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_put(&body, bytes_make(parts, sizeof parts));
    return body;
}

/* The player as a publisher: AMF3's types, several messages in one. */
void dialogue_flash(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_8);
    struct builder connect =
        speech_connect_begin("live", "rtmp://127.0.0.1/live", "WIN 32,0,0,465");
    speech_number(&connect, "objectEncoding", 3);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    call_amf3(script, "createStream", 2, NULL);
    call_amf3(script, "publish", 0, "flash");
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, "onMetaData");
    rtmp_amf0_write_object_begin(&body);
    speech_number(&body, "audiocodecid", 10);
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 5, 0, RTMP_MESSAGE_DATA_AMF3, body);
    speech_audio(script, 0, 6, 0, script_aac(0, 2));
    speech_body(script, 0, 6, 2000, RTMP_MESSAGE_AGGREGATE, aggregate());
    call_amf3(script, "closeStream", 0, NULL);
}

/* Goes on only when the bytes of its small window are acknowledged. */
void dialogue_small_window(struct script *script)
{
    script_handshake(script);
    static const uint8_t window[] = {0, 0, 0x20, 0};
    struct script_message control = {.csid = 2, .type = RTMP_MESSAGE_WINDOW_SIZE};
    script_message(script, &control, bytes_make(window, sizeof window));
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    script_chunk_size(script, 2, 4096);
    speech_publish_calls(script, "window");
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 4500));
    speech_video(script, 1, 6, 33, script_avc(2, 1, 0, 4500));
    speech_delete_stream(script, 3, 6);
}

/* Five messages at once, then a pause. */
void dialogue_elemental(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    speech_publish_calls(script, "elemental");
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 0, 6, 0, script_avc(1, 1, 0, 300));
    speech_audio(script, 0, 4, 0, script_aac(1, 70));
    speech_video(script, 0, 6, 33, script_avc(2, 1, 0, 90));
}

/* Control messages on the chunk stream of the pictures, user control events of its own,
 * chunk streams with long numbers, and no metadata. */
void dialogue_camera(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    script_chunk_size(script, 6, 1400);
    static const uint8_t event[] = {0, 31, 1, 2};
    struct script_message control = {.csid = 6, .type = RTMP_MESSAGE_USER_CONTROL};
    script_message(script, &control, bytes_make(event, sizeof event));
    speech_publish_calls(script, "camera");
    speech_video(script, 0, 64, 0, script_avc(1, 0, 0, 30));
    speech_audio(script, 0, 65599, 0, script_aac(0, 2));
    speech_video(script, 1, 64, 0, script_avc(1, 1, 0, 1500));
    speech_audio(script, 1, 65599, 20, script_aac(1, 70));
    speech_video(script, 2, 64, 40, script_avc(1, 1, 0, 1500));
    speech_delete_stream(script, 3, 6);
}

/* Sizes, but no codec. */
void dialogue_dahua(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    speech_publish_calls(script, "dahua");
    struct builder body = speech_metadata_begin("");
    speech_number(&body, "width", 1280);
    speech_number(&body, "height", 720);
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 100));
    speech_delete_stream(script, 3, 6);
}

/* An array that the message ends before it does, with one of values inside. */
void dialogue_envivio(struct script *script)
{
    static const char *const keywords[] = {"live", "shop"};
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    speech_publish_calls(script, "envivio");
    struct builder body = speech_metadata_begin("4Caster");
    speech_strict_texts(&body, "keywords", keywords, 2);
    speech_number(&body, "audiocodecid", 10);
    speech_number(&body, "videocodecid", 7);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_audio(script, 0, 4, 0, script_aac(0, 0)); /* an empty configuration */
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 100));
    speech_delete_stream(script, 3, 6);
}

/* HEVC under number 12, as encoders had it before FourCCs. */
void dialogue_hevc_by_number(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    speech_publish_calls(script, "hevc");
    struct builder body = speech_metadata_begin("");
    speech_number(&body, "videocodecid", 12);
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    speech_video(script, 0, 6, 0, SPEECH_TAG(50, 0x1c, 0, 0, 0, 0));
    speech_video(script, 1, 6, 0, SPEECH_TAG(400, 0x1c, 1, 0, 0, 40));
    speech_video(script, 1, 6, 40, SPEECH_TAG(100, 0x2c, 1, 0xff, 0xff, 0xff));
    speech_delete_stream(script, 3, 6);
}
