#include "server/show/replay.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "server/rtmp/session.h"

struct header {
    struct rtmp_event event;
    bool ended; /* its track has; it may begin again without another header */
};

struct show_replay {
    size_t n_headers, n_packets, n_bytes;
    struct header headers[REPLAY_HEADERS_MAX];
    struct rtmp_event *packets; /* REPLAY_PACKETS_MAX; NULL while none are kept */
    int64_t key_ms;
    int64_t now_ms;      /* of the newest event */
    int64_t pictures_ms; /* when pictures came or were announced; INT64_MIN: never */
};

struct show_replay *show_replay_create(void)
{
    struct show_replay *replay = alloc_zero(sizeof *replay);
    replay->key_ms = INT64_MAX;
    replay->pictures_ms = INT64_MIN;
    return replay;
}

void show_replay_forget_media(struct show_replay *replay)
{
    for (size_t i = 0; i < replay->n_packets; i++)
        rtmp_session_event_finish(&replay->packets[i]);
    alloc_free(replay->packets);
    replay->packets = NULL;
    replay->n_packets = replay->n_bytes = 0;
    replay->key_ms = INT64_MAX;
}

void show_replay_destroy(struct show_replay *replay)
{
    if (!replay)
        return;
    show_replay_forget_media(replay);
    for (size_t i = 0; i < replay->n_headers; i++)
        rtmp_session_event_finish(&replay->headers[i].event);
    alloc_free(replay);
}

static bool has_media(const struct rtmp_event *event)
{
    return event->type == RTMP_EVENT_VIDEO_CONFIG || event->type == RTMP_EVENT_VIDEO ||
           event->type == RTMP_EVENT_AUDIO_CONFIG || event->type == RTMP_EVENT_AUDIO;
}

static struct rtmp_event copy(const struct rtmp_event *event)
{
    struct rtmp_event kept = *event;
    if (has_media(event))
        (void)buf_ref(kept.media.data);
    return kept;
}

/* The metadata is everybody's. */
static uint8_t track_of(const struct rtmp_event *event)
{
    if (event->type == RTMP_EVENT_VIDEO_COLOR)
        return event->color.track_id;
    return has_media(event) ? event->media.track_id : 0;
}

static bool is_same_header(const struct rtmp_event *a, const struct rtmp_event *b)
{
    return a->type == b->type && track_of(a) == track_of(b);
}

static bool says_the_same(const struct rtmp_event *a, const struct rtmp_event *b)
{
    return !has_media(a) ||
           (a->media.codec == b->media.codec &&
            bytes_equal(buf_bytes(a->media.data), buf_bytes(b->media.data)));
}

/* The newest of each kind and track counts; one more than there is room for is a track
 * that nobody hears of again. Media of before another header cannot be shown with it. */
static void take_header(struct show_replay *replay, const struct rtmp_event *event)
{
    size_t at = 0;
    while (at < replay->n_headers && !is_same_header(&replay->headers[at].event, event))
        at++;
    if (at == REPLAY_HEADERS_MAX)
        return;
    struct header kept = {.event = copy(event)};
    struct rtmp_event *before = &replay->headers[at].event;
    if (at == replay->n_headers) {
        replay->n_headers++;
    } else {
        if (!says_the_same(before, event))
            show_replay_forget_media(replay);
        rtmp_session_event_finish(before);
    }
    replay->headers[at] = kept;
}

/* A header of the pictures' or the sound's track, or what is told beside it. */
static bool is_of_track(const struct rtmp_event *header, bool is_video,
                        uint8_t track_id)
{
    bool is_its_kind = is_video ? header->type == RTMP_EVENT_VIDEO_CONFIG ||
                                      header->type == RTMP_EVENT_VIDEO_COLOR
                                : header->type == RTMP_EVENT_AUDIO_CONFIG;
    return is_its_kind && track_of(header) == track_id;
}

static void set_ended(struct show_replay *replay, bool is_video, uint8_t track_id,
                      bool ended)
{
    for (size_t i = 0; i < replay->n_headers; i++)
        if (is_of_track(&replay->headers[i].event, is_video, track_id))
            replay->headers[i].ended = ended;
}

