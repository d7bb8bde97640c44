#include "tests/bench/rtmp_client.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/chunk_reader.h"
#include "server/rtmp/chunk_writer.h"
#include "server/rtmp/handshake.h"
#include "server/rtmp/message.h"
#include "server/rtmp/session.h"

enum {
    OUTPUT_MAX = 64 * 1024 * 1024,
    ANSWER_LEN = 1 + 2 * RTMP_DIGEST_BLOCK, /* S0, S1, S2 */
    PUBLISH_CSID = 4,
    STREAM_ID = 1,
};

struct rtmp_client {
    enum rtmp_client_state state;
    char *app, *tc_url, *key;
    uint32_t chunk_size;
    struct builder answer; /* S0, S1, S2 as they come */
    struct rtmp_chunk_reader *reader;
    struct builder out;
    char *status;
};

struct rtmp_client *rtmp_client_create(const struct rtmp_client_config *config,
                                       struct bytes random)
{
    require(random.len >= RTMP_DIGEST_BLOCK && config->chunk_size > 0);
    struct rtmp_client *client = alloc_zero(sizeof *client);
    client->app = alloc_text(config->app);
    client->tc_url = alloc_text(config->tc_url);
    client->key = alloc_text(config->key);
    client->status = alloc_text("");
    client->chunk_size = config->chunk_size;
    client->reader = rtmp_chunk_reader_create(&rtmp_session_default_limits);
    builder_init(&client->answer, ANSWER_LEN);
    builder_init(&client->out, OUTPUT_MAX);
    builder_u8(&client->out, RTMP_HANDSHAKE_VERSION);
    builder_u64(&client->out, 0); /* time, and the version of the plain exchange */
    builder_put(&client->out, bytes_first(random, RTMP_DIGEST_BLOCK - 8));
    return client;
}

void rtmp_client_destroy(struct rtmp_client *client)
{
    if (!client)
        return;
    alloc_free(client->app);
    alloc_free(client->tc_url);
    alloc_free(client->key);
    alloc_free(client->status);
    rtmp_chunk_reader_destroy(client->reader);
    builder_finish(&client->answer);
    builder_finish(&client->out);
    alloc_free(client);
}

static void set_state(struct rtmp_client *client, enum rtmp_client_state state)
{
    require(state > client->state);
    client->state = state;
}

static struct builder command_begin(const char *name, double transaction)
{
    struct builder body;
    builder_init(&body, OUTPUT_MAX);
    rtmp_amf0_write_text(&body, name);
    rtmp_amf0_write_number(&body, transaction);
    return body;
}

static void command_send(struct rtmp_client *client, uint8_t csid, uint32_t stream_id,
                         struct builder *body)
{
    struct rtmp_chunk_header header = {
        .csid = csid,
        .type = RTMP_MESSAGE_COMMAND,
        .stream_id = stream_id,
    };
    rtmp_chunk_writer_put(&client->out, client->chunk_size, &header,
                          builder_bytes(body));
    builder_finish(body);
}

static void call(struct rtmp_client *client, const char *name, double transaction,
                 const char *text)
{
    struct builder body = command_begin(name, transaction);
    rtmp_amf0_write_null(&body);
    if (text)
        rtmp_amf0_write_text(&body, text);
    command_send(client, RTMP_CSID_COMMAND, 0, &body);
}

static void write_property(struct builder *body, const char *name, const char *text)
{
    rtmp_amf0_write_name(body, name);
    rtmp_amf0_write_text(body, text);
}

static void send_connect(struct rtmp_client *client)
{
    rtmp_chunk_writer_control(&client->out, RTMP_MESSAGE_SET_CHUNK_SIZE,
                              client->chunk_size);
    struct builder body = command_begin("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    write_property(&body, "app", client->app);
    write_property(&body, "type", "nonprivate");
    write_property(&body, "flashVer", "FMLE/3.0 (compatible; vitrine bench)");
    write_property(&body, "tcUrl", client->tc_url);
    rtmp_amf0_write_object_end(&body);
    command_send(client, RTMP_CSID_COMMAND, 0, &body);
    set_state(client, RTMP_CLIENT_CONNECTING);
}

static void send_create(struct rtmp_client *client)
{
    call(client, "releaseStream", 2, client->key);
    call(client, "FCPublish", 3, client->key);
    call(client, "createStream", 4, NULL);
    set_state(client, RTMP_CLIENT_CREATING);
}

static void send_publish(struct rtmp_client *client)
{
    struct builder body = command_begin("publish", 5);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, client->key);
    rtmp_amf0_write_text(&body, "live");
    command_send(client, PUBLISH_CSID, STREAM_ID, &body);
    set_state(client, RTMP_CLIENT_ASKING);
}

static bool take_answer(struct rtmp_client *client, struct bytes *in)
{
    size_t missing = ANSWER_LEN - builder_bytes(&client->answer).len;
    builder_put(&client->answer, bytes_first(*in, missing));
    *in = bytes_from(*in, missing);
    return builder_bytes(&client->answer).len == ANSWER_LEN;
}

