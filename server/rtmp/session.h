/* One publisher's RTMP conversation, from C0 to the last message, without I/O: bytes and
 * the time go in, events and bytes come out. (Adobe "RTMP specification" 1.0.)
 *
 * After RTMP_EVENT_PUBLISH the owner decides: rtmp_session_accept() or _refuse(); until
 * then no media event is given out and the peer's bytes wait, bounded.
 *
 * Ownership: create/destroy. Bufs in an event carry one reference, the caller's:
 *   rtmp_session_event_finish().
 * Threads:   none of its own; one thread at a time; may move between threads.
 * Time:      now_ms is monotonic and passed in; the session reads no clock.
 * Errors:    ERR_PROTO, the peer broke the protocol; ERR_LIMIT, a limit was passed or a
 *   deadline missed. After an error feed() returns it again; events and output from
 *   before it can still be taken.
 * Limits:    struct rtmp_limits; nothing grows past them. */
#ifndef RTMP_SESSION_H
#define RTMP_SESSION_H

#include "core/bytes.h"

struct buf;
struct err;
struct rtmp_session;

struct rtmp_limits {
    uint32_t media_message_max;   /* 8 MiB: a 4K key frame with room */
    uint32_t command_message_max; /* 64 KiB: metadata of any encoder */
    uint32_t partial_total_max;   /* 16 MiB of half-received messages, as they arrive */
    uint32_t chunk_streams_max;   /* 64: encoders use under ten; 256 at most */
    uint32_t before_publish_max;  /* 64 KiB of input until the publish is accepted */
    int64_t handshake_ms;         /* 5 s */
    int64_t publish_ms;           /* 10 s from the handshake's end to publish */
    int64_t verdict_ms;           /* 10 s from publish to the owner's answer */
    int64_t first_media_ms;       /* 20 s from Publish.Start */
    int64_t idle_ms;              /* 10 s without a byte */
};
extern const struct rtmp_limits rtmp_session_default_limits;

/* What ended a session with ERR_LIMIT. */
enum rtmp_limit {
    RTMP_LIMIT_NONE,
    RTMP_LIMIT_MEDIA_MESSAGE,
    RTMP_LIMIT_COMMAND_MESSAGE,
    RTMP_LIMIT_PARTIAL_MESSAGES,
    RTMP_LIMIT_CHUNK_STREAMS,
    RTMP_LIMIT_BEFORE_PUBLISH,
    RTMP_LIMIT_HANDSHAKE,
    RTMP_LIMIT_PUBLISH,
    RTMP_LIMIT_VERDICT,
    RTMP_LIMIT_FIRST_MEDIA,
    RTMP_LIMIT_IDLE,
    RTMP_LIMIT_ANSWERS, /* more of them in one turn than are kept */
    RTMP_LIMIT_OTHER,   /* a text of connect or publish, or no memory */
};

/* What publish asks for, taken apart by the rule of docs/INGEST.md (app, key, query). */
enum { RTMP_APP_MAX = 2048, RTMP_KEY_MAX = 4096 };
struct rtmp_publish {
    char *app;   /* without query */
    char *key;   /* the stream key: a secret, never logged */
    char *query; /* merged: tcUrl, app, name; later ones win; without '?' */
    /* flashVer, or the metadata's encoder later; printable, <= 64 bytes */
    char *encoder;
    uint32_t caps; /* enum rtmp_caps: what connect said the client can do */
};

/* Bits of capsEx (Enhanced RTMP v2, "Enhancing NetConnection connect Command"). */
enum rtmp_caps {
    RTMP_CAPS_RECONNECT = 1,
    RTMP_CAPS_MULTITRACK = 2,
    RTMP_CAPS_MODEX = 4,
    RTMP_CAPS_NANO_OFFSET = 8,
};

enum rtmp_codec {
    RTMP_CODEC_H264, /* configuration: avcC */
    RTMP_CODEC_HEVC, /* hvcC */
    RTMP_CODEC_AV1,  /* av1C */
    RTMP_CODEC_VP9,  /* VPCodecConfigurationRecord; some put vpcC's version before it */
    RTMP_CODEC_AAC,  /* AudioSpecificConfig */
    RTMP_CODEC_OPUS, /* the ID header of RFC 7845, 5.1, from its "OpusHead" on */
    RTMP_CODEC_OTHER,
};

struct rtmp_media {
    uint32_t stamp_ms; /* as on the wire */
    int32_t cts_ms;    /* video: signed composition time */
    enum rtmp_codec codec;
    uint32_t codec_id; /* OTHER: FLV codec id or FourCC, for the words of a refusal */
    uint8_t track_id;  /* 0: the default track; others are multitrack */
    bool key;
    struct buf *data; /* configuration record, or one access unit */
};

/* The volume of the display on which the colours were made, in the units of the box mdcv
 * (ISO/IEC 14496-12): chromaticity in 0.00002, luminance in 0.0001 cd/m2. */
struct rtmp_mastering {
    uint16_t red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y;
    uint32_t luminance_max, luminance_min;
};

/* The colour of one video track from its next picture on; it replaces what was told
 * before. Primaries, transfer and matrix are numbers of ISO/IEC 23091-2, 2: not said. */
