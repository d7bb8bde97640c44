#include "server/rtmp/intake.h"

#include <string.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/color.h"
#include "server/rtmp/command.h"
#include "server/rtmp/event_queue.h"
#include "server/rtmp/flv_tag.h"
#include "server/rtmp/hevc_record.h"
#include "server/rtmp/message.h"
#include "server/rtmp/metadata.h"

/* An ID header of RFC 7845, 5.1: version 1, two channels, the pre-skip that encoders use,
 * 48 kHz, no gain, mono or stereo. */
static const uint8_t plain_opus[] = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 2,
                                     56,  1,   128, 187, 0,   0,   0,   0,   0};

/* What stands behind the payload belongs to another track, or is nothing: then the message
 * itself is given on, without a copy. */
static struct buf *take_payload(struct rtmp_message *message, struct bytes payload)
{
    if (payload.len == 0)
        return buf_try_copy(bytes_make(plain_opus, sizeof plain_opus));
    size_t start = (size_t)(payload.data - message->data);
    if (start + payload.len == message->len)
        return rtmp_message_take_from(message, start);
    return buf_try_copy(payload);
}

/* AVC's number with an HEVC configuration behind it was sent by encoders of before the
 * FourCCs; the frames that follow have nothing else to be known by. */
static void name_hevc(struct rtmp_intake *intake, struct rtmp_flv_tag *tag)
{
    if (tag->codec != RTMP_CODEC_H264 || tag->codec_id != RTMP_FLV_TAG_AVC)
        return;
    if (tag->kind == RTMP_FLV_TAG_CONFIG)
        intake->avc_is_hevc = rtmp_hevc_record_is(tag->payload);
    if (intake->avc_is_hevc)
        tag->codec = RTMP_CODEC_HEVC;
}

static bool push_media(struct rtmp_message *message, const struct rtmp_flv_tag *tag,
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
                .track_id = tag->track_id,
                .key = tag->key,
            },
    };
    event.media.data = take_payload(message, tag->payload);
    if (!event.media.data)
        return false;
    rtmp_event_queue_push(events, &event);
    return true;
}

static bool push_color(const struct rtmp_flv_tag *tag, struct rtmp_event_queue *events)
{
    struct rtmp_event event = {.type = RTMP_EVENT_VIDEO_COLOR};
    if (!rtmp_color_read(tag->payload, &event.color))
        return false;
    event.color.track_id = tag->track_id;
    rtmp_event_queue_push(events, &event);
    return true;
}

static bool push_track_end(bool is_video, const struct rtmp_flv_tag *tag,
                           struct rtmp_event_queue *events)
{
    struct rtmp_event event = {
        .type = RTMP_EVENT_TRACK_END,
        .track_end = {.is_video = is_video, .track_id = tag->track_id},
    };
    rtmp_event_queue_push(events, &event);
    return true;
}

static bool push_tag(struct rtmp_message *message, const struct rtmp_flv_tag *tag,
                     struct rtmp_event_queue *events)
{
    bool is_video = message->type == RTMP_MESSAGE_VIDEO;
    switch (tag->kind) {
    case RTMP_FLV_TAG_CONFIG:
        return push_media(message, tag,
                          is_video ? RTMP_EVENT_VIDEO_CONFIG : RTMP_EVENT_AUDIO_CONFIG,
                          events);
    case RTMP_FLV_TAG_FRAME:
        return push_media(message, tag, is_video ? RTMP_EVENT_VIDEO : RTMP_EVENT_AUDIO,
                          events);
    case RTMP_FLV_TAG_END:
        return push_track_end(is_video, tag, events);
    case RTMP_FLV_TAG_METADATA:
        return push_color(tag, events);
    }
    return false;
}

static bool take_media(struct rtmp_intake *intake, struct rtmp_message *message,
                       struct rtmp_event_queue *events)
{
    bool is_video = message->type == RTMP_MESSAGE_VIDEO;
    struct rtmp_flv_tag_reader reader =
        rtmp_flv_tag_reader_of(is_video, rtmp_message_body(message));
    struct rtmp_flv_tag tag;
    bool known = true;
    /* A payload that ends with the message takes it away, and is the last. */
    while (rtmp_flv_tag_next(&reader, &tag)) {
        name_hevc(intake, &tag);
        known = push_tag(message, &tag, events) && known;
    }
    return known && !reader.is_broken;
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
    bool sets = bytes_equal_text(name.text, "@setDataFrame") ||
                bytes_equal_text(name.text, "setDataFrame");
    if (sets && (rtmp_amf0_read(&in, &name) <= 0 || name.kind != RTMP_AMF0_TEXT))
        return false;
    if (bytes_equal_text(name.text, "onMetaData"))
        return push_metadata(&in, events);
    return push_data(message->stamp_ms, name.text, in.in.rest, events);
}

static bool take_one(struct rtmp_intake *intake, struct rtmp_message *message,
                     struct rtmp_event_queue *events)
{
    switch (message->type) {
    case RTMP_MESSAGE_VIDEO:
    case RTMP_MESSAGE_AUDIO:
        return take_media(intake, message, events);
    case RTMP_MESSAGE_DATA:
    case RTMP_MESSAGE_DATA_AMF3:
        return take_data(message, events);
    default:
        return false;
    }
}

static bool take_aggregate(struct rtmp_intake *intake,
                           const struct rtmp_message *message,
                           struct rtmp_event_queue *events)
{
    struct rtmp_message_parts parts = rtmp_message_parts_of(message);
    struct rtmp_message part;
    bool known = true;
    int n;
    while ((n = rtmp_message_next_part(&parts, &part)) > 0) {
        known = take_one(intake, &part, events) && known;
        rtmp_message_finish(&part);
    }
    return known && n == 0;
}

bool rtmp_intake_take(struct rtmp_intake *intake, struct rtmp_message *message,
                      struct rtmp_event_queue *events)
{
    bool known = message->type == RTMP_MESSAGE_AGGREGATE
                     ? take_aggregate(intake, message, events)
                     : take_one(intake, message, events);
    rtmp_message_finish(message);
    return known;
}
