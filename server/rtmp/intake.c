#include "server/rtmp/intake.h"

#include <string.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/command.h"
#include "server/rtmp/event_queue.h"
#include "server/rtmp/flv_tag.h"
#include "server/rtmp/message.h"
#include "server/rtmp/metadata.h"

static void push_media(struct rtmp_message *message, const struct rtmp_flv_tag *tag,
                       enum rtmp_event_type type, struct rtmp_event_queue *events)
{
    struct rtmp_event event = {
        .type = type,
        .media =
            {
                .stamp_ms = message->stamp_ms,
                .cts_ms = tag->cts_ms,
                .codec = tag->codec,
                .codec_id = tag->codec_id,
                .key = tag->key,
            },
    };
    event.media.data = rtmp_message_take_from(message, tag->payload_at);
    rtmp_event_queue_push(events, &event);
}

static bool take_video(struct rtmp_message *message, struct rtmp_event_queue *events)
{
    struct rtmp_flv_tag tag = rtmp_flv_tag_read_video(rtmp_message_body(message));
    if (tag.kind != RTMP_FLV_TAG_NOTHING)
        push_media(message, &tag,
                   tag.kind == RTMP_FLV_TAG_CONFIG ? RTMP_EVENT_VIDEO_CONFIG
                                                   : RTMP_EVENT_VIDEO,
                   events);
    return true;
}

static bool take_audio(struct rtmp_message *message, struct rtmp_event_queue *events)
{
    struct rtmp_flv_tag tag = rtmp_flv_tag_read_audio(rtmp_message_body(message));
    if (tag.kind != RTMP_FLV_TAG_NOTHING)
        push_media(message, &tag,
                   tag.kind == RTMP_FLV_TAG_CONFIG ? RTMP_EVENT_AUDIO_CONFIG
                                                   : RTMP_EVENT_AUDIO,
                   events);
    return true;
}

static bool push_metadata(struct rtmp_amf0_reader *in, struct rtmp_event_queue *events)
{
    struct rtmp_amf0_value value;
    if (rtmp_amf0_read(in, &value) <= 0 || value.kind != RTMP_AMF0_OBJECT)
        return false;
    struct rtmp_event event = {
        .type = RTMP_EVENT_METADATA,
        .metadata = rtmp_metadata_read(value.content),
    };
    rtmp_event_queue_push(events, &event);
    return true;
}

/* Well-formed to the end, so that who reads the values later need not wonder. */
static bool is_amf0(struct bytes values)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(values);
    struct rtmp_amf0_value value;
    int n;
    while ((n = rtmp_amf0_read(&in, &value)) > 0)
        continue;
    return n == 0;
}

static bool push_data(uint32_t stamp_ms, struct bytes name, struct bytes values,
                      struct rtmp_event_queue *events)
{
    struct rtmp_event event = {.type = RTMP_EVENT_DATA};
    if (name.len == 0 || name.len >= sizeof event.data.name || !is_amf0(values))
        return false;
    rtmp_metadata_printable(name, event.data.name, sizeof event.data.name);
    event.data.stamp_ms = stamp_ms;
    event.data.values = buf_try_copy(values);
    if (!event.data.values)
        return false;
    rtmp_event_queue_push(events, &event);
    return true;
}

/* "@setDataFrame" stands in front of the name of what is set; encoders leave it away. */
static bool take_data(const struct rtmp_message *message,
                      struct rtmp_event_queue *events)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(rtmp_command_amf0_of(message));
    struct rtmp_amf0_value name;
    if (rtmp_amf0_read(&in, &name) <= 0 || name.kind != RTMP_AMF0_TEXT)
        return false;
    if (bytes_equal_text(name.text, "@setDataFrame") &&
        (rtmp_amf0_read(&in, &name) <= 0 || name.kind != RTMP_AMF0_TEXT))
        return false;
    if (bytes_equal_text(name.text, "onMetaData"))
        return push_metadata(&in, events);
    return push_data(message->stamp_ms, name.text, in.in.rest, events);
}

static bool take_one(struct rtmp_message *message, struct rtmp_event_queue *events)
{
    switch (message->type) {
    case RTMP_MESSAGE_VIDEO:
        return take_video(message, events);
    case RTMP_MESSAGE_AUDIO:
        return take_audio(message, events);
    case RTMP_MESSAGE_DATA:
    case RTMP_MESSAGE_DATA_AMF3:
        return take_data(message, events);
    default:
        return false;
    }
}

static bool take_aggregate(const struct rtmp_message *message,
                           struct rtmp_event_queue *events)
{
    struct rtmp_message_parts parts = rtmp_message_parts_of(message);
    struct rtmp_message part;
    bool known = true;
    int n;
    while ((n = rtmp_message_next_part(&parts, &part)) > 0) {
        known = take_one(&part, events) && known;
        rtmp_message_finish(&part);
    }
    return known && n == 0;
}

bool rtmp_intake_take(struct rtmp_message *message, struct rtmp_event_queue *events)
{
    bool known = message->type == RTMP_MESSAGE_AGGREGATE
                     ? take_aggregate(message, events)
                     : take_one(message, events);
    rtmp_message_finish(message);
    return known;
}
