#include "server/rtmp/flv_tag.h"

#include "server/rtmp/codec.h"

enum { VIDEO_EXTENDED = 0x80, AUDIO_EXTENDED = 9 };

enum { FRAME_KEY = 1, FRAME_COMMAND = 5 };

/* Packet types of AVC, HEVC and AAC alike. */
enum { PACKET_CONFIG = 0, PACKET_FRAME = 1, PACKET_END = 2 };

/* Packet types of extended headers; those of one kind only have its name. */
enum {
    EXTENDED_START = 0,
    EXTENDED_FRAMES = 1,
    EXTENDED_END = 2,
    VIDEO_FRAMES_X = 3, /* without composition time */
    VIDEO_METADATA = 4,
    AUDIO_CHANNELS = 4, /* the codecs we carry tell this themselves */
    VIDEO_TS_START = 5, /* descriptors of MPEG-2 TS */
    AUDIO_MULTITRACK = 5,
    VIDEO_MULTITRACK = 6,
    EXTENDED_MODEX = 7,
};

enum { ONE_TRACK = 0, MANY_TRACKS = 1, MANY_TRACKS_MANY_CODECS = 2 };

enum { FOURCC_VVC = 0x76766331 };

/* Access units of nothing but empty NAL units: lengths of zero, whatever their size. */
static bool is_all_zero(struct bytes in)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.data[i] != 0)
            return false;
    }
    return true;
}

/* Steps over modifiers; each takes three bytes at least. */
static void skip_modifiers(struct rtmp_flv_tag_reader *reader)
{
    struct be_reader *in = &reader->in;
    while (reader->packet_type == EXTENDED_MODEX && !in->failed) {
        size_t len = 1 + (size_t)be_read_u8(in);
        if (len == 256)
            len = 1 + (size_t)be_read_u16(in);
        (void)be_read_bytes(in, len);
        reader->packet_type = be_read_u8(in) & 0x0f;
    }
}

static void set_codec(struct rtmp_flv_tag_reader *reader, struct rtmp_flv_tag *tag)
{
    tag->codec_id = be_read_u32(&reader->in);
    tag->codec = rtmp_codec_of_fourcc(reader->is_video, tag->codec_id);
}

/* The header in front of the tracks. */
static void begin_extended(struct rtmp_flv_tag_reader *reader, unsigned frame_type)
{
    unsigned multitrack = reader->is_video ? VIDEO_MULTITRACK : AUDIO_MULTITRACK;
    skip_modifiers(reader);
    reader->common.key = !reader->is_video || frame_type == FRAME_KEY;
    if (reader->is_video && frame_type == FRAME_COMMAND &&
        reader->packet_type != VIDEO_METADATA) {
        reader->is_done = true; /* a command to players */
        return;
    }
    if (reader->packet_type == multitrack) {
        uint8_t kinds = be_read_u8(&reader->in);
        reader->has_track_ids = true;
        reader->has_sizes = kinds >> 4 != ONE_TRACK;
        reader->has_fourccs = kinds >> 4 == MANY_TRACKS_MANY_CODECS;
        reader->packet_type = kinds & 0x0f;
        reader->is_broken =
            kinds >> 4 > MANY_TRACKS_MANY_CODECS || reader->packet_type == multitrack;
    }
    if (!reader->has_fourccs)
        set_codec(reader, &reader->common);
    reader->is_broken = reader->is_broken || reader->in.failed;
    reader->is_done = reader->is_broken;
}

struct rtmp_flv_tag_reader rtmp_flv_tag_reader_of(bool is_video, struct bytes body)
{
    struct rtmp_flv_tag_reader reader = {.in = be_reader_of(body),
                                         .is_video = is_video};
    reader.is_done = body.len == 0; /* silence, says Enhanced RTMP */
    if (reader.is_done)
        return reader;
    uint8_t first = be_read_u8(&reader.in);
    unsigned frame_type = first >> 4 & 7;
    reader.is_extended =
        is_video ? (first & VIDEO_EXTENDED) != 0 : first >> 4 == AUDIO_EXTENDED;
    reader.packet_type = first & 0x0f;
    if (reader.is_extended) {
        begin_extended(&reader, frame_type);
        return reader;
    }
    reader.common.codec_id = is_video ? first & 0x0f : first >> 4;
    reader.common.codec = rtmp_codec_of_flv_id(is_video, reader.common.codec_id);
    reader.common.key = !is_video || frame_type == FRAME_KEY;
    reader.is_done = is_video && frame_type == FRAME_COMMAND;
    return reader;
}

