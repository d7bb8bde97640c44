#include "tests/unit/server/rtmp/dialogues.h"

#include <string.h>

#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"

static void property(struct builder *body, const char *name, const char *text)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_text(body, text);
}

static void number(struct builder *body, const char *name, double value)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_number(body, value);
}

static struct builder connect_begin(const char *app, const char *tc_url,
                                    const char *flash_version)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    property(&body, "app", app);
    property(&body, "type", "nonprivate");
    property(&body, "flashVer", flash_version);
    property(&body, "tcUrl", tc_url);
    return body;
}

/* A command whose header leaves the message stream away, as librtmp sends them. */
static void short_call(struct script *script, const char *name, double transaction,
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

static void publish(struct script *script, uint32_t csid, double transaction,
                    const char *key)
{
    struct builder body = script_command("publish", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, key);
    rtmp_amf0_write_text(&body, "live");
    script_send(script, csid, 1, 0, &body);
}

static void delete_stream(struct script *script, uint32_t csid, double transaction)
{
    struct builder body = script_command("deleteStream", transaction);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, 1);
    script_send(script, csid, 0, 0, &body);
}

static struct builder metadata(const char *encoder, bool audio, bool video)
{
    struct builder body;
    builder_init(&body, SCRIPT_MAX);
    rtmp_amf0_write_text(&body, "@setDataFrame");
    rtmp_amf0_write_text(&body, "onMetaData");
    builder_u8(&body, 8); /* ECMA array; its count is often wrong */
    builder_u32(&body, 20);
    number(&body, "duration", 0);
    if (video) {
        number(&body, "width", 1280);
        number(&body, "height", 720);
        number(&body, "videocodecid", 7);
        number(&body, "videodatarate", 2500);
        number(&body, "framerate", 30);
    }
    if (audio) {
        number(&body, "audiocodecid", 10);
        number(&body, "audiodatarate", 160);
        rtmp_amf0_write_name(&body, "stereo");
        rtmp_amf0_write_boolean(&body, true);
    }
    property(&body, "encoder", encoder);
    rtmp_amf0_write_object_end(&body);
    return body;
}

static void send_body(struct script *script, unsigned fmt, uint32_t csid,
                      uint32_t stamp, uint8_t type, struct builder body)
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

static void video(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body)
{
    send_body(script, fmt, csid, stamp, RTMP_MESSAGE_VIDEO, body);
}

static void audio(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body)
{
    send_body(script, fmt, csid, stamp, RTMP_MESSAGE_AUDIO, body);
}

static void librtmp_opening(struct script *script, const char *app, const char *tc_url,
                            const char *key)
{
    script_handshake(script);
    script_chunk_size(script, 2, 4096);
    struct builder connect =
        connect_begin(app, tc_url, "FMLE/3.0 (compatible; FMSc/1.0)");
    property(&connect, "swfUrl", tc_url);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    short_call(script, "releaseStream", 2, key);
    short_call(script, "FCPublish", 3, key);
    short_call(script, "createStream", 4, NULL);
    publish(script, 4, 5, key);
}

static void librtmp_end(struct script *script, const char *key)
{
    short_call(script, "FCUnpublish", 6, key);
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

/* All media on one chunk stream; full headers at time 0, deltas after that. */
static void obs(struct script *script)
{
    librtmp_opening(script, "live", "rtmp://127.0.0.1:1935/live", "k3y-abc?backup=1");
    send_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
              metadata("obs-output module (libobs version 31.0.0)", true, true));
    audio(script, 0, 4, 0, script_aac(0, 5));
    video(script, 0, 4, 0, script_avc(1, 0, 0, 40));
    video(script, 1, 4, 0, script_avc(1, 1, 66, 5000));
    audio(script, 1, 4, 0, script_aac(1, 300));
    audio(script, 1, 4, 21, script_aac(1, 310));
    video(script, 1, 4, 12, script_avc(2, 1, 133, 700));
    video(script, 1, 4, 33, script_avc(2, 1, -1, 300));
    video(script, 2, 4, 34, script_avc(2, 1, 0, 300));
    video(script, 3, 4, 34, script_avc(2, 1, 33, 300));
    audio(script, 1, 4, 0, script_aac(1, 290));
    librtmp_end(script, "k3y-abc?backup=1");
}

