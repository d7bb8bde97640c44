#include "tests/sim/feed.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"

/* 1280x720, High 3.1, two B-frames: made by x264. */
static const uint8_t avcc[] = {
    0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x1f,
    0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
    0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60, 0x01, 0x00,
    0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};

static const uint32_t rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350};

static struct track *sound_track(uint32_t sample_rate, uint32_t frame_samples)
{
    unsigned index = 0;
    while (rates[index] != sample_rate)
        index++;
    /* AAC-LC, stereo; frameLengthFlag for 960. */
    unsigned bits = 2U << 11 | index << 7 | 2U << 3 | (frame_samples == 960 ? 4U : 0);
    uint8_t config[2] = {(uint8_t)(bits >> 8), (uint8_t)bits};
    struct buf *buf = buf_copy(bytes_make(config, sizeof config));
    struct track *track = NULL;
    require(media_track_create(TRACK_AAC, buf, &track, NULL) == 0);
    buf_unref(buf);
    return track;
}

static struct track *opus_track(uint32_t frame_samples)
{
    static const char head[] = "OpusHead\1\2\x38\1\x80\xbb\0\0\0\0";
    struct buf *buf = buf_copy(bytes_make(head, sizeof head));
    struct track *track = NULL;
    require(media_track_create(TRACK_OPUS, buf, &track, NULL) == 0);
    buf_unref(buf);
    struct track *framed = media_track_with_frame(track, frame_samples);
    media_track_unref(track);
    return framed;
}

void feed_init(struct feed *feed, const struct feed_config *config)
{
    *feed = (struct feed){.config = *config, .random = 1};
    if (feed->config.opus)
        feed->config.sample_rate = 48000;
    if (feed->config.opus && feed->config.frame_samples == 0)
        feed->config.frame_samples = 960;
    if (feed->config.sample_rate == 0)
        feed->config.sample_rate = 44100;
    if (feed->config.frame_samples == 0)
        feed->config.frame_samples = 1024;
    if (feed->config.frame_bytes == 0)
        feed->config.frame_bytes = 200;
    if (config->video) {
        struct buf *buf = buf_copy(bytes_make(avcc, sizeof avcc));
        require(media_track_create(TRACK_H264, buf, &feed->tracks[TRACK_VIDEO], NULL) ==
                0);
        buf_unref(buf);
    }
    if (config->audio)
        feed->tracks[TRACK_AUDIO] =
            config->opus
                ? opus_track(feed->config.frame_samples)
                : sound_track(feed->config.sample_rate, feed->config.frame_samples);
}

void feed_finish(struct feed *feed)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        media_track_unref(feed->tracks[kind]);
    media_packet_finish(&feed->again);
}

size_t feed_tracks(const struct feed *feed, struct packager_track ret[RENDITIONS_MAX])
{
    size_t n = 0;
    for (unsigned i = 0; i <= feed->config.n_more; i++)
        for (int kind = 0; kind < TRACK_KINDS; kind++)
            if (feed->tracks[kind])
                ret[n++] = (struct packager_track){.track = feed->tracks[kind]};
    return n;
}

struct track *feed_track(const struct feed *feed, enum track_kind kind)
{
    return feed->tracks[kind];
}

static uint32_t next_random(struct feed *feed)
{
    feed->random = feed->random * 1664525 + 1013904223;
    return feed->random >> 16;
}

static struct buf *payload(enum track_kind kind, uint64_t n, size_t size)
{
    uint8_t *data = alloc_zero(size + BUF_PADDING);
    uint8_t head[13] = {0, 0, 0, 0, kind == TRACK_VIDEO ? 0x65 : 0x21};
    for (int i = 0; i < 4; i++)
        head[i] = (uint8_t)((size - 4) >> (24 - 8 * i));
    for (int i = 0; i < 8; i++)
        head[5 + i] = (uint8_t)(n >> (8 * i));
    memcpy(data, head, sizeof head);
    return buf_adopt(data, size);
}

static int64_t picture_ms(const struct feed *feed, uint64_t n)
{
    const struct feed_config *c = &feed->config;
    return c->base_ms +
           (int64_t)((n * 1000 * c->fps_den + c->fps_num / 2) / c->fps_num);
}

/* Where the next frame of sound begins. */
static int64_t sound_ticks(const struct feed *feed)
{
    const struct feed_config *c = &feed->config;
    return media_packet_rescale(c->base_ms, 1000, c->sample_rate) + feed->sound_end;
}

static struct packet make_picture(struct feed *feed)
{
    const struct feed_config *c = &feed->config;
    uint64_t n = feed->n[TRACK_VIDEO]++;
    int64_t ms = picture_ms(feed, n);
    if (c->jitter_ms > 0)
        ms += next_random(feed) % (c->jitter_ms + 1);
    bool key = c->is_key ? c->is_key(n) : n % c->gop_frames == 0;
    size_t size = c->size_of ? c->size_of(n) : c->frame_bytes;
    if (key)
        size *= 4;
    return (struct packet){
        .kind = TRACK_VIDEO,
        .dts = ms * 90,
        .pts =
            (ms + c->reorder_ms + (!key && c->reorder_ms > 0 ? (int64_t)(n % 3) : 0)) *
            90,
        .key = key,
        .data = payload(TRACK_VIDEO, n, size),
    };
}

static struct packet make_sound(struct feed *feed)
{
    uint64_t n = feed->n[TRACK_AUDIO]++;
    int64_t ticks = sound_ticks(feed);
    feed->sound_end += feed->config.samples_of ? feed->config.samples_of(n)
                                               : feed->config.frame_samples;
    return (struct packet){
        .kind = TRACK_AUDIO,
        .dts = ticks,
        .pts = ticks,
        .key = true,
        .data = payload(TRACK_AUDIO, n, 100),
    };
}

/* The same for the next track of its kind. */
static bool take_again(struct feed *feed, struct packet *ret_packet, int64_t *ret_ms)
{
    if (!feed->again.data)
        return false;
    *ret_packet = feed->again;
    *ret_ms = feed->again_ms;
    feed->again = (struct packet){0};
    return true;
}

static void keep_again(struct feed *feed, const struct packet *packet, int64_t ms)
{
    if (packet->index == feed->config.n_more)
        return;
    feed->again = *packet;
    feed->again.index++;
    (void)buf_ref(packet->data);
    feed->again_ms = ms;
}

void feed_next(struct feed *feed, struct packet *ret_packet, int64_t *ret_ms)
{
    const struct feed_config *c = &feed->config;
    for (;;) {
        if (take_again(feed, ret_packet, ret_ms)) {
            keep_again(feed, ret_packet, *ret_ms);
            if (!c->is_lost || !c->is_lost(ret_packet, *ret_ms))
                break;
            media_packet_finish(ret_packet);
            continue;
        }
        int64_t video_ms =
            c->video ? picture_ms(feed, feed->n[TRACK_VIDEO]) : INT64_MAX;
        int64_t sound_ms = INT64_MAX;
        if (c->audio)
            sound_ms = media_packet_rescale(sound_ticks(feed), c->sample_rate, 1000) -
                       c->audio_ahead_ms;
        *ret_ms = video_ms <= sound_ms ? video_ms : sound_ms;
        *ret_packet = video_ms <= sound_ms ? make_picture(feed) : make_sound(feed);
        keep_again(feed, ret_packet, *ret_ms);
        if (!c->is_lost || !c->is_lost(ret_packet, *ret_ms))
            break;
        media_packet_finish(ret_packet);
    }
    if (c->arrives_ms)
        *ret_ms = c->arrives_ms(*ret_ms);
}
