/* The commands encoders send (Adobe "RTMP specification" 1.0, 7.2), read from a table of
 * names. What is not in the table is UNKNOWN and gets an answer of its own.
 *
 * Ownership: texts point into the message. Pure. */
#ifndef RTMP_COMMAND_H
#define RTMP_COMMAND_H

#include "core/bytes.h"

struct rtmp_message;

enum rtmp_command_id {
    RTMP_COMMAND_UNKNOWN,
    RTMP_COMMAND_CONNECT,
    RTMP_COMMAND_RELEASE_STREAM,
    RTMP_COMMAND_FC_PUBLISH,
    RTMP_COMMAND_CREATE_STREAM,
    RTMP_COMMAND_PUBLISH,
    RTMP_COMMAND_FC_UNPUBLISH,
    RTMP_COMMAND_CLOSE_STREAM,
    RTMP_COMMAND_DELETE_STREAM,
    RTMP_COMMAND_CHECK_BANDWIDTH,
    RTMP_COMMAND_ANSWER, /* _result, _error, onStatus …: about something we never asked */
    RTMP_COMMANDS,
};

struct rtmp_command {
    enum rtmp_command_id id;
    double transaction;     /* 0: no answer is wanted */
    struct bytes arguments; /* AMF0: the command object, then what the command says */
};

struct rtmp_connect {
    struct bytes app;
    struct bytes tc_url;
    struct bytes flash_version;
    uint32_t caps; /* enum rtmp_caps; bits that we do not know are kept */
};

/* The bytes of AMF0 in a command or data message; those with AMF3 type begin with one byte
 * that says so. */
struct bytes rtmp_command_amf0_of(const struct rtmp_message *message);
/* -ERR_X for bytes that are no command. */
int rtmp_command_read(struct bytes amf0, struct rtmp_command *ret_command);
int rtmp_command_read_connect(const struct rtmp_command *command,
                              struct rtmp_connect *ret_connect);
/* The stream name that publish gives; empty when it gives none. */
int rtmp_command_read_publish(const struct rtmp_command *command,
                              struct bytes *ret_name);
/* The message stream that deleteStream names; 0: none that makes sense. */
int rtmp_command_read_stream(const struct rtmp_command *command,
                             uint32_t *ret_stream_id);

#endif
