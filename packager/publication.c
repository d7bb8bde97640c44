#include "packager/publication.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "packager/hls/delta.h"
#include "packager/hls/multivariant.h"

enum {
    WINDOW_TARGETS_MIN = 3, /* rfc8216bis 6.2.2: never shorter by removal */
    FIRST_HEADROOM = 120,   /* percent of what was measured in a second or two */
    HEADROOM = 110,         /* percent of the highest segment */
    MEASURED_SEGMENTS = 3,  /* from then on the announced rates stand */
    AVERAGE_TOLERANCE = 10, /* percent that the average may drift */
};

static void drop_ranges(struct publication *publication)
{
    for (size_t i = 0; i < publication->n_ranges; i++) {
        buf_unref(publication->ranges[i].line);
        buf_unref(publication->ranges[i].line_closed);
    }
    alloc_free(publication->ranges);
    publication->ranges = NULL;
    publication->n_ranges = 0;
}

void packager_publication_finish(struct publication *publication)
{
    drop_ranges(publication);
    buf_unref(publication->multivariant);
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        hls_media_playlist_destroy(publication->playlists[id]);
        hls_snapshot_unref(publication->snapshots[id]);
    }
}

void packager_publication_set_ranges(struct publication *publication,
                                     const struct marker_range *ranges, size_t n_ranges)
{
    struct marker_range *copy = alloc_array(n_ranges + 1, sizeof *copy);
    for (size_t i = 0; i < n_ranges; i++) {
        copy[i] = ranges[i];
        (void)buf_ref(copy[i].line);
        (void)buf_ref(copy[i].line_closed);
    }
    drop_ranges(publication);
    publication->ranges = copy;
    publication->n_ranges = n_ranges;
}

struct snapshot *packager_publication_get(const struct publication *publication,
                                          unsigned id)
{
    return publication->snapshots[id];
}

/* Snapshots. */

static struct media_playlist *playlist_of(struct publication *publication,
                                          const struct epoch *epoch, unsigned id)
{
    struct media_playlist **playlist = &publication->playlists[id];
    uint32_t target_duration_s = epoch->constants->target_duration_s;
    if (!*playlist)
        *playlist = hls_media_playlist_create(&(struct media_playlist_config){
            .target_duration_s = target_duration_s,
            .part_target_ms = epoch->constants->part_target_ms,
            .can_skip =
                epoch->config->window_ms > hls_delta_boundary_ms(target_duration_s),
        });
    return *playlist;
}

/* The leader says what leaves, so that all playlists list the same segments; but none
 * gets too short while it is behind. */
static void trim(const struct epoch *epoch, struct rendition *rendition, int64_t now_ms)
{
    int64_t shortest_ms =
        (int64_t)epoch->constants->target_duration_s * 1000 * WINDOW_TARGETS_MIN;
    int64_t window_ms = epoch->config->window_ms;
    if (window_ms < shortest_ms)
        window_ms = shortest_ms;
    uint64_t first = segment_window_wanted_first(&epoch->leader->window, window_ms);
    uint64_t own = segment_window_wanted_first(&rendition->window, window_ms);
    segment_window_trim(&rendition->window, own < first ? own : first, now_ms);
}

static struct media_playlist_report report_of(const struct rendition *other)
{
    if (other->open.n_parts > 0)
        return (struct media_playlist_report){true, other->open.msn,
                                              other->open.n_parts - 1};
    size_t n = segment_window_count(&other->window);
    if (n == 0)
        return (struct media_playlist_report){0};
    const struct segment *last = segment_window_get(&other->window, n - 1);
    return (struct media_playlist_report){true, last->msn, last->n_parts - 1};
}

static void collect_segments(const struct rendition *rendition,
                             struct snapshot *snapshot)
{
    size_t n = segment_window_count(&rendition->window);
    snapshot->segments = alloc_array(n + 1, sizeof(struct segment *));
    for (size_t i = 0; i < n; i++)
        snapshot->segments[i] =
            segment_part_segment_ref(segment_window_get(&rendition->window, i));
    if (rendition->open.n_parts > 0)
        snapshot->segments[n++] = segment_part_segment_create(&rendition->open);
    snapshot->n_segments = n;
}

