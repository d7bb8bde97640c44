/* Encoders on computers. */
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/dialogues.h"
#include "tests/unit/server/rtmp/speech.h"

/* All media on one chunk stream; full headers at time 0, deltas after that. */
void dialogue_obs(struct script *script)
{
    speech_librtmp_opening(script, "live", "rtmp://127.0.0.1:1935/live",
                           "k3y-abc?backup=1");
    speech_body(
        script, 0, 4, 0, RTMP_MESSAGE_DATA,
        speech_metadata("obs-output module (libobs version 31.0.0)", true, true));
    speech_audio(script, 0, 4, 0, script_aac(0, 5));
    speech_video(script, 0, 4, 0, script_avc(1, 0, 0, 40));
    speech_video(script, 1, 4, 0, script_avc(1, 1, 66, 5000));
    speech_audio(script, 1, 4, 0, script_aac(1, 300));
    speech_audio(script, 1, 4, 21, script_aac(1, 310));
    speech_video(script, 1, 4, 12, script_avc(2, 1, 133, 700));
    speech_video(script, 1, 4, 33, script_avc(2, 1, -1, 300));
    speech_video(script, 2, 4, 34, script_avc(2, 1, 0, 300));
    speech_video(script, 3, 4, 34, script_avc(2, 1, 33, 300));
    speech_audio(script, 1, 4, 0, script_aac(1, 290));
    speech_librtmp_end(script, "k3y-abc?backup=1");
}

/* Before 30.2: headers without fields begin messages of the same time; before 30.1: the
 * extended stamp is not repeated. The show has gone on for more than 4.66 hours. */
void dialogue_obs_old(struct script *script)
{
    speech_librtmp_opening(script, "live/inst", "rtmp://127.0.0.1/live/inst", "old");
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 0, 4, 0, script_avc(1, 0, 0, 40));
    struct script_message late = {
        .csid = 4,
        .stamp = 0x01000010,
        .type = RTMP_MESSAGE_VIDEO,
        .stream_id = 1,
    };
    struct builder body = script_avc(1, 1, 0, 5000);
    script_media(script, &late, &body);
    speech_audio(script, 1, 4, 10, script_aac(1, 100));
    late.stamp = 0x01000040;
    late.type = RTMP_MESSAGE_AUDIO;
    body = script_aac(1, 100);
    script_media(script, &late, &body);
    late.fmt = 3;
    body = script_aac(1, 100);
    script_media(script, &late, &body);
    speech_librtmp_end(script, "old");
}

/* Digest handshake; 128-byte chunks until it echoes the server's chunk size. */
void dialogue_ffmpeg(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_8);
    speech_connect(script, "live", "rtmp://127.0.0.1:1935/live",
                   "FMLE/3.0 (compatible; Lavf59.27.100)");
    script_chunk_size(script, 2, 65536);
    speech_publish_calls(script, "demo_key");
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
                speech_metadata("Lavf59.27.100", true, true));
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 45));
    speech_audio(script, 0, 4, 0, script_aac(0, 5));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 67, 6000));
    speech_audio(script, 1, 4, 0, script_aac(1, 23));
    speech_audio(script, 2, 4, 23, script_aac(1, 23));
    speech_video(script, 1, 6, 33, script_avc(2, 1, 133, 800));
    struct builder text;
    builder_init(&text, SCRIPT_MAX);
    rtmp_amf0_write_text(&text, "onTextData");
    rtmp_amf0_write_object_begin(&text);
    speech_property(&text, "text", "{\"sku\":\"A1\"}");
    rtmp_amf0_write_object_end(&text);
    speech_body(script, 0, 4, 40, RTMP_MESSAGE_DATA, text);
    speech_video(script, 1, 6, 33, script_avc(7, 2, 0, 0));
    script_call(script, 3, 0, "FCUnpublish", 6, "demo_key");
    speech_delete_stream(script, 3, 7);
}