/* Before 30.2: headers without fields begin messages of the same time; before 30.1: the
 * extended stamp is not repeated. The show has gone on for more than 4.66 hours. */
static void obs_old(struct script *script)
{
    librtmp_opening(script, "live/inst", "rtmp://127.0.0.1/live/inst", "old");
    audio(script, 0, 4, 0, script_aac(0, 2));
    video(script, 0, 4, 0, script_avc(1, 0, 0, 40));
    struct script_message late = {
        .csid = 4,
        .stamp = 0x01000010,
        .type = RTMP_MESSAGE_VIDEO,
        .stream_id = 1,
    };
    struct builder body = script_avc(1, 1, 0, 5000);
    script_media(script, &late, &body);
    audio(script, 1, 4, 10, script_aac(1, 100));
    late.stamp = 0x01000040;
    late.type = RTMP_MESSAGE_AUDIO;
    body = script_aac(1, 100);
    script_media(script, &late, &body);
    late.fmt = 3;
    body = script_aac(1, 100);
    script_media(script, &late, &body);
    librtmp_end(script, "old");
}

/* Digest handshake; 128-byte chunks until it echoes the server's chunk size. */
static void ffmpeg(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_8);
    struct builder connect = connect_begin("live", "rtmp://127.0.0.1:1935/live",
                                           "FMLE/3.0 (compatible; Lavf59.27.100)");
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    script_chunk_size(script, 2, 65536);
    script_call(script, 3, 0, "releaseStream", 2, "demo_key");
    script_call(script, 3, 0, "FCPublish", 3, "demo_key");
    script_call(script, 3, 0, "createStream", 4, NULL);
    publish(script, 8, 5, "demo_key");
    send_body(script, 0, 4, 0, RTMP_MESSAGE_DATA,
              metadata("Lavf59.27.100", true, true));
    video(script, 0, 6, 0, script_avc(1, 0, 0, 45));
    audio(script, 0, 4, 0, script_aac(0, 5));
    video(script, 1, 6, 0, script_avc(1, 1, 67, 6000));
    audio(script, 1, 4, 0, script_aac(1, 23));
    audio(script, 2, 4, 23, script_aac(1, 23));
    video(script, 1, 6, 33, script_avc(2, 1, 133, 800));
    struct builder text;
    builder_init(&text, SCRIPT_MAX);
    rtmp_amf0_write_text(&text, "onTextData");
    rtmp_amf0_write_object_begin(&text);
    property(&text, "text", "{\"sku\":\"A1\"}");
    rtmp_amf0_write_object_end(&text);
    send_body(script, 0, 4, 40, RTMP_MESSAGE_DATA, text);
    video(script, 1, 6, 33, script_avc(7, 2, 0, 0));
    script_call(script, 3, 0, "FCUnpublish", 6, "demo_key");
    delete_stream(script, 3, 7);
}

/* Transactions of 0, which want no answer; three commands to stop. */
static void gstreamer(struct script *script)
{
    script_handshake_digest(script, RTMP_DIGEST_AT_772);
    struct builder connect =
        connect_begin("live", "rtmp://127.0.0.1/live?token=a", "LNX 10,0,32,18");
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    script_call(script, 3, 0, "releaseStream", 0, "gst");
    script_call(script, 3, 0, "FCPublish", 0, "gst");
    script_call(script, 3, 0, "createStream", 2, NULL);
    publish(script, 4, 3, "gst?token=b&x=1");
    send_body(script, 0, 5, 0, RTMP_MESSAGE_DATA, metadata("GStreamer", false, true));
    video(script, 0, 6, 0, script_avc(1, 0, 0, 33));
    video(script, 0, 6, 0, script_avc(1, 1, 0, 1000));
    script_call(script, 3, 0, "FCUnpublish", 0, "gst");
    script_call(script, 3, 1, "closeStream", 0, NULL);
    delete_stream(script, 3, 0);
}