struct rtmp_color {
    uint8_t track_id;
    uint8_t primaries, transfer, matrix;
    uint8_t bit_depth; /* 0: not said */
    bool has_cll, has_mastering;
    uint16_t max_cll, max_fall; /* cd/m2 */
    struct rtmp_mastering mastering;
};

enum rtmp_event_type {
    RTMP_EVENT_PUBLISH,      /* answer with accept or refuse */
    RTMP_EVENT_METADATA,     /* onMetaData came */
    RTMP_EVENT_VIDEO_CONFIG, /* sequence header; repeated ones are given out too */
    RTMP_EVENT_VIDEO,
    RTMP_EVENT_AUDIO_CONFIG, /* the same of sound */
    RTMP_EVENT_AUDIO,
    RTMP_EVENT_VIDEO_COLOR, /* colorInfo of Enhanced RTMP */
    RTMP_EVENT_TRACK_END,   /* this track has ended, others may go on */
    RTMP_EVENT_DATA,      /* another data message: name and the AMF0 values behind it */
    RTMP_EVENT_UNPUBLISH, /* the encoder stopped in good order */
};

enum {
    RTMP_METADATA_NUMBER_MAX = 1000000, /* more is no size, rate or bitrate */
    RTMP_METADATA_TRACKS_MAX = 8,       /* of one kind; further ones are not told */
};

/* What audioTrackIdInfoMap says of one track. */
struct rtmp_metadata_track {
    uint8_t track_id;
    char language[16]; /* BCP 47 in form; empty: not said */
};

struct rtmp_metadata {
    bool has_audio, has_video; /* announced: an audiocodecid / videocodecid is there */
    /* Tracks announced, the default one included; 0 when none is. */
    uint8_t n_video_tracks, n_audio_tracks;
    struct rtmp_metadata_track audio_tracks[RTMP_METADATA_TRACKS_MAX];
    /* 0: not said, or not in 0 to RTMP_METADATA_NUMBER_MAX */
    double width, height, frame_rate, video_kbps, audio_kbps;
    char encoder[65];
};

struct rtmp_event {
    enum rtmp_event_type type;
    union {
        struct rtmp_publish publish;
        struct rtmp_metadata metadata;
        struct rtmp_media media;
        struct rtmp_color color;
        struct {
            bool is_video;
            uint8_t track_id;
        } track_end;
        struct {
            uint32_t stamp_ms;
            char name[65];
            struct buf *values; /* AMF0 */
        } data;
    };
};

struct rtmp_session_stats {
    uint64_t bytes_in;
    uint64_t n_messages;
    uint64_t n_unknown;   /* messages and events ignored */
    uint64_t n_restarted; /* partial messages dropped because a new one began */
};

/* random: at least 1,536 bytes for S1, read during the call. limits: NULL for the defaults. */
struct rtmp_session *rtmp_session_create(const struct rtmp_limits *limits,
                                         struct bytes random, int64_t now_ms);
void rtmp_session_destroy(struct rtmp_session *session); /* NULL: nothing */

/* Takes all of in. Returns 0, or -ERR_PROTO or -ERR_LIMIT with the words in err. With no
 * bytes: looks at the deadlines only. */
int rtmp_session_feed(struct rtmp_session *session, struct bytes in, int64_t now_ms,
                      struct err *err);
/* Moves the next event into ret_event; false when there is none. */
bool rtmp_session_next(struct rtmp_session *session, struct rtmp_event *ret_event);
void rtmp_session_event_finish(struct rtmp_event *event);

/* NetStream.Publish.Start, at once. */
void rtmp_session_accept(struct rtmp_session *session, int64_t now_ms);
/* NetStream.Publish.BadName with a sentence for a human (ASCII, <= 200 bytes); the owner
 * sends the output and closes. Also later, when a running publisher is cut off. */
void rtmp_session_refuse(struct rtmp_session *session, const char *sentence);
/* For a connection that is not wanted at all, said before its connect has come: connect is
 * answered with _error and NetConnection.Connect.Rejected, and feed() then fails with
 * ERR_CLOSED and the sentence as words; the owner sends the output and closes at once,
 * because encoders wait for that. After connect: as rtmp_session_refuse(). */
void rtmp_session_refuse_connect(struct rtmp_session *session, const char *sentence);
/* NetConnection.Connect.ReconnectRequest: asks a client that can to come again, and goes
 * on with it until it leaves. False, and nothing is sent, for clients that did not tell
 * RTMP_CAPS_RECONNECT, and before connect. */
bool rtmp_session_ask_reconnect(struct rtmp_session *session, const char *sentence);

/* What waits to be sent, as one buf whose reference is the caller's; NULL when nothing. */
struct buf *rtmp_session_take_output(struct rtmp_session *session);
/* When feed() must be called again at the latest, be it with no bytes; INT64_MAX: never. */
int64_t rtmp_session_deadline_ms(const struct rtmp_session *session);
/* NONE until feed() fails with ERR_LIMIT. */
enum rtmp_limit rtmp_session_limit(const struct rtmp_session *session);
struct rtmp_session_stats rtmp_session_get_stats(const struct rtmp_session *session);

#endif
