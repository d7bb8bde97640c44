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
    int64_t first_media_ms;       /* 20 s from Publish.Start */
    int64_t idle_ms;              /* 10 s without a byte */
};
extern const struct rtmp_limits rtmp_session_default_limits;

/* What publish asks for, taken apart by the rule of docs/INGEST.md (app, key, query). */
enum { RTMP_APP_MAX = 2048, RTMP_KEY_MAX = 4096 };
struct rtmp_publish {
    char *app;   /* without query */
    char *key;   /* the stream key: a secret, never logged */
    char *query; /* merged: tcUrl, app, name; later ones win; without '?' */
    char *
        encoder; /* flashVer, or the metadata's encoder later; printable, <= 64 bytes */
};

enum rtmp_codec { RTMP_CODEC_H264, RTMP_CODEC_AAC, RTMP_CODEC_OTHER };

struct rtmp_media {
    uint32_t stamp_ms; /* as on the wire */
    int32_t cts_ms;    /* video: signed composition time */
    enum rtmp_codec codec;
    uint32_t codec_id; /* OTHER: FLV codec id or FourCC, for the words of a refusal */
    bool key;
    struct buf *data; /* configuration record, or one access unit */
};

enum rtmp_event_type {
    RTMP_EVENT_PUBLISH,      /* answer with accept or refuse */
    RTMP_EVENT_METADATA,     /* onMetaData came */
    RTMP_EVENT_VIDEO_CONFIG, /* sequence header (avcC); repeated ones are given out too */
    RTMP_EVENT_VIDEO,
    RTMP_EVENT_AUDIO_CONFIG, /* AudioSpecificConfig */
    RTMP_EVENT_AUDIO,
    RTMP_EVENT_DATA,      /* another data message: name and the AMF0 values behind it */
    RTMP_EVENT_UNPUBLISH, /* the encoder stopped in good order */
};

enum { RTMP_METADATA_NUMBER_MAX = 1000000 }; /* more is no size, rate or bitrate */

struct rtmp_metadata {
    bool has_audio, has_video; /* announced: an audiocodecid / videocodecid is there */
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

/* What waits to be sent, as one buf whose reference is the caller's; NULL when nothing. */
struct buf *rtmp_session_take_output(struct rtmp_session *session);
/* When feed() must be called again at the latest, be it with no bytes; INT64_MAX: never. */
int64_t rtmp_session_deadline_ms(const struct rtmp_session *session);
struct rtmp_session_stats rtmp_session_get_stats(const struct rtmp_session *session);

#endif
