#include "packager/hls/media_playlist.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "packager/hls/delta.h"
#include "packager/hls/segment_text.h"

enum {
    PLAYLIST_VERSION = 9,       /* EXT-X-SKIP (rfc8216bis 8) */
    PART_HOLD_BACK_TARGETS = 3, /* 4.4.3.8, and a must for Apple's clients */
    PARTS_LISTED_SEGMENTS = 2,
    PARTS_LISTED_TARGETS = 3, /* 6.2.2: parts that far from the end are removed */
};

struct media_playlist {
    struct media_playlist_config config;
    struct segment_text *texts; /* of complete segments, oldest first, no msn missing */
    size_t n_texts, cap_texts;
    size_t text_len; /* of the newest full text: the next is about as long */
};

const char *hls_media_playlist_name(unsigned rendition)
{
    static const char *const names[] = {"video.m3u8",  "audio.m3u8",  "video1.m3u8",
                                        "audio1.m3u8", "video2.m3u8", "audio2.m3u8",
                                        "video3.m3u8", "audio3.m3u8"};
    return names[rendition];
}

struct media_playlist *
hls_media_playlist_create(const struct media_playlist_config *config)
{
    struct media_playlist *playlist = alloc_zero(sizeof *playlist);
    playlist->config = *config;
    return playlist;
}

static void drop_texts(struct media_playlist *playlist, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hls_segment_text_finish(&playlist->texts[i]);
    playlist->n_texts -= n;
    if (playlist->n_texts > 0)
        memmove(playlist->texts, playlist->texts + n,
                playlist->n_texts * sizeof *playlist->texts);
}

void hls_media_playlist_destroy(struct media_playlist *playlist)
{
    if (!playlist)
        return;
    drop_texts(playlist, playlist->n_texts);
    alloc_free(playlist->texts);
    alloc_free(playlist);
}

/* Leaves exactly the texts of the listed segments. */
static void update_texts(struct media_playlist *playlist,
                         const struct media_playlist_state *state)
{
    uint64_t first = state->n_segments > 0 ? state->segments[0]->msn : UINT64_MAX;
    size_t n_old = 0;
    while (n_old < playlist->n_texts && playlist->texts[n_old].msn < first)
        n_old++;
    if (n_old > 0)
        drop_texts(playlist, n_old);
    if (state->n_segments > playlist->cap_texts) {
        playlist->cap_texts = state->n_segments * 2;
        playlist->texts = alloc_resize(playlist->texts,
                                       playlist->cap_texts * sizeof *playlist->texts);
    }
    while (playlist->n_texts < state->n_segments) {
        size_t i = playlist->n_texts++;
        hls_segment_text_init(&playlist->texts[i], state->segments[i]);
    }
}

