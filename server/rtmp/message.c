#include "server/rtmp/message.h"

#include <string.h>

#include "core/alloc.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"

bool rtmp_message_is_media(uint8_t type)
{
    return type == RTMP_MESSAGE_AUDIO || type == RTMP_MESSAGE_VIDEO ||
           type == RTMP_MESSAGE_AGGREGATE;
}

struct bytes rtmp_message_body(const struct rtmp_message *message)
{
    return bytes_make(message->data, message->len);
}

struct buf *rtmp_message_take_from(struct rtmp_message *message, size_t start)
{
    require(message->data && start <= message->len);
    struct buf *buf = buf_adopt_from(message->data, start, message->len - start);
    message->data = NULL;
    message->len = 0;
    return buf;
}

void rtmp_message_finish(struct rtmp_message *message)
{
    alloc_free(message->data);
    *message = (struct rtmp_message){0};
}

struct rtmp_message_parts rtmp_message_parts_of(const struct rtmp_message *aggregate)
{
    return (struct rtmp_message_parts){
        .rest = rtmp_message_body(aggregate),
        .stamp_ms = aggregate->stamp_ms,
    };
}

/* An aggregate's parts look like FLV tags: type, size, stamp with its top byte last. */
int rtmp_message_next_part(struct rtmp_message_parts *parts,
                           struct rtmp_message *ret_message)
{
    if (parts->rest.len == 0)
        return 0;
    if (parts->n == RTMP_MESSAGE_PARTS_MAX)
        return -ERR_LIMIT;
    struct be_reader in = be_reader_of(parts->rest);
    struct rtmp_message part = {.type = be_read_u8(&in)};
    size_t len = be_read_u24(&in);
    uint32_t stamp_ms = be_read_u24(&in);
    stamp_ms |= (uint32_t)be_read_u8(&in) << 24;
    part.stream_id = be_read_u24(&in);
    struct bytes body = be_read_bytes(&in, len);
    if (in.failed)
        return -ERR_PROTO;
    /* The back pointer behind the last part is left away by some. */
    parts->rest = bytes_from(in.rest, 4);
    if (parts->n++ == 0)
        parts->first_ms = stamp_ms;
    part.stamp_ms = parts->stamp_ms + (stamp_ms - parts->first_ms);
    if (body.len > 0) {
        part.data = alloc_try(body.len + BUF_PADDING);
        if (!part.data)
            return -ERR_LIMIT;
        memcpy(part.data, body.data, body.len);
        memset(part.data + body.len, 0, BUF_PADDING);
        part.len = body.len;
    }
    *ret_message = part;
    return 1;
}