static int64_t open_boundary(const struct rendition *rendition)
{
    return rendition->started
               ? rendition->open.boundary
               : packager_rendition_from_ticks(rendition, rendition->pos);
}

static void put_reports(const struct epoch *epoch, const struct rendition *own,
                        struct media_playlist_state *state)
{
    if (epoch->leader != own)
        state->reports[epoch->leader->id] = report_of(epoch->leader);
    for (size_t i = 0; i < epoch->n_followers; i++)
        if (epoch->followers[i] != own)
            state->reports[epoch->followers[i]->id] = report_of(epoch->followers[i]);
}

static void render_text(struct publication *publication, const struct epoch *epoch,
                        const struct rendition *rendition, struct snapshot *snapshot)
{
    size_t n_left = segment_window_n_left(&rendition->window);
    struct media_playlist_state state = {
        .segments = snapshot->segments + n_left,
        .n_segments = segment_window_count(&rendition->window) - n_left,
        .open_msn = snapshot->open_msn,
        .next_epoch = snapshot->next_epoch,
        .discontinuity = segment_window_discontinuity(&rendition->window),
        .ended = publication->ended,
        .ranges = publication->ranges,
        .n_ranges = publication->n_ranges,
        .open_boundary = open_boundary(rendition),
    };
    put_reports(epoch, rendition, &state);
    if (rendition->open.n_parts > 0)
        state.open = snapshot->segments[snapshot->n_segments - 1];
    snapshot->first_msn =
        state.n_segments > 0 ? state.segments[0]->msn : snapshot->open_msn;
    hls_media_playlist_render(playlist_of(publication, epoch, rendition->id), &state,
                              &snapshot->playlist, &snapshot->delta);
}

void packager_publication_render(struct publication *publication,
                                 const struct epoch *epoch, struct rendition *rendition,
                                 int64_t now_ms)
{
    trim(epoch, rendition, now_ms);
    struct snapshot **slot = &publication->snapshots[rendition->id];
    struct snapshot fields = {
        .rendition = rendition->id,
        .version = *slot ? (*slot)->version + 1 : 1,
        .ended = publication->ended,
        .target_duration_s = epoch->constants->target_duration_s,
        .part_target_ms = epoch->constants->part_target_ms,
        .open_msn = rendition->open.msn,
        .n_open_parts = rendition->open.n_parts,
    };
    if (segment_window_count(&rendition->window) > 0)
        fields.last_msn = rendition->open.msn - 1;
    if (!publication->ended)
        fields.next_epoch = segment_part_epoch_ref(rendition->epoch);
    collect_segments(rendition, &fields);
    render_text(publication, epoch, rendition, &fields);
    hls_snapshot_unref(*slot);
    *slot = hls_snapshot_create(&fields);
}

/* The multivariant playlist. */

static uint64_t average_bps(const struct rendition *rendition)
{
    const struct tally *tally = &rendition->tally;
    return tally->label_ms > 0 ? tally->bytes * 8000 / (uint64_t)tally->label_ms : 0;
}

static uint64_t max_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The announced rates grow with the first segments, then stand unless the media passes
 * them. What one variant plays is pictures and the sound that takes most. */
static void update_rate(struct announced_rate *rate, const struct rendition *video,
                        const struct rendition *audio)
{
    uint64_t average =
        (video ? average_bps(video) : 0) + (audio ? average_bps(audio) : 0);
    uint64_t peak =
        (video ? video->tally.peak_bps : 0) + (audio ? audio->tally.peak_bps : 0);
    const struct rendition *first = video ? video : audio;
    bool measuring = first->tally.n_segments <= MEASURED_SEGMENTS;
    bool drifted = average * 100 > rate->average_bandwidth * (100 + AVERAGE_TOLERANCE);
    if (!measuring && !drifted && peak <= rate->bandwidth)
        return;
    uint64_t bandwidth = average * FIRST_HEADROOM / 100;
    bandwidth = max_of(bandwidth, peak * HEADROOM / 100);
    rate->bandwidth = max_of(bandwidth, measuring ? 0 : rate->bandwidth);
    rate->average_bandwidth = average;
}

