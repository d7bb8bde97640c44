#include "tests/unit/server/rtmp/run.h"

#include <string.h>

#include "core/buf.h"
#include "core/require.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

void run_init_limits(struct run *run, const struct rtmp_limits *limits)
{
    uint8_t random[1536];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)(i * 11 + i / 200);
    *run = (struct run){.now_ms = RUN_NOW_MS};
    run->session =
        rtmp_session_create(limits, bytes_make(random, sizeof random), RUN_NOW_MS);
    builder_init(&run->events, TEXT_MAX);
    builder_init(&run->out, TEXT_MAX);
}

void run_init(struct run *run)
{
    run_init_limits(run, NULL);
}

void run_finish(struct run *run)
{
    rtmp_session_destroy(run->session);
    builder_finish(&run->events);
    builder_finish(&run->out);
}

static unsigned sum_of(struct bytes in)
{
    unsigned sum = 1;
    for (size_t i = 0; i < in.len; i++)
        sum = sum * 31 + in.data[i];
    return sum;
}

static void print_media(struct run *run, const char *what,
                        const struct rtmp_media *media)
{
    static const char *const codecs[] = {"h264", "hevc", "av1",  "vp9",
                                         "aac",  "opus", "other"};
    struct bytes data = buf_bytes(media->data);
    static const uint8_t zeros[BUF_PADDING];
    require(memcmp(data.data + data.len, zeros, BUF_PADDING) == 0);
    builder_text(&run->events, what);
    if (media->track_id > 0)
        builder_printf(&run->events, " %u", media->track_id);
    builder_printf(&run->events, " %s %u%+d%s %zu:%08x\n", codecs[media->codec],
                   media->stamp_ms, media->cts_ms, media->key ? " key" : "", data.len,
                   sum_of(data));
}

static void print_event(struct run *run, const struct rtmp_event *event)
{
    const struct rtmp_publish *publish = &event->publish;
    const struct rtmp_metadata *metadata = &event->metadata;
    switch (event->type) {
    case RTMP_EVENT_PUBLISH:
        builder_printf(&run->events, "publish app=%s key=%s query=%s encoder=%s\n",
                       publish->app, publish->key, publish->query, publish->encoder);
        break;
    case RTMP_EVENT_METADATA:
        builder_printf(&run->events, "metadata%s%s %dx%d encoder=%s\n",
                       metadata->has_audio ? " audio" : "",
                       metadata->has_video ? " video" : "", (int)metadata->width,
                       (int)metadata->height, metadata->encoder);
        break;
    case RTMP_EVENT_VIDEO_CONFIG:
        print_media(run, "video-config", &event->media);
        break;
    case RTMP_EVENT_VIDEO:
        print_media(run, "video", &event->media);
        break;
    case RTMP_EVENT_AUDIO_CONFIG:
        print_media(run, "audio-config", &event->media);
        break;
    case RTMP_EVENT_AUDIO:
        print_media(run, "audio", &event->media);
        break;
    case RTMP_EVENT_DATA:
        builder_printf(&run->events, "data %u %s %zu\n", event->data.stamp_ms,
                       event->data.name, buf_bytes(event->data.values).len);
        break;
    case RTMP_EVENT_VIDEO_COLOR:
        builder_printf(&run->events, "color %u %u/%u/%u\n", event->color.track_id,
                       event->color.primaries, event->color.transfer,
                       event->color.matrix);
        break;
    case RTMP_EVENT_TRACK_END:
        builder_printf(&run->events, "track-end %s %u\n",
                       event->track_end.is_video ? "video" : "audio",
                       event->track_end.track_id);
        break;
    case RTMP_EVENT_UNPUBLISH:
        builder_text(&run->events, "unpublish\n");
        break;
    }
}

static void take_output(struct run *run)
{
    struct buf *out = rtmp_session_take_output(run->session);
    builder_put(&run->out, buf_bytes(out));
    buf_unref(out);
}

static void pull(struct run *run)
{
    struct rtmp_event event;
    while (rtmp_session_next(run->session, &event)) {
        print_event(run, &event);
        if (event.type == RTMP_EVENT_PUBLISH && run->refusal)
            rtmp_session_refuse(run->session, run->refusal);
        else if (event.type == RTMP_EVENT_PUBLISH && !run->hesitates)
            rtmp_session_accept(run->session, run->now_ms);
        rtmp_session_event_finish(&event);
    }
    take_output(run);
}

int run_feed(struct run *run, struct bytes in)
{
    int error = rtmp_session_feed(run->session, in, run->now_ms, &run->err);
    pull(run);
    /* What waited behind a publish was read by accept; a fault in it shows now. */
    if (!error)
        error = rtmp_session_feed(run->session, bytes_make(NULL, 0), run->now_ms,
                                  &run->err);
    pull(run);
    return error;
}

int run_feed_pieces(struct run *run, struct bytes in, size_t n)
{
    int error = 0;
    while (!error && in.len > 0) {
        error = run_feed(run, bytes_first(in, n));
        in = bytes_from(in, n);
    }
    return error;
}

int run_accept(struct run *run)
{
    rtmp_session_accept(run->session, run->now_ms);
    return run_feed(run, bytes_make(NULL, 0));
}

int run_tick(struct run *run, int64_t now_ms)
{
    run->now_ms = now_ms;
    return run_feed(run, bytes_make(NULL, 0));
}

const char *run_events(struct run *run)
{
    builder_u8(&run->events, 0);
    require(!builder_failed(&run->events));
    run->events.len--;
    return (const char *)builder_bytes(&run->events).data;
}

struct bytes run_out(const struct run *run)
{
    require(!builder_failed(&run->out));
    return builder_bytes(&run->out);
}

unsigned run_count(const struct run *run, const char *text)
{
    struct bytes rest = run_out(run);
    unsigned n = 0;
    const uint8_t *at;
    while (rest.len > 0 && (at = memmem(rest.data, rest.len, text, strlen(text)))) {
        n++;
        rest = bytes_from(rest, (size_t)(at - rest.data) + 1);
    }
    return n;
}

void run_forget_output(struct run *run)
{
    builder_clear(&run->out);
}
