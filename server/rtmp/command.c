#include "server/rtmp/command.h"

#include "core/err.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"

struct entry {
    const char *name;
    enum rtmp_command_id id;
};

static const struct entry table[] = {
    {"connect", RTMP_COMMAND_CONNECT},
    {"releaseStream", RTMP_COMMAND_RELEASE_STREAM},
    {"FCPublish", RTMP_COMMAND_FC_PUBLISH},
    {"createStream", RTMP_COMMAND_CREATE_STREAM},
    {"publish", RTMP_COMMAND_PUBLISH},
    {"FCUnpublish", RTMP_COMMAND_FC_UNPUBLISH},
    {"closeStream", RTMP_COMMAND_CLOSE_STREAM},
    {"deleteStream", RTMP_COMMAND_DELETE_STREAM},
    {"_checkbw", RTMP_COMMAND_CHECK_BANDWIDTH},
    {"_result", RTMP_COMMAND_ANSWER},
    {"_error", RTMP_COMMAND_ANSWER},
    {"onStatus", RTMP_COMMAND_ANSWER},
    {"onBWDone", RTMP_COMMAND_ANSWER},
};

struct bytes rtmp_command_amf0_of(const struct rtmp_message *message)
{
    struct bytes body = rtmp_message_body(message);
    bool amf3 = message->type == RTMP_MESSAGE_COMMAND_AMF3 ||
                message->type == RTMP_MESSAGE_DATA_AMF3;
    return amf3 && body.len > 0 && body.data[0] == 0 ? bytes_from(body, 1) : body;
}

static enum rtmp_command_id find(struct bytes name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (bytes_equal_text(name, table[i].name))
            return table[i].id;
    }
    return RTMP_COMMAND_UNKNOWN;
}

int rtmp_command_read(struct bytes amf0, struct rtmp_command *ret_command)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(amf0);
    struct rtmp_amf0_value name;
    int n = rtmp_amf0_read(&in, &name);
    if (n < 0)
        return n;
    if (n == 0 || name.kind != RTMP_AMF0_TEXT)
        return -ERR_PROTO;
    struct rtmp_command command = {.id = find(name.text)};
    struct rtmp_amf0_value transaction;
    n = rtmp_amf0_read(&in, &transaction);
    if (n < 0)
        return n;
    if (n == 1 && transaction.kind == RTMP_AMF0_NUMBER)
        command.transaction = transaction.number;
    command.arguments = in.in.rest;
    *ret_command = command;
    return 0;
}

static struct bytes text_of(struct bytes object, const char *name)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(object, name, &value) || value.kind != RTMP_AMF0_TEXT)
        return bytes_make(NULL, 0);
    return value.text;
}

/* A bit mask; 0 when it is missing or not a whole number of 32 bits. */
static uint32_t mask_of(struct bytes object, const char *name)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(object, name, &value) || value.kind != RTMP_AMF0_NUMBER)
        return 0;
    /* NaN fails both comparisons. */
    return value.number >= 0 && value.number <= UINT32_MAX ? (uint32_t)value.number : 0;
}

int rtmp_command_read_connect(const struct rtmp_command *command,
                              struct rtmp_connect *ret_connect)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(command->arguments);
    struct rtmp_amf0_value object;
    int n = rtmp_amf0_read(&in, &object);
    if (n < 0)
        return n;
    if (n == 0 || object.kind != RTMP_AMF0_OBJECT)
        return -ERR_PROTO;
    *ret_connect = (struct rtmp_connect){
        .app = text_of(object.content, "app"),
        .tc_url = text_of(object.content, "tcUrl"),
        .flash_version = text_of(object.content, "flashVer"),
        .caps = mask_of(object.content, "capsEx"),
    };
    return 0;
}

/* What stands behind the command object, which is null. As rtmp_amf0_read(). */
static int read_argument(const struct rtmp_command *command,
                         struct rtmp_amf0_value *ret_value)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(command->arguments);
    int n = rtmp_amf0_read(&in, ret_value);
    return n > 0 ? rtmp_amf0_read(&in, ret_value) : n;
}

int rtmp_command_read_publish(const struct rtmp_command *command,
                              struct bytes *ret_name)
{
    struct rtmp_amf0_value value;
    int n = read_argument(command, &value);
    if (n < 0)
        return n;
    *ret_name =
        n > 0 && value.kind == RTMP_AMF0_TEXT ? value.text : bytes_make(NULL, 0);
    return 0;
}

int rtmp_command_read_stream(const struct rtmp_command *command,
                             uint32_t *ret_stream_id)
{
    struct rtmp_amf0_value value;
    int n = read_argument(command, &value);
    if (n < 0)
        return n;
    bool is_id = n > 0 && value.kind == RTMP_AMF0_NUMBER && value.number >= 0 &&
                 value.number <= UINT32_MAX;
    *ret_stream_id = is_id ? (uint32_t)value.number : 0;
    return 0;
}
