/* An encoder that publishes the recorded clip over and over, as fast as the server takes
 * it: media time passes without anybody waiting.
 *
 * Ownership: open/close. Threads: one at a time. */
#ifndef TESTS_KIT_ENCODER_H
#define TESTS_KIT_ENCODER_H

#include "tests/bench/rtmp_client.h"
#include "tests/kit/house.h"

struct clip;

struct encoder {
    int fd;
    struct rtmp_client *client;
    struct clip *clip;
    size_t next;       /* frame of the clip */
    uint32_t round_ms; /* added to its stamps */
    bool no_audio, no_video;
    bool stamps_stand;     /* all are 0 */
    uint8_t video_track;   /* its pictures' number; 0: as of an encoder that has one */
    struct builder *ahead; /* where tags go instead, before the publish is answered */
};

/* Says all it has to say to get on air with the key, up to the answer. */
void encoder_open(struct encoder *encoder, struct house *house, unsigned lane,
                  const char *key);
/* Reads on until the publish is answered. */
void encoder_await_answer(struct encoder *encoder);
/* The same from an address such as "192.0.2.1". */
void encoder_open_from(struct encoder *encoder, struct house *house, unsigned lane,
                       const char *key, const char *address);
void encoder_begin_from(struct encoder *encoder, struct house *house, unsigned lane,
                        const char *key, const char *address,
                        enum rtmp_client_state until);
/* The same, but only as far as a state, and without the answer to what it says there. */
void encoder_begin(struct encoder *encoder, struct house *house, unsigned lane,
                   const char *key, enum rtmp_client_state until);
/* As encoder_open(), with headers and media up to ms sent behind the publish before there
 * is an answer. */
void encoder_open_eagerly(struct encoder *encoder, struct house *house, unsigned lane,
                          const char *key, uint32_t ms);
void encoder_close(struct encoder *encoder); /* drops the connection; twice: nothing */
enum rtmp_client_state encoder_state(const struct encoder *encoder);
/* The server's last words. */
const char *encoder_status(const struct encoder *encoder);

/* Both sequence headers, then frames up to ms of media. */
void encoder_send_headers(struct encoder *encoder);
void encoder_send_until(struct encoder *encoder, uint32_t ms);
void encoder_stop(struct encoder *encoder); /* FCUnpublish, the connection stays */
/* Behind a stop: publishes on the same connection, up to the answer. */
void encoder_publish_again(struct encoder *encoder, const char *key);
/* Reads until the client is so far, or the server closes. */
void encoder_await_state(struct encoder *encoder, enum rtmp_client_state state);
/* Reads until the server closes; the words before are in encoder_status(). */
void encoder_await_end(struct encoder *encoder);
/* Writes what the client has to say. */
void encoder_flush(struct encoder *encoder);

/* On air on whatever lane: headers, and media up to ms. */
void encoder_go_live(struct encoder *encoder, struct house *house, const char *key,
                     uint32_t ms);

#endif