/* Transactions of 0, which want no answer; three commands to stop. */
void dialogue_gstreamer(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_772);
    struct builder connect =
        speech_connect_begin("live", "rtmp://127.0.0.1/live?token=a", "LNX 10,0,32,18");
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    script_call(script, 3, 0, "releaseStream", 0, "gst");
    script_call(script, 3, 0, "FCPublish", 0, "gst");
    script_call(script, 3, 0, "createStream", 2, NULL);
    speech_publish(script, 4, 3, "gst?token=b&x=1");
    speech_body(script, 0, 5, 0, RTMP_MESSAGE_DATA,
                speech_metadata("GStreamer", false, true));
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 33));
    speech_video(script, 0, 6, 0, script_avc(1, 1, 0, 1000));
    script_call(script, 3, 0, "FCUnpublish", 0, "gst");
    script_call(script, 3, 1, "closeStream", 0, NULL);
    speech_delete_stream(script, 3, 0);
}

/* rtmp://host/key: the key is the app, and the stream has no name. */
void dialogue_ffmpeg_one_component(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_8);
    speech_connect(script, "demo_key", "rtmp://127.0.0.1:1935/demo_key",
                   "FMLE/3.0 (compatible; Lavf59.27.100)");
    script_chunk_size(script, 2, 65536);
    speech_publish_calls(script, "");
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 45));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 300));
    speech_delete_stream(script, 3, 7);
}

static struct builder color_info(void)
{
    struct builder body = SPEECH_TAG(0, 0x94, 'h', 'v', 'c', '1');
    rtmp_amf0_write_text(&body, "colorInfo");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "colorConfig");
    rtmp_amf0_write_object_begin(&body);
    speech_number(&body, "bitDepth", 10);
    speech_number(&body, "colorPrimaries", 9);
    speech_number(&body, "transferCharacteristics", 16);
    speech_number(&body, "matrixCoefficients", 9);
    rtmp_amf0_write_object_end(&body);
    rtmp_amf0_write_object_end(&body);
    return body;
}

/* Enhanced RTMP without a word of it in connect. */
void dialogue_obs_hevc(struct script *script)
{
    speech_librtmp_opening(script, "live", "rtmp://127.0.0.1:1935/live", "k3y");
    struct builder body =
        speech_metadata_begin("obs-output module (libobs version 31)");
    speech_number(&body, "videocodecid", 1752589105);
    speech_number(&body, "audiocodecid", 10);
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    speech_audio(script, 0, 4, 0, script_aac(0, 5));
    speech_video(script, 0, 4, 0, color_info());
    speech_video(script, 0, 4, 0, SPEECH_TAG(60, 0x90, 'h', 'v', 'c', '1'));
    speech_video(script, 1, 4, 66,
                 SPEECH_TAG(4200, 0x91, 'h', 'v', 'c', '1', 0, 0, 67));
    speech_video(script, 1, 4, 33, SPEECH_TAG(900, 0xa3, 'h', 'v', 'c', '1'));
    speech_video(script, 1, 4, 33, SPEECH_TAG(0, 0x92, 'h', 'v', 'c', '1'));
    speech_librtmp_end(script, "k3y");
}

/* Enhanced Broadcasting: two further pictures, one further sound. */
void dialogue_obs_multitrack(struct script *script)
{
    speech_librtmp_opening(script, "app", "rtmp://127.0.0.1:1935/app",
                           "k3y?clientConfigId=c1");
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
                speech_metadata("obs-output module (libobs version 31)", true, true));
    speech_audio(script, 0, 4, 0, script_aac(0, 5));
    speech_audio(script, 0, 4, 0, SPEECH_TAG(5, 0x95, 0x00, 'm', 'p', '4', 'a', 1));
    speech_video(script, 0, 4, 0, script_avc(1, 0, 0, 40));
    for (uint8_t track = 1; track < 3; track++)
        speech_video(script, 0, 4, 0,
                     SPEECH_TAG(41, 0x96, 0x00, 'a', 'v', 'c', '1', track));
    speech_video(script, 0, 4, 0, script_avc(1, 1, 66, 900));
    for (uint8_t track = 1; track < 3; track++)
        speech_video(script, 0, 4, 0,
                     SPEECH_TAG(500, 0x96, 0x01, 'a', 'v', 'c', '1', track, 0, 0, 66));
    speech_audio(script, 1, 4, 0, script_aac(1, 90));
    speech_audio(script, 1, 4, 0, SPEECH_TAG(91, 0x95, 0x01, 'm', 'p', '4', 'a', 1));
    speech_video(script, 1, 4, 33, SPEECH_TAG(0, 0x96, 0x02, 'a', 'v', 'c', '1', 2));
    speech_librtmp_end(script, "k3y?clientConfigId=c1");
}