bool show_replay_has_header_of(const struct show_replay *replay,
                               const struct rtmp_event *event)
{
    bool is_video = event->type == RTMP_EVENT_VIDEO;
    if (!is_video && event->type != RTMP_EVENT_AUDIO)
        return false;
    for (size_t i = 0; i < replay->n_headers; i++) {
        const struct header *header = &replay->headers[i];
        if (has_media(&header->event) && !header->ended &&
            is_of_track(&header->event, is_video, event->media.track_id))
            return true;
    }
    return false;
}

/* No track of this kind that has not ended has a lower number. */
static bool is_of_first_track(const struct show_replay *replay,
                              const struct rtmp_event *event)
{
    enum rtmp_event_type config = event->type == RTMP_EVENT_VIDEO
                                      ? RTMP_EVENT_VIDEO_CONFIG
                                      : RTMP_EVENT_AUDIO_CONFIG;
    for (size_t i = 0; i < replay->n_headers; i++) {
        const struct header *header = &replay->headers[i];
        if (header->event.type == config && !header->ended &&
            header->event.media.track_id < event->media.track_id)
            return false;
    }
    return true;
}

/* A camera may be off while its sound goes on. */
static bool has_pictures(const struct show_replay *replay)
{
    return replay->pictures_ms != INT64_MIN &&
           replay->now_ms - replay->pictures_ms < REPLAY_PICTURES_MS;
}

static bool is_key(const struct show_replay *replay, const struct rtmp_event *event)
{
    if (!is_of_first_track(replay, event))
        return false;
    return has_pictures(replay) ? event->type == RTMP_EVENT_VIDEO && event->media.key
                                : event->type == RTMP_EVENT_AUDIO;
}

static void take_packet(struct show_replay *replay, const struct rtmp_event *event,
                        int64_t now_ms)
{
    size_t len = buf_bytes(event->media.data).len;
    bool begins = is_key(replay, event);
    if (begins || replay->n_packets == REPLAY_PACKETS_MAX ||
        replay->n_bytes + len > REPLAY_BYTES_MAX)
        show_replay_forget_media(replay);
    if (begins)
        replay->key_ms = now_ms;
    else if (replay->key_ms == INT64_MAX)
        return;
    if (!replay->packets)
        replay->packets = alloc_array(REPLAY_PACKETS_MAX, sizeof *replay->packets);
    replay->packets[replay->n_packets++] = copy(event);
    replay->n_bytes += len;
}

void show_replay_take(struct show_replay *replay, const struct rtmp_event *event,
                      bool keeps_media, int64_t now_ms)
{
    replay->now_ms = now_ms;
    bool announced =
        event->type == RTMP_EVENT_VIDEO_CONFIG && replay->pictures_ms == INT64_MIN;
    if (announced || event->type == RTMP_EVENT_VIDEO)
        replay->pictures_ms = now_ms;
    switch (event->type) {
    case RTMP_EVENT_METADATA:
    case RTMP_EVENT_VIDEO_CONFIG:
    case RTMP_EVENT_AUDIO_CONFIG:
    case RTMP_EVENT_VIDEO_COLOR:
        take_header(replay, event);
        return;
    case RTMP_EVENT_TRACK_END:
        set_ended(replay, event->track_end.is_video, event->track_end.track_id, true);
        return;
    case RTMP_EVENT_VIDEO:
    case RTMP_EVENT_AUDIO:
        if (event->media.key || event->type == RTMP_EVENT_AUDIO)
            set_ended(replay, event->type == RTMP_EVENT_VIDEO, event->media.track_id,
                      false);
        if (keeps_media)
            take_packet(replay, event, now_ms);
        return;
    case RTMP_EVENT_PUBLISH:
    case RTMP_EVENT_DATA:
    case RTMP_EVENT_UNPUBLISH:
        return;
    }
}

bool show_replay_has_headers(const struct show_replay *replay)
{
    return replay->n_headers > 0;
}

int64_t show_replay_key_ms(const struct show_replay *replay)
{
    return replay->key_ms;
}

bool show_replay_begins_with(const struct show_replay *replay,
                             const struct rtmp_event *event)
{
    return has_media(event) && is_key(replay, event);
}

void show_replay_play(const struct show_replay *replay,
                      void (*hear)(void *ctx, const struct rtmp_event *event),
                      void *ctx)
{
    for (size_t i = 0; i < replay->n_headers; i++)
        if (!replay->headers[i].ended)
            hear(ctx, &replay->headers[i].event);
    for (size_t i = 0; i < replay->n_packets; i++)
        hear(ctx, &replay->packets[i]);
}