static void on_result(struct rtmp_client *client, double transaction)
{
    if (client->state == RTMP_CLIENT_CONNECTING && transaction == 1)
        send_create(client);
    else if (client->state == RTMP_CLIENT_CREATING && transaction == 4)
        send_publish(client);
}

static void on_status(struct rtmp_client *client, struct rtmp_amf0_reader *in)
{
    struct rtmp_amf0_value info, level, code, description;
    if (rtmp_amf0_read(in, &info) <= 0 || rtmp_amf0_read(in, &info) <= 0 ||
        info.kind != RTMP_AMF0_OBJECT || !rtmp_amf0_find(info.content, "code", &code) ||
        !rtmp_amf0_find(info.content, "level", &level))
        return;
    if (rtmp_amf0_find(info.content, "description", &description)) {
        alloc_free(client->status);
        client->status = bytes_to_text(description.text);
    }
    if (client->state == RTMP_CLIENT_REFUSED)
        return;
    if (bytes_equal_text(level.text, "error"))
        set_state(client, RTMP_CLIENT_REFUSED);
    else if (client->state == RTMP_CLIENT_ASKING &&
             bytes_equal_text(code.text, "NetStream.Publish.Start"))
        set_state(client, RTMP_CLIENT_PUBLISHING);
}

static void on_command(struct rtmp_client *client, struct bytes body)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(body);
    struct rtmp_amf0_value name, transaction;
    if (rtmp_amf0_read(&in, &name) <= 0 || rtmp_amf0_read(&in, &transaction) <= 0)
        return;
    if (bytes_equal_text(name.text, "_result"))
        on_result(client, transaction.number);
    else if (bytes_equal_text(name.text, "onStatus") ||
             (bytes_equal_text(name.text, "_error") && transaction.number == 1))
        on_status(client, &in);
}

static int take_message(struct rtmp_client *client, const struct rtmp_message *message,
                        struct err *err)
{
    struct bytes body = rtmp_message_body(message);
    if (message->type == RTMP_MESSAGE_COMMAND)
        on_command(client, body);
    if (message->type != RTMP_MESSAGE_SET_CHUNK_SIZE)
        return 0;
    struct be_reader in = be_reader_of(body);
    return rtmp_chunk_reader_set_chunk_size(client->reader, be_read_u32(&in), err);
}

int rtmp_client_feed(struct rtmp_client *client, struct bytes in, struct err *err)
{
    if (client->state == RTMP_CLIENT_HANDSHAKE) {
        if (!take_answer(client, &in))
            return 0;
        struct bytes s1 = bytes_from(builder_bytes(&client->answer), 1);
        builder_put(&client->out, bytes_first(s1, RTMP_DIGEST_BLOCK)); /* C2 */
        send_connect(client);
    }
    struct rtmp_message message;
    int result;
    while ((result = rtmp_chunk_reader_feed(client->reader, &in, &message, err)) > 0) {
        int error = take_message(client, &message, err);
        rtmp_message_finish(&message);
        if (error)
            return error;
    }
    return result;
}

enum rtmp_client_state rtmp_client_get_state(const struct rtmp_client *client)
{
    return client->state;
}

const char *rtmp_client_status(const struct rtmp_client *client)
{
    return client->status;
}

void rtmp_client_write_chunks(struct builder *out, uint32_t chunk_size, uint8_t type,
                              uint32_t stamp_ms, struct bytes body)
{
    struct rtmp_chunk_header header = {
        .csid = PUBLISH_CSID,
        .type = type,
        .stream_id = STREAM_ID,
        .stamp_ms = stamp_ms,
    };
    rtmp_chunk_writer_put(out, chunk_size, &header, body);
}

void rtmp_client_send(struct rtmp_client *client, uint8_t type, uint32_t stamp_ms,
                      struct bytes body)
{
    require(client->state == RTMP_CLIENT_PUBLISHING);
    rtmp_client_write_chunks(&client->out, client->chunk_size, type, stamp_ms, body);
}

void rtmp_client_stop(struct rtmp_client *client)
{
    call(client, "FCUnpublish", 6, client->key);
    struct builder body = command_begin("deleteStream", 7);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_number(&body, STREAM_ID);
    command_send(client, RTMP_CSID_COMMAND, 0, &body);
}

void rtmp_client_publish_again(struct rtmp_client *client, const char *key)
{
    require(client->state == RTMP_CLIENT_PUBLISHING);
    alloc_free(client->key);
    client->key = alloc_text(key);
    client->state = RTMP_CLIENT_CONNECTING;
    send_create(client);
}

struct buf *rtmp_client_take_output(struct rtmp_client *client)
{
    if (builder_bytes(&client->out).len == 0)
        return NULL;
    return builder_take(&client->out);
}