/* The renditions that are offered, by id: those that the epoch has. One that only has GAP
 * parts would keep players from playing the others (hls.js 1.7 waits for sound for ever). */
static void collect_renditions(const struct epoch *epoch,
                               const struct rendition *ret[RENDITIONS_MAX])
{
    for (size_t i = 0; i < RENDITIONS_MAX; i++)
        ret[i] = NULL;
    ret[epoch->leader->id] = epoch->leader;
    for (size_t i = 0; i < epoch->n_followers; i++) {
        const struct rendition *r = epoch->followers[i];
        if (r->fmp4)
            ret[r->id] = r;
    }
}

static const struct rendition *
widest_sound(const struct rendition *const renditions[RENDITIONS_MAX])
{
    const struct rendition *widest = NULL;
    for (unsigned id = TRACK_AUDIO; id < RENDITIONS_MAX; id += TRACK_KINDS) {
        const struct rendition *r = renditions[id];
        if (r && (!widest || r->tally.peak_bps > widest->tally.peak_bps))
            widest = r;
    }
    return widest;
}

static uint32_t milli_fps(const struct epoch *epoch, const struct rendition *video)
{
    const struct track *track = video->epoch->track;
    if (video != epoch->leader && track->rate_num > 0 && track->rate_den > 0)
        return segment_cadence_milli_fps(
            (struct cadence){track->rate_num, track->rate_den});
    if (epoch->leader->kind == TRACK_VIDEO && epoch->cadence.num > 0)
        return segment_cadence_milli_fps(epoch->cadence);
    return 0;
}

static void describe(struct publication *publication, const struct epoch *epoch,
                     struct multivariant *ret)
{
    const struct rendition *renditions[RENDITIONS_MAX];
    collect_renditions(epoch, renditions);
    const struct rendition *sound = widest_sound(renditions);
    *ret = (struct multivariant){.independent_segments = true};
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        const struct rendition *r = renditions[id];
        if (!r)
            continue;
        struct announced_rate *rate = &publication->rates[id];
        bool video = r->kind == TRACK_VIDEO;
        update_rate(rate, video ? r : NULL, video ? sound : r);
        if (r->kind == TRACK_VIDEO && r->tally.n_keyless > 0)
            ret->independent_segments = false;
        if (video)
            ret->videos[ret->n_videos++] = (struct multivariant_video){
                .track = r->epoch->track,
                .rendition = id,
                .bandwidth = rate->bandwidth,
                .average_bandwidth = rate->average_bandwidth,
                .milli_fps = milli_fps(epoch, r),
            };
        else
            ret->audios[ret->n_audios++] = (struct multivariant_audio){
                .track = r->epoch->track,
                .rendition = id,
                .bandwidth = rate->bandwidth,
                .average_bandwidth = rate->average_bandwidth,
                .language = r->language,
                .name = r->name,
            };
    }
}

/* It can have changed with a segment, with the tracks, or once the rate is measured. */
static bool is_announced(struct publication *publication, const struct epoch *epoch)
{
    struct announced now = {
        .n_segments = epoch->leader->tally.n_segments,
        .n_frames = epoch->cadence.num,
    };
    now.epochs[epoch->leader->id] = epoch->leader->epoch;
    for (size_t i = 0; i < epoch->n_followers; i++) {
        const struct rendition *r = epoch->followers[i];
        if (r->fmp4)
            now.epochs[r->id] = r->epoch;
    }
    struct announced before = publication->announced;
    publication->announced = now;
    bool same = now.n_segments == before.n_segments && now.n_frames == before.n_frames;
    for (size_t i = 0; i < RENDITIONS_MAX; i++)
        same = same && now.epochs[i] == before.epochs[i];
    return publication->multivariant && same;
}

void packager_publication_announce(struct publication *publication,
                                   const struct epoch *epoch)
{
    if (is_announced(publication, epoch))
        return;
    struct multivariant m;
    describe(publication, epoch, &m);
    struct buf *text = hls_multivariant_render(&m);
    if (bytes_equal(buf_bytes(text), buf_bytes(publication->multivariant))) {
        buf_unref(text);
        return;
    }
    buf_unref(publication->multivariant);
    publication->multivariant = text;
}