/* Takes all that is left. Codecs that we know have a packet type, pictures a composition
 * time behind it; of others the payload begins at once. */
static bool next_plain(struct rtmp_flv_tag_reader *reader, struct rtmp_flv_tag *tag)
{
    struct be_reader in = reader->in;
    reader->is_done = true;
    tag->kind = RTMP_FLV_TAG_FRAME;
    if (tag->codec != RTMP_CODEC_OTHER) {
        uint8_t packet_type = be_read_u8(&in);
        tag->kind =
            packet_type == PACKET_CONFIG ? RTMP_FLV_TAG_CONFIG : RTMP_FLV_TAG_FRAME;
        if (reader->is_video)
            tag->cts_ms = be_read_i24(&in);
        /* An end of sequence tells no more than the unpublish that follows it. */
        reader->is_broken = packet_type > PACKET_END;
        if (in.failed || packet_type >= PACKET_END)
            return false;
    }
    tag->payload = in.rest;
    return true;
}

static bool has_composition_time(const struct rtmp_flv_tag *tag)
{
    return tag->codec == RTMP_CODEC_H264 || tag->codec == RTMP_CODEC_HEVC ||
           tag->codec_id == FOURCC_VVC;
}

/* What the packet type makes of a track's bytes; false: nothing. */
static bool read_packet(struct rtmp_flv_tag_reader *reader, struct rtmp_flv_tag *tag)
{
    struct be_reader in = be_reader_of(tag->payload);
    switch (reader->packet_type) {
    case EXTENDED_START:
        tag->kind = RTMP_FLV_TAG_CONFIG;
        return true;
    case EXTENDED_FRAMES:
        tag->kind = RTMP_FLV_TAG_FRAME;
        if (reader->is_video && has_composition_time(tag))
            tag->cts_ms = be_read_i24(&in);
        tag->payload = in.rest;
        return !in.failed;
    case EXTENDED_END:
        tag->kind = RTMP_FLV_TAG_END;
        tag->payload = bytes_make(NULL, 0);
        return true;
    case VIDEO_FRAMES_X:
        tag->kind = RTMP_FLV_TAG_FRAME;
        reader->is_broken = reader->is_broken || !reader->is_video;
        return reader->is_video;
    case VIDEO_METADATA: /* and AUDIO_CHANNELS */
        tag->kind = RTMP_FLV_TAG_METADATA;
        return reader->is_video;
    case VIDEO_TS_START:
        return false;
    default:
        reader->is_broken = true;
        return false;
    }
}

/* The next track's share of the message. */
static bool next_track(struct rtmp_flv_tag_reader *reader, struct rtmp_flv_tag *tag)
{
    struct be_reader *in = &reader->in;
    if (reader->has_fourccs)
        set_codec(reader, tag);
    if (reader->has_track_ids)
        tag->track_id = be_read_u8(in);
    if (reader->has_sizes) {
        size_t len = be_read_u24(in);
        tag->payload = be_read_bytes(in, len);
        reader->n_tracks++;
    } else {
        tag->payload = in->rest;
        in->rest = bytes_make(NULL, 0);
    }
    bool too_many = in->rest.len > 0 && reader->n_tracks == RTMP_FLV_TAG_TRACKS_MAX;
    reader->is_broken = reader->is_broken || in->failed || too_many;
    reader->is_done = in->rest.len == 0 || reader->is_broken;
    return !in->failed && read_packet(reader, tag);
}

static bool carries(const struct rtmp_flv_tag *tag)
{
    bool nal_units = tag->codec == RTMP_CODEC_H264 || tag->codec == RTMP_CODEC_HEVC;
    if (tag->kind == RTMP_FLV_TAG_END)
        return true;
    if (tag->kind == RTMP_FLV_TAG_CONFIG && tag->codec == RTMP_CODEC_OPUS)
        return true; /* an empty one means plain mono or stereo */
    return tag->payload.len > 0 && !(nal_units && is_all_zero(tag->payload));
}

bool rtmp_flv_tag_next(struct rtmp_flv_tag_reader *reader, struct rtmp_flv_tag *ret_tag)
{
    while (!reader->is_done) {
        struct rtmp_flv_tag tag = reader->common;
        bool is_one =
            reader->is_extended ? next_track(reader, &tag) : next_plain(reader, &tag);
        if (is_one && carries(&tag)) {
            *ret_tag = tag;
            return true;
        }
    }
    return false;
}
