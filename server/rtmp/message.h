/* RTMP messages: what chunks are put together to (Adobe "RTMP specification" 1.0, 5.4, 6
 * and 7.1), and the short control messages written out.
 *
 * Ownership: a message owns its memory until finish or take. */
#ifndef RTMP_MESSAGE_H
#define RTMP_MESSAGE_H

#include "core/bytes.h"

struct buf;
struct builder;

enum rtmp_message_type {
    RTMP_MESSAGE_SET_CHUNK_SIZE = 1,
    RTMP_MESSAGE_ABORT = 2,
    RTMP_MESSAGE_ACKNOWLEDGEMENT = 3,
    RTMP_MESSAGE_USER_CONTROL = 4,
    RTMP_MESSAGE_WINDOW_SIZE = 5,
    RTMP_MESSAGE_PEER_BANDWIDTH = 6,
    RTMP_MESSAGE_AUDIO = 8,
    RTMP_MESSAGE_VIDEO = 9,
    RTMP_MESSAGE_DATA_AMF3 = 15,
    RTMP_MESSAGE_COMMAND_AMF3 = 17,
    RTMP_MESSAGE_DATA = 18,
    RTMP_MESSAGE_COMMAND = 20,
    RTMP_MESSAGE_AGGREGATE = 22,
};

/* Events of RTMP_MESSAGE_USER_CONTROL, 7.1.7. */
enum rtmp_user_control {
    RTMP_USER_CONTROL_PING_REQUEST = 6,
    RTMP_USER_CONTROL_PING_RESPONSE = 7,
};

struct rtmp_message {
    uint8_t type; /* enum rtmp_message_type, or unknown */
    uint32_t stream_id;
    uint32_t stamp_ms;
    uint8_t *data; /* alloc_*; BUF_PADDING zero bytes behind; NULL when len is 0 */
    size_t len;
};

bool rtmp_message_is_media(uint8_t type); /* audio, video and aggregates of them */
struct bytes rtmp_message_body(const struct rtmp_message *message);
/* The payload from start on, without a copy; the message is empty then. */
struct buf *rtmp_message_take_from(struct rtmp_message *message, size_t start);
void rtmp_message_finish(struct rtmp_message *message); /* also of a zeroed one */

/* Encoders put a second of media into one aggregate at most. A part costs more memory than
 * the bytes that announce it, so that their number is limited, and not only their size. */
enum { RTMP_MESSAGE_PARTS_MAX = 1024 };

/* The messages inside an aggregate (7.1.6), with stamps moved to the aggregate's. */
struct rtmp_message_parts {
    /* private */
    struct bytes rest;
    uint32_t stamp_ms;
    uint32_t first_ms;
    unsigned n;
};

struct rtmp_message_parts rtmp_message_parts_of(const struct rtmp_message *aggregate);
/* 1 and a message (payload copied), 0 at the end, -ERR_PROTO for bytes that are none,
 * -ERR_LIMIT for a part too many or without memory. */
int rtmp_message_next_part(struct rtmp_message_parts *parts,
                           struct rtmp_message *ret_message);

#endif
