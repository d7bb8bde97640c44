/* A publishing RTMP client without I/O, for benchmarks and simulations: plain handshake,
 * then connect, releaseStream, FCPublish, createStream and publish, one after the other
 * like the encoders do; after that FLV tags in chunks.
 *
 * Ownership: create/destroy. Threads: one at a time. Time: none.
 * Errors:    ERR_PROTO for a server we do not understand; a refusal is a state. */
#ifndef BENCH_RTMP_CLIENT_H
#define BENCH_RTMP_CLIENT_H

#include "core/bytes.h"

struct buf;
struct builder;
struct err;
struct rtmp_client;

enum rtmp_client_state {
    RTMP_CLIENT_HANDSHAKE,  /* C0 and C1 are in the output, S2 is awaited */
    RTMP_CLIENT_CONNECTING, /* connect is out */
    RTMP_CLIENT_CREATING,   /* createStream and what goes with it is out */
    RTMP_CLIENT_ASKING,     /* publish is out */
    RTMP_CLIENT_PUBLISHING, /* NetStream.Publish.Start has come */
    RTMP_CLIENT_REFUSED,    /* an error status has come */
};

struct rtmp_client_config {
    const char *app;
    const char *tc_url;
    const char *key;
    uint32_t chunk_size; /* ours; OBS has 4096 */
};

/* The texts of config are copied. random: at least 1,536 bytes. */
struct rtmp_client *rtmp_client_create(const struct rtmp_client_config *config,
                                       struct bytes random);
void rtmp_client_destroy(struct rtmp_client *client); /* NULL: nothing */
int rtmp_client_feed(struct rtmp_client *client, struct bytes in, struct err *err);
enum rtmp_client_state rtmp_client_get_state(const struct rtmp_client *client);
/* Description of the last onStatus; "" before. Valid until the next feed. */
const char *rtmp_client_status(const struct rtmp_client *client);

/* One message while publishing: type 8 audio, 9 video, 18 data; body as in an FLV tag. */
void rtmp_client_send(struct rtmp_client *client, uint8_t type, uint32_t stamp_ms,
                      struct bytes body);
void rtmp_client_stop(struct rtmp_client *client); /* FCUnpublish and deleteStream */
/* Behind a stop: the same connection publishes with another key, from createStream on. */
void rtmp_client_publish_again(struct rtmp_client *client, const char *key);
/* What is to be sent; the reference is the caller's; NULL when nothing. */
struct buf *rtmp_client_take_output(struct rtmp_client *client);

/* The same message as chunks, for senders that keep them: the stamp is the three bytes at
 * RTMP_CLIENT_STAMP_AT, which holds for stamps below 0xffffff. */
enum { RTMP_CLIENT_STAMP_AT = 1, RTMP_CLIENT_HEADER = 12 };
void rtmp_client_write_chunks(struct builder *out, uint32_t chunk_size, uint8_t type,
                              uint32_t stamp_ms, struct bytes body);

#endif