static void strict_texts(struct builder *body, const char *name,
                         const char *const texts[], unsigned n)
{
    rtmp_amf0_write_name(body, name);
    builder_u8(body, 10); /* strict array */
    builder_u32(body, n);
    for (unsigned i = 0; i < n; i++)
        rtmp_amf0_write_text(body, texts[i]);
}

/* createStream and publish only; each track on a chunk stream of its own. */
static void haishinkit(struct script *script)
{
    static const char *const codecs[] = {"hvc1", "av01", "Opus"};
    script_handshake(script);
    struct builder connect = connect_begin("live", "rtmp://127.0.0.1/live",
                                           "FMLE/3.0 (compatible; FMSc/1.0)");
    number(&connect, "capabilities", 239);
    strict_texts(&connect, "fourCcList", codecs, 3);
    number(&connect, "objectEncoding", 0);
    rtmp_amf0_write_object_end(&connect);
    script_send(script, 3, 0, 0, &connect);
    script_chunk_size(script, 2, 8192);
    script_call(script, 3, 0, "createStream", 2, NULL);
    publish(script, 3, 0, "phone");
    send_body(script, 0, 8, 0, RTMP_MESSAGE_DATA, metadata("HaishinKit", true, true));
    audio(script, 0, 4, 0, script_aac(0, 2));
    video(script, 0, 5, 0, script_avc(1, 0, 0, 38));
    audio(script, 1, 4, 0, script_aac(1, 180));
    video(script, 1, 5, 0, script_avc(1, 1, 0, 9000));
    audio(script, 1, 4, 23, script_aac(1, 181));
    video(script, 1, 5, 33, script_avc(2, 1, 0, 900));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

/* Chunks of 128 bytes for the whole show, commands with times, pings. */
static void root_encoder(struct script *script)
{
    script_handshake(script);
    struct builder connect = connect_begin("live", "rtmp://127.0.0.1/live",
                                           "FMLE/3.0 (compatible; Lavf57.56.101)");
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
    publish(script, 3, 5, "root");
    send_body(script, 0, 3, 50, RTMP_MESSAGE_DATA, metadata("RootEncoder", true, true));
    video(script, 0, 6, 0, script_avc(1, 0, 0, 39));
    audio(script, 0, 7, 0, script_aac(0, 2));
    video(script, 1, 6, 5, script_avc(1, 1, 0, 3000));
    audio(script, 1, 7, 3, script_aac(1, 200));
    const uint8_t ping[] = {0, 6, 0, 0, 3, 0xe8};
    struct script_message control = {.csid = 2, .type = RTMP_MESSAGE_USER_CONTROL};
    script_message(script, &control, bytes_make(ping, sizeof ping));
    video(script, 0, 6, 60, script_avc(1, 0, 0, 41)); /* turned: another size */
    video(script, 1, 6, 30, script_avc(1, 1, 0, 2500));
    script_call(script, 3, 1, "closeStream", 0, NULL);
}

const struct dialogue dialogues[] = {
    {"obs", obs},
    {"obs_old", obs_old},
    {"ffmpeg", ffmpeg},
    {"gstreamer", gstreamer},
    {"haishinkit", haishinkit},
    {"root_encoder", root_encoder},
};

const size_t n_dialogues = sizeof dialogues / sizeof dialogues[0];

const struct dialogue *dialogue_find(const char *name)
{
    size_t i = 0;
    while (i < n_dialogues && strcmp(dialogues[i].name, name) != 0)
        i++;
    require(i < n_dialogues);
    return &dialogues[i];
}
