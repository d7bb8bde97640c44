#include "tests/kit/encoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/socket.h>

#include "core/builder.h"
#include "core/err.h"
#include "tests/unit/packager/clip.h"

enum {
    ENCODER_CLIP_MS = 3003, /* 90 frames of 29.97 a second */
    ENCODER_TAG_MAX = 1 << 20,
    ENCODER_READ = 65536,
    ENCODER_CHUNK = 4096,
};

static void write_all(struct encoder *encoder, struct bytes rest)
{
    while (rest.len > 0) {
        ssize_t n = send(encoder->fd, rest.data, rest.len, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* cut off */
        rest = bytes_from(rest, (size_t)n);
    }
}

void encoder_flush(struct encoder *encoder)
{
    struct buf *out = rtmp_client_take_output(encoder->client);
    write_all(encoder, buf_bytes(out));
    buf_unref(out);
}

/* False: the server has closed. */
static bool receive(struct encoder *encoder)
{
    static _Thread_local uint8_t buffer[ENCODER_READ];
    ssize_t n = recv(encoder->fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno != ECONNRESET)
        fail_msg("the server says nothing");
    if (n <= 0)
        return false;
    assert_return_code(
        rtmp_client_feed(encoder->client, bytes_make(buffer, (size_t)n), NULL), 0);
    return true;
}

/* Takes the connection. */
static void create(struct encoder *encoder, int fd, const char *key)
{
    static const uint8_t random[1536];
    struct rtmp_client_config config = {.app = "live",
                                        .tc_url = "rtmp://localhost/live",
                                        .key = key,
                                        .chunk_size = ENCODER_CHUNK};
    *encoder = (struct encoder){.fd = fd};
    encoder->client = rtmp_client_create(&config, bytes_make(random, sizeof random));
    encoder->clip = clip_load();
}

/* Up to the state, or the end of the connection. */
static void converse(struct encoder *encoder, enum rtmp_client_state until)
{
    do
        encoder_flush(encoder);
    while (rtmp_client_get_state(encoder->client) < until && receive(encoder));
    encoder_flush(encoder);
}

void encoder_await_state(struct encoder *encoder, enum rtmp_client_state state)
{
    converse(encoder, state);
    assert_int_equal(encoder_state(encoder), state);
}

void encoder_open(struct encoder *encoder, struct house *house, unsigned lane,
                  const char *key)
{
    create(encoder, house_dial_rtmp(house, lane), key);
    converse(encoder, RTMP_CLIENT_PUBLISHING);
}

void encoder_open_from(struct encoder *encoder, struct house *house, unsigned lane,
                       const char *key, const char *address)
{
    encoder_begin_from(encoder, house, lane, key, address, RTMP_CLIENT_PUBLISHING);
}

void encoder_begin_from(struct encoder *encoder, struct house *house, unsigned lane,
                        const char *key, const char *address,
                        enum rtmp_client_state until)
{
    create(encoder, house_dial_rtmp_from(house, lane, address), key);
    converse(encoder, until);
}

void encoder_await_answer(struct encoder *encoder)
{
    converse(encoder, RTMP_CLIENT_PUBLISHING);
}

void encoder_begin(struct encoder *encoder, struct house *house, unsigned lane,
                   const char *key, enum rtmp_client_state until)
{
    create(encoder, house_dial_rtmp(house, lane), key);
    converse(encoder, until);
}

void encoder_open_eagerly(struct encoder *encoder, struct house *house, unsigned lane,
                          const char *key, uint32_t ms)
{
    struct builder ahead;
    create(encoder, house_dial_rtmp(house, lane), key);
    while (rtmp_client_get_state(encoder->client) < RTMP_CLIENT_CREATING) {
        encoder_flush(encoder);
        assert_true(receive(encoder));
    }
    encoder_flush(encoder);
    while (rtmp_client_get_state(encoder->client) < RTMP_CLIENT_ASKING)
        assert_true(receive(encoder));
    /* publish and what follows leave as one write. */
    builder_init(&ahead, ENCODER_TAG_MAX);
    struct buf *publish = rtmp_client_take_output(encoder->client);
    builder_put(&ahead, buf_bytes(publish));
    buf_unref(publish);
    encoder->ahead = &ahead;
    encoder_send_headers(encoder);
    encoder_send_until(encoder, ms);
    encoder->ahead = NULL;
    write_all(encoder, builder_bytes(&ahead));
    builder_finish(&ahead);
    converse(encoder, RTMP_CLIENT_PUBLISHING);
}

void encoder_publish_again(struct encoder *encoder, const char *key)
{
    rtmp_client_publish_again(encoder->client, key);
    converse(encoder, RTMP_CLIENT_PUBLISHING);
}

void encoder_close(struct encoder *encoder)
{
    if (!encoder->client)
        return;
    (void)close(encoder->fd);
    rtmp_client_destroy(encoder->client);
    clip_free(encoder->clip);
    *encoder = (struct encoder){.fd = -1};
}

enum rtmp_client_state encoder_state(const struct encoder *encoder)
{
    return rtmp_client_get_state(encoder->client);
}

const char *encoder_status(const struct encoder *encoder)
{
    return rtmp_client_status(encoder->client);
}

enum { VIDEO_ENHANCED = 0x80, VIDEO_MULTITRACK = 6 };

/* E-RTMP 2: OneTrack of H.264, or as FLV 10 has it. */
static void put_video_tag(const struct encoder *encoder, const struct clip_frame *frame,
                          bool config, struct builder *tag)
{
    if (encoder->video_track > 0) {
        unsigned type = frame->key ? 0x10 : 0x20;
        builder_u8(tag, (uint8_t)(VIDEO_ENHANCED | type | VIDEO_MULTITRACK));
        builder_u8(tag, config ? 0 : 1);
        builder_text(tag, "avc1");
        builder_u8(tag, encoder->video_track);
        if (!config)
            builder_u24(tag, (uint32_t)frame->cts_ms & 0xffffff);
        return;
    }
    builder_u8(tag, frame->key ? 0x17 : 0x27);
    builder_u8(tag, config ? 0 : 1);
    builder_u24(tag, (uint32_t)frame->cts_ms & 0xffffff);
}

static void put_audio_tag(bool config, struct builder *tag)
{
    builder_u8(tag, 0xaf);
    builder_u8(tag, config ? 0 : 1);
}

static void send_tag(struct encoder *encoder, const struct clip_frame *frame,
                     bool config)
{
    struct builder tag;
    bool is_video = frame->kind == TRACK_VIDEO;
    builder_init(&tag, ENCODER_TAG_MAX);
    if (is_video)
        put_video_tag(encoder, frame, config, &tag);
    else
        put_audio_tag(config, &tag);
    builder_put(&tag, buf_bytes(frame->data));
    uint8_t type = is_video ? 9 : 8;
    if (encoder->ahead)
        rtmp_client_write_chunks(encoder->ahead, ENCODER_CHUNK, type, frame->stamp_ms,
                                 builder_bytes(&tag));
    else
        rtmp_client_send(encoder->client, type, frame->stamp_ms, builder_bytes(&tag));
    builder_finish(&tag);
}

static bool leaves_out(const struct encoder *encoder, enum track_kind kind)
{
    return kind == TRACK_VIDEO ? encoder->no_video : encoder->no_audio;
}

void encoder_send_headers(struct encoder *encoder)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct clip_frame header = {.kind = (enum track_kind)kind,
                                    .key = true,
                                    .stamp_ms = encoder->round_ms,
                                    .data = encoder->clip->tracks[kind]->config};
        if (!leaves_out(encoder, header.kind))
            send_tag(encoder, &header, true);
    }
    encoder_flush(encoder);
}

void encoder_send_until(struct encoder *encoder, uint32_t ms)
{
    for (;;) {
        struct clip_frame frame = encoder->clip->frames[encoder->next];
        frame.stamp_ms += encoder->round_ms;
        if (frame.stamp_ms >= ms)
            break;
        if (encoder->stamps_stand)
            frame.stamp_ms = 0;
        if (!leaves_out(encoder, frame.kind))
            send_tag(encoder, &frame, false);
        if (++encoder->next == encoder->clip->n_frames) {
            encoder->next = 0;
            encoder->round_ms += ENCODER_CLIP_MS;
        }
    }
    encoder_flush(encoder);
}

void encoder_stop(struct encoder *encoder)
{
    rtmp_client_stop(encoder->client);
    encoder_flush(encoder);
}

void encoder_await_end(struct encoder *encoder)
{
    while (receive(encoder))
        continue;
}

void encoder_go_live(struct encoder *encoder, struct house *house, const char *key,
                     uint32_t ms)
{
    encoder_open(encoder, house, 0, key);
    assert_int_equal(encoder_state(encoder), RTMP_CLIENT_PUBLISHING);
    encoder_send_headers(encoder);
    encoder_send_until(encoder, ms);
}