static void put_header(const struct media_playlist *playlist,
                       const struct media_playlist_state *state, size_t n_skipped,
                       struct builder *b)
{
    const struct media_playlist_config *config = &playlist->config;
    builder_text(b, "#EXTM3U\n#EXT-X-VERSION:");
    builder_decimal(b, PLAYLIST_VERSION);
    builder_text(b, "\n#EXT-X-TARGETDURATION:");
    builder_decimal(b, config->target_duration_s);
    builder_text(b, "\n");
    if (!state->ended) {
        builder_text(b, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=");
        hls_segment_text_put_seconds(
            (int64_t)config->part_target_ms * PART_HOLD_BACK_TARGETS, b);
        if (config->can_skip) {
            builder_text(b, ",CAN-SKIP-UNTIL=");
            hls_segment_text_put_seconds(
                hls_delta_boundary_ms(config->target_duration_s), b);
        }
        builder_text(b, "\n#EXT-X-PART-INF:PART-TARGET=");
        hls_segment_text_put_seconds(config->part_target_ms, b);
        builder_text(b, "\n");
    }
    uint64_t first = state->n_segments > 0 ? state->segments[0]->msn : state->open_msn;
    builder_text(b, "#EXT-X-MEDIA-SEQUENCE:");
    builder_decimal(b, first);
    builder_text(b, "\n#EXT-X-DISCONTINUITY-SEQUENCE:");
    builder_decimal(b, state->discontinuity);
    builder_text(b, "\n");
    if (n_skipped > 0)
        hls_delta_put_skip(n_skipped, b);
}

/* Index of the first segment whose parts are still listed: two segments, or more where
 * they are so short that a player's start lies before them, but never too far back. */
static size_t first_with_parts(const struct media_playlist *playlist,
                               const struct media_playlist_state *state)
{
    if (state->ended)
        return state->n_segments;
    const struct media_playlist_config *config = &playlist->config;
    int64_t reach_ms = (int64_t)config->target_duration_s * 1000 * PARTS_LISTED_TARGETS;
    int64_t start_ms = (int64_t)config->part_target_ms * PART_HOLD_BACK_TARGETS;
    int64_t ms = state->open ? state->open->label_ms : 0;
    size_t i = state->n_segments;
    for (; i > 0; i--) {
        bool enough = state->n_segments - i >= PARTS_LISTED_SEGMENTS && ms > start_ms;
        ms += state->segments[i - 1]->label_ms;
        if (enough || ms >= reach_ms)
            break;
    }
    return i;
}

static void put_front_tags(const struct segment *segment,
                           const struct segment *previous, struct builder *b)
{
    if (segment->discontinuity)
        builder_text(b, "#EXT-X-DISCONTINUITY\n");
    if (!previous || segment->discontinuity || previous->epoch != segment->epoch)
        hls_segment_text_put_map(segment->epoch, b);
}

static void put_segments(const struct media_playlist *playlist,
                         const struct media_playlist_state *state, size_t n_skipped,
                         struct builder *b)
{
    size_t with_parts = first_with_parts(playlist, state);
    const struct segment *previous = NULL;
    for (size_t i = n_skipped; i < state->n_segments; i++) {
        put_front_tags(state->segments[i], previous, b);
        hls_segment_text_put(&playlist->texts[i], i >= with_parts, b);
        previous = state->segments[i];
    }
    if (state->ended || !state->open)
        return;
    put_front_tags(state->open, previous, b);
    hls_segment_text_put_open(state->open, b);
}

static void put_ranges(const struct media_playlist_state *state, struct builder *b)
{
    int64_t window_start = state->open_boundary;
    if (state->n_segments > 0)
        window_start = state->segments[0]->boundary;
    for (size_t i = 0; i < state->n_ranges; i++) {
        const struct marker_range *range = &state->ranges[i];
        bool closed = range->end != MARKER_OPEN && range->end < state->open_boundary;
        if (range->start >= state->open_boundary ||
            (closed && range->end < window_start))
            continue;
        struct buf *line =
            closed && range->line_closed ? range->line_closed : range->line;
        builder_put(b, buf_bytes(line));
        builder_text(b, "\n");
    }
}

static const struct segment_epoch *
newest_epoch(const struct media_playlist_state *state)
{
    if (state->open)
        return state->open->epoch;
    return state->n_segments > 0 ? state->segments[state->n_segments - 1]->epoch : NULL;
}

static void put_hints(const struct media_playlist_state *state, struct builder *b)
{
    const struct segment_epoch *next = state->next_epoch;
    if (!next)
        return;
    builder_text(b, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"");
    hls_segment_text_put_part_uri(next, state->open_msn,
                                  state->open ? state->open->n_parts : 0, b);
    builder_text(b, "\"\n");
    if (next != newest_epoch(state))
        builder_printf(b, "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"%s/%s-init.mp4\"\n",
                       next->token, media_rendition_id_name(next->rendition));
}

static void put_reports(const struct media_playlist_state *state, struct builder *b)
{
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        const struct media_playlist_report *report = &state->reports[id];
        if (!report->present)
            continue;
        builder_text(b, "#EXT-X-RENDITION-REPORT:URI=\"");
        builder_text(b, hls_media_playlist_name(id));
        builder_text(b, "\",LAST-MSN=");
        builder_decimal(b, report->last_msn);
        builder_text(b, ",LAST-PART=");
        builder_decimal(b, report->last_part);
        builder_text(b, "\n");
    }
}

static struct buf *render(const struct media_playlist *playlist,
                          const struct media_playlist_state *state, size_t n_skipped)
{
    enum { LINES = 512 }; /* a text grows by a segment and a few parts at once */
    struct builder b;
    builder_init(&b, MEDIA_PLAYLIST_MAX);
    builder_expect(&b, playlist->text_len + LINES);
    put_header(playlist, state, n_skipped, &b);
    put_segments(playlist, state, n_skipped, &b);
    put_ranges(state, &b);
    if (state->ended) {
        builder_text(&b, "#EXT-X-ENDLIST\n");
    } else {
        put_hints(state, &b);
        put_reports(state, &b);
    }
    struct buf *text = builder_take(&b);
    builder_finish(&b);
    return text;
}

void hls_media_playlist_render(struct media_playlist *playlist,
                               const struct media_playlist_state *state,
                               struct buf **ret_full, struct buf **ret_delta)
{
    update_texts(playlist, state);
    *ret_full = render(playlist, state, 0);
    playlist->text_len = buf_bytes(*ret_full).len;
    *ret_delta = NULL;
    if (!playlist->config.can_skip || state->ended)
        return;
    size_t n_skipped = hls_delta_n_skipped(state->segments, state->n_segments,
                                           playlist->config.target_duration_s);
    if (n_skipped > 0)
        *ret_delta = render(playlist, state, n_skipped);
}
