/* Phones and drones. */
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/dialogues.h"
#include "tests/unit/server/rtmp/speech.h"

/* createStream and publish only; each track on a chunk stream of its own. */
void dialogue_haishinkit(struct script *script)
{
    static const char *const codecs[] = {"hvc1", "av01", "Opus"};
    script_handshake(script);
    struct builder connect = speech_connect_begin("live", "rtmp://127.0.0.1/live",
                                                  "FMLE/3.0 (compatible; FMSc/1.0)");
    speech_number(&connect, "capabilities", 239);
    speech_strict_texts(&connect, "fourCcList", codecs, 3);
    speech_number(&connect, "objectEncoding", 0);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    script_chunk_size(script, 2, 8192);
    script_call(script, 3, 0, "createStream", 2, NULL);
    speech_publish(script, 3, 0, "phone");
    speech_body(script, 0, 8, 0, RTMP_MESSAGE_DATA,
                speech_metadata("HaishinKit", true, true));
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 0, 5, 0, script_avc(1, 0, 0, 38));
    speech_audio(script, 1, 4, 0, script_aac(1, 180));
    speech_video(script, 1, 5, 0, script_avc(1, 1, 0, 9000));
    speech_audio(script, 1, 4, 23, script_aac(1, 181));
    speech_video(script, 1, 5, 33, script_avc(2, 1, 0, 900));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

/* Chunks of 128 bytes for the whole show, commands with times, pings. */
void dialogue_root_encoder(struct script *script)
{
    script_handshake(script);
    struct builder connect = speech_connect_begin(
        "live", "rtmp://127.0.0.1/live", "FMLE/3.0 (compatible; Lavf57.56.101)");
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 12, &connect);
    struct builder body = script_command("releaseStream", 2);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, "root");
    script_send(script, 3, 0, 44, &body);
    body = script_command("FCPublish", 3);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, "root");
    script_send(script, 3, 0, 45, &body);
    script_call(script, 3, 0, "createStream", 4, NULL);
    speech_publish(script, 3, 5, "root");
    speech_body(script, 0, 3, 50, RTMP_MESSAGE_DATA,
                speech_metadata("RootEncoder", true, true));
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 39));
    speech_audio(script, 0, 7, 0, script_aac(0, 2));
    speech_video(script, 1, 6, 5, script_avc(1, 1, 0, 3000));
    speech_audio(script, 1, 7, 3, script_aac(1, 200));
    const uint8_t ping[] = {0, 6, 0, 0, 3, 0xe8};
    struct script_message control = {.csid = 2, .type = RTMP_MESSAGE_USER_CONTROL};
    script_message(script, &control, bytes_make(ping, sizeof ping));
    speech_video(script, 0, 6, 60, script_avc(1, 0, 0, 41)); /* turned: another size */
    speech_video(script, 1, 6, 30, script_avc(1, 1, 0, 2500));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

/* With FCPublish, as some services want it: more answers to be waited for. */
void dialogue_haishinkit_fc(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live?token=t", "rtmp://127.0.0.1/live?token=t",
                   "FMLE/3.0 (compatible; FMSc/1.0)");
    script_chunk_size(script, 2, 8192);
    script_call(script, 3, 0, "releaseStream", 2, "phone");
    script_call(script, 3, 0, "FCPublish", 3, "phone");
    script_call(script, 3, 0, "createStream", 4, NULL);
    speech_publish(script, 3, 0, "phone");
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_audio(script, 1, 4, 0, script_aac(1, 180));
    script_call(script, 3, 0, "FCUnpublish", 5, "phone");
    speech_delete_stream(script, 3, 0);
}

/* Enhanced RTMP, told in connect. */
void dialogue_root_encoder_av1(struct script *script)
{
    static const char *const codecs[] = {"av01", "Opus"};
    script_handshake(script);
    struct builder connect = speech_connect_begin(
        "live", "rtmp://127.0.0.1/live", "FMLE/3.0 (compatible; Lavf57.56.101)");
    speech_strict_texts(&connect, "fourCcList", codecs, 2);
    speech_number(&connect, "capsEx", 1);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 12, &connect);
    speech_publish_calls(script, "root");
    speech_video(script, 0, 6, 0, SPEECH_TAG(17, 0x90, 'a', 'v', '0', '1'));
    speech_audio(script, 0, 7, 0,
                 SPEECH_TAG(11, 0x90, 'O', 'p', 'u', 's', 'O', 'p', 'u', 's', 'H', 'e',
                            'a', 'd'));
    speech_video(script, 1, 6, 5, SPEECH_TAG(700, 0x91, 'a', 'v', '0', '1'));
    speech_audio(script, 1, 7, 3, SPEECH_TAG(120, 0x91, 'O', 'p', 'u', 's'));
    speech_video(script, 1, 6, 33, SPEECH_TAG(90, 0xa1, 'a', 'v', '0', '1'));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

/* An app of two levels; the key is what stands behind the last slash. */
void dialogue_larix(struct script *script)
{
    script_handshake(script);
    script_chunk_size(script, 2, 4096);
    speech_connect(script, "live/room", "rtmp://127.0.0.1:1935/live/room",
                   "FMLE/3.0 (compatible; Larix/1.3)");
    speech_publish_calls(script, "larix");
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
                speech_metadata("Larix", true, true));
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 38));
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 900));
    speech_audio(script, 1, 4, 0, script_aac(1, 100));
    script_call(script, 3, 0, "FCUnpublish", 6, "larix");
    speech_delete_stream(script, 3, 7);
}

/* Says that there is sound, and sends none. */
void dialogue_streamlabs(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    script_chunk_size(script, 2, 8192);
    script_call(script, 3, 0, "createStream", 2, NULL);
    speech_publish(script, 3, 0, "ios");
    speech_body(script, 0, 8, 0, RTMP_MESSAGE_DATA, speech_metadata("", true, true));
    speech_video(script, 0, 5, 0, script_avc(1, 0, 0, 38));
    speech_video(script, 1, 5, 0, script_avc(1, 1, 0, 900));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

/* A first chunk of its chunk stream without the fields it would repeat, access units of
 * empty NAL units, the configuration twice, metadata without tracks, a stamp that goes
 * back by a signed delta. */
void dialogue_dji(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live", "FMLE/3.0");
    struct script_message first = {.fmt = 2, .csid = 33};
    script_header(script, &first, 0);
    speech_publish_calls(script, "dji");
    struct builder body = speech_metadata_begin("DJI");
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    for (int i = 0; i < 2; i++)
        speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 38));
    speech_video(script, 1, 6, 0, SPEECH_TAG(0, 0x27, 1, 0, 0, 0, 0, 0, 0, 0));
    speech_video(script, 1, 6, 33, script_avc(1, 1, 0, 500));
    speech_video(script, 1, 6, 0xffffffdf, script_avc(2, 1, 0, 150));
    speech_video(script, 1, 6, 66, script_avc(2, 1, 0, 150));
    speech_delete_stream(script, 3, 6);
}
