/* What the server says in the RTMP dialogue, byte for byte. Each reply is smaller than the
 * chunk size that is announced before the first of them, so it is one chunk; some encoders
 * read the server's messages while sending and must not wait for the rest of one.
 *
 * Pure: writes to a builder. No reply names keys, processes or versions of ours. */
#ifndef RTMP_REPLY_H
#define RTMP_REPLY_H

#include <stdint.h>

struct builder;

enum {
    RTMP_REPLY_CHUNK_SIZE = 65536,
    RTMP_REPLY_WINDOW = 2500000, /* bytes between acknowledgements, both ways */
    RTMP_REPLY_STREAM_ID = 1,    /* the only message stream of a connection */
};

/* Window, bandwidth and chunk size, then the success of connect. */
void rtmp_reply_connected(struct builder *out, double transaction);
/* _error of connect, with NetConnection.Connect.Rejected. */
void rtmp_reply_rejected(struct builder *out, double transaction,
                         const char *description);
void rtmp_reply_result(struct builder *out, double transaction); /* null, undefined */
void rtmp_reply_stream_created(struct builder *out, double transaction);
void rtmp_reply_call_failed(struct builder *out, double transaction);
/* onFCPublish, onFCUnpublish: on message stream 0, elsewhere phones give up. */
void rtmp_reply_fc(struct builder *out, const char *name, const char *code);
void rtmp_reply_status(struct builder *out, uint32_t stream_id, const char *level,
                       const char *code, const char *description);
void rtmp_reply_acknowledgement(struct builder *out, uint32_t n_bytes);
void rtmp_reply_pong(struct builder *out, uint32_t stamp);

#endif