/* Before 29.1, HEVC went out under AVC's number. */
void dialogue_obs_hevc_as_avc(struct script *script)
{
    speech_librtmp_opening(script, "live", "rtmp://127.0.0.1:1935/live", "k3y");
    speech_video(script, 0, 4, 0,
                 SPEECH_TAG(0, 0x17, 0, 0, 0, 0, 1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0,
                            0, 63, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 15, 1, 0xa0,
                            0, 1, 0, 2, 0x40, 1));
    speech_video(script, 1, 4, 0, script_avc(1, 1, 0, 700));
    speech_librtmp_end(script, "k3y");
}

/* An old FFmpeg inside, and a clock that does not begin at 0: it is past 24 days, and
 * passes 2^31 ms here; stamps are repeated in front of every chunk. */
void dialogue_vmix(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "rtmp://127.0.0.1/live",
                   "FMLE/3.0 (compatible; Lavf57.83.100)");
    script_chunk_size(script, 2, 65536);
    script->chunk_size = 65536;
    speech_publish_calls(script, "vmix");
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
                speech_metadata("Lavf57.83.100", true, true));
    speech_video(script, 0, 6, 0x7ffffff0, script_avc(1, 0, 0, 45));
    speech_audio(script, 0, 4, 0x7ffffff0, script_aac(0, 2));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 900));
    speech_audio(script, 1, 4, 5, script_aac(1, 60));
    speech_video(script, 1, 6, 33, script_avc(2, 1, 0, 300));
    speech_audio(script, 1, 4, 23, script_aac(1, 60));
    script_call(script, 3, 0, "FCUnpublish", 6, "vmix");
    speech_delete_stream(script, 3, 7);
}

/* The codec in words; the picture as FourCC. */
void dialogue_xsplit(struct script *script)
{
    speech_librtmp_opening(script, "live", "rtmp://127.0.0.1/live", "xs");
    struct builder body = speech_metadata_begin("XSplitBroadcaster");
    speech_property(&body, "videocodecid", "av01");
    speech_property(&body, "audiocodecid", "mp4a");
    rtmp_amf0_write_object_end(&body);
    speech_body(script, 0, 4, 0, RTMP_MESSAGE_DATA, body);
    speech_audio(script, 0, 4, 0, script_aac(0, 2));
    speech_video(script, 0, 4, 0, SPEECH_TAG(17, 0x90, 'a', 'v', '0', '1'));
    speech_video(script, 1, 4, 0, SPEECH_TAG(800, 0x91, 'a', 'v', '0', '1'));
    speech_librtmp_end(script, "xs");
}

/* Stops with a name that is a number. */
void dialogue_wirecast(struct script *script)
{
    speech_librtmp_opening(script, "live", "rtmp://127.0.0.1/live", "wire");
    speech_video(script, 0, 4, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 4, 0, script_avc(1, 1, 0, 200));
    struct builder body = script_command("FCUnpublish", 6);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    script_send(script, 3, 0, 0, &body);
}

/* The address was pasted with its quotes. */
void dialogue_neko(struct script *script)
{
    script_handshake(script);
    speech_connect(script, "live", "'rtmp://127.0.0.1/live", "FMLE/3.0");
    speech_publish_calls(script, "neko'");
    speech_video(script, 0, 6, 0, script_avc(1, 0, 0, 30));
    speech_video(script, 1, 6, 0, script_avc(1, 1, 0, 200));
    speech_delete_stream(script, 3, 6);
}
