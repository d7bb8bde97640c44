#include "server/rtmp/flv_tag.h"

#include "core/be.h"

enum { VIDEO_EXTENDED = 0x80, AUDIO_EXTENDED = 9, VIDEO_AVC = 7, AUDIO_AAC = 10 };

enum { FRAME_KEY = 1, FRAME_COMMAND = 5 };

/* Packet types of AVC and AAC alike. */
enum { PACKET_CONFIG = 0, PACKET_FRAME = 1 };

/* Packet types of extended headers that carry a stream's start or frames. */
enum { EXTENDED_START = 0, EXTENDED_FRAMES = 1, EXTENDED_FRAMES_X = 3 };

static const struct rtmp_flv_tag nothing = {.kind = RTMP_FLV_TAG_NOTHING};

/* Access units of nothing but empty NAL units: lengths of zero, whatever their size. */
static bool is_all_zero(struct bytes in)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.data[i] != 0)
            return false;
    }
    return true;
}

/* Extended headers: the seam for further codecs. Their payload is given out whole, behind
 * the FourCC. */
static struct rtmp_flv_tag read_extended(struct be_reader in, struct bytes body,
                                         unsigned packet_type)
{
    struct rtmp_flv_tag tag = {
        .kind =
            packet_type == EXTENDED_START ? RTMP_FLV_TAG_CONFIG : RTMP_FLV_TAG_FRAME,
        .codec = RTMP_CODEC_OTHER,
        .codec_id = be_read_u32(&in),
        .payload_at = body.len - in.rest.len,
    };
    bool carries = packet_type == EXTENDED_START || packet_type == EXTENDED_FRAMES ||
                   packet_type == EXTENDED_FRAMES_X;
    return carries && !in.failed && in.rest.len > 0 ? tag : nothing;
}

static struct rtmp_flv_tag read_avc(struct be_reader in, struct bytes body)
{
    uint8_t packet_type = be_read_u8(&in);
    struct rtmp_flv_tag tag = {
        .kind = packet_type == PACKET_CONFIG ? RTMP_FLV_TAG_CONFIG : RTMP_FLV_TAG_FRAME,
        .codec = RTMP_CODEC_H264,
        .codec_id = VIDEO_AVC,
        .cts_ms = be_read_i24(&in),
        .payload_at = body.len - in.rest.len,
    };
    if (in.failed || packet_type > PACKET_FRAME || is_all_zero(in.rest))
        return nothing;
    return tag;
}

struct rtmp_flv_tag rtmp_flv_tag_read_video(struct bytes body)
{
    struct be_reader in = be_reader_of(body);
    uint8_t first = be_read_u8(&in);
    unsigned frame_type = first >> 4 & 7;
    if (in.rest.len == 0 || frame_type == FRAME_COMMAND)
        return nothing;
    struct rtmp_flv_tag tag = {
        .kind = RTMP_FLV_TAG_FRAME,
        .codec = RTMP_CODEC_OTHER,
        .codec_id = first & 0x0f,
        .payload_at = 1,
    };
    if (first & VIDEO_EXTENDED)
        tag = read_extended(in, body, first & 0x0f);
    else if (tag.codec_id == VIDEO_AVC)
        tag = read_avc(in, body);
    if (tag.kind != RTMP_FLV_TAG_NOTHING)
        tag.key = frame_type == FRAME_KEY;
    return tag;
}

struct rtmp_flv_tag rtmp_flv_tag_read_audio(struct bytes body)
{
    struct be_reader in = be_reader_of(body);
    uint8_t first = be_read_u8(&in);
    unsigned format = first >> 4;
    if (in.rest.len == 0)
        return nothing;
    struct rtmp_flv_tag tag = {
        .kind = RTMP_FLV_TAG_FRAME,
        .codec = RTMP_CODEC_OTHER,
        .codec_id = format,
        .payload_at = 1,
    };
    if (format == AUDIO_EXTENDED) {
        tag = read_extended(in, body, first & 0x0f);
    } else if (format == AUDIO_AAC) {
        uint8_t packet_type = be_read_u8(&in);
        tag.kind =
            packet_type == PACKET_CONFIG ? RTMP_FLV_TAG_CONFIG : RTMP_FLV_TAG_FRAME;
        tag.codec = RTMP_CODEC_AAC;
        tag.payload_at = 2;
        if (packet_type > PACKET_FRAME || in.rest.len == 0)
            return nothing;
    }
    if (tag.kind != RTMP_FLV_TAG_NOTHING)
        tag.key = true;
    return tag;
}
