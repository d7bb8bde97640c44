#include "tests/sim/checker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/iso8601.h"
#include "packager/hls/media_playlist.h"
#include "packager/media/packet.h"
#include "tests/sim/known.h"
#include "tests/sim/playlist.h"
#include "tests/unit/packager/mux/boxes.h"

struct view {
    uint64_t version;
    struct playlist *now, *before, *delta;
    struct known *known;
    int64_t longest_ms;
    uint64_t next_sample;
    bool removed;      /* segments have left the playlist */
    uint64_t last_msn; /* newest complete segment that was counted */
    uint64_t counted_msn, counted_parts;
    uint64_t media_msn; /* newest part whose bytes were read */
    uint32_t media_parts;
    struct checker_stats stats;
};

struct checker {
    struct checker_config config;
    struct view views[TRACK_KINDS];
    struct boxes_part *boxes;
    const struct snapshot *snapshot; /* the one looked at */
};

#define check(c, condition) ((condition) ? (void)0 : breach((c), #condition, __LINE__))

static void print(struct buf *text)
{
    (void)fwrite(buf_bytes(text).data, 1, buf_bytes(text).len, stderr);
}

static void breach(const struct checker *checker, const char *condition, int line)
{
    print(checker->snapshot->playlist);
    print(checker->snapshot->delta);
    print_error("breach: %s\n", condition);
    _fail(__FILE__, line);
}

struct checker *checker_create(const struct checker_config *config)
{
    struct checker *checker = alloc_zero(sizeof *checker);
    checker->config = *config;
    checker->boxes = alloc_zero(sizeof *checker->boxes);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct view *view = &checker->views[kind];
        view->now = alloc_zero(sizeof *view->now);
        view->before = alloc_zero(sizeof *view->before);
        view->delta = alloc_zero(sizeof *view->delta);
        view->known = known_create();
    }
    return checker;
}

void checker_destroy(struct checker *checker)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct view *view = &checker->views[kind];
        known_destroy(view->known);
        alloc_free(view->now);
        alloc_free(view->before);
        alloc_free(view->delta);
    }
    alloc_free(checker->boxes);
    alloc_free(checker);
}

struct checker_stats checker_stats(const struct checker *checker, enum track_kind kind)
{
    return checker->views[kind].stats;
}

/* Media: a part's times are what its labels say, to the millisecond. */

static int64_t to_ms(int64_t ticks, uint32_t timescale)
{
    return media_packet_rescale(ticks, timescale, 1000);
}

static void count_samples(struct view *view, const struct boxes_part *boxes)
{
    for (size_t i = 0; i < boxes->n_samples; i++) {
        uint64_t n = 0;
        for (int j = 7; j >= 0; j--)
            n = n << 8 | boxes->samples[i].data.data[5 + j];
        if (view->stats.n_samples + i > 0 && n > view->next_sample)
            view->stats.n_missed += n - view->next_sample;
        view->next_sample = n + 1;
    }
    view->stats.n_samples += boxes->n_samples;
}

static void check_media(struct checker *c, struct view *view,
                        const struct segment *segment, uint32_t i, int64_t wall_ms)
{
    const struct part *part = segment->parts[i];
    uint32_t timescale = segment->epoch->track->timescale;
    boxes_read(buf_bytes(part->data), c->boxes);
    check(c, c->boxes->n_moof == 1 && c->boxes->n_mdat == 1);
    int64_t end = (int64_t)c->boxes->tfdt;
    bool has_key = false;
    for (size_t j = 0; j < c->boxes->n_samples; j++) {
        end += c->boxes->samples[j].duration;
        has_key = has_key || !(c->boxes->samples[j].flags & 0x10000);
    }
    int64_t start_ms = to_ms((int64_t)c->boxes->tfdt, timescale);
    check(c, c->config.wall_anchor_ms + start_ms == wall_ms);
    check(c, to_ms(end, timescale) - start_ms == part->label_ms);
    check(c, has_key == part->independent);
    view->stats.n_emsg += c->boxes->n_other;
    count_samples(view, c->boxes);
}

static void note_rate(struct view *view, const struct segment *segment)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < segment->n_parts; i++)
        bytes += buf_bytes(segment->parts[i]->data).len;
    if (segment->label_ms < 1000)
        return;
    uint64_t bps = bytes * 8000 / (uint64_t)segment->label_ms;
    if (bps > view->stats.peak_bps)
        view->stats.peak_bps = bps;
}

/* Every part once, also those that came and went from the lists at one stroke. */
static void check_new_media(struct checker *c, struct view *view)
{
    const struct snapshot *snapshot = c->snapshot;
    for (size_t i = 0; i < snapshot->n_segments; i++) {
        const struct segment *segment = snapshot->segments[i];
        if (segment->msn < view->media_msn)
            continue;
        uint32_t first = segment->msn == view->media_msn ? view->media_parts : 0;
        int64_t wall_ms = segment->wall_ms;
        for (uint32_t j = 0; j < segment->n_parts; j++) {
            if (j >= first && segment->parts[j]->data)
                check_media(c, view, segment, j, wall_ms);
            view->stats.n_gap_parts += j >= first && !segment->parts[j]->data;
            wall_ms += segment->parts[j]->label_ms;
        }
        view->media_msn = segment->msn;
        view->media_parts = segment->n_parts;
        note_rate(view, segment);
    }
}

static void check_part_uri(struct checker *c, struct view *view,
                           const struct playlist_part *part)
{
    struct hls_resource found;
    if (!part->gap) {
        check(c, known_is_same(view->known, c->snapshot, part->uri));
        return;
    }
    check(c, known_find(c->snapshot, part->uri, &found) == HLS_NOT_FOUND);
    check(c, !part->independent);
}

/* One playlist. */

static void check_head(struct checker *c, const struct view *view)
{
    const struct playlist *p = view->now;
    const struct snapshot *s = c->snapshot;
    check(c, p->version == 9);
    check(c, p->target_duration_s == s->target_duration_s);
    check(c, p->media_sequence >= 1 && p->media_sequence == s->first_msn);
    check(c, p->ended == s->ended);
    check(c, p->server_control == !p->ended);
    if (p->ended) {
        check(c, p->part_target_ms == 0 && !p->hint[0] && !p->hint_map[0]);
        check(c, !s->delta);
        return;
    }
    check(c, p->part_target_ms == s->part_target_ms);
    check(c, p->part_hold_back_ms == 3 * p->part_target_ms);
    check(c, p->hint[0] != 0);
    check(c, p->skip_until_ms == 0 || p->skip_until_ms >= 6000 * p->target_duration_s);
}

static void check_parts(struct checker *c, struct view *view,
                        const struct playlist_segment *s)
{
    int64_t sum_ms = 0;
    bool all_gaps = s->n_parts > 0;
    for (size_t i = 0; i < s->n_parts; i++) {
        const struct playlist_part *part = &s->parts[i];
        bool last = i + 1 == s->n_parts;
        check(c, part->ms <= c->snapshot->part_target_ms);
        check(c, part->ms > 0);
        bool excepted = part->independent || part->gap || last || s->parts[i + 1].gap;
        bool is_short = part->ms * 100 < (int64_t)c->snapshot->part_target_ms * 85;
        if (!excepted && is_short && !c->config.may_be_short)
            breach(c, "part under 85 %", __LINE__);
        check_part_uri(c, view, part);
        sum_ms += part->ms;
        all_gaps = all_gaps && part->gap;
    }
    if (!s->complete)
        return;
    if (s->n_parts > 0) {
        check(c, sum_ms == s->ms);
        check(c, s->gap == all_gaps);
    }
}

static void check_segments(struct checker *c, struct view *view)
{
    const struct playlist *p = view->now;
    int64_t total_ms = 0;
    for (size_t i = 0; i < p->n_segments; i++) {
        const struct playlist_segment *s = &p->segments[i];
        check(c, s->complete || (i + 1 == p->n_segments && s->n_parts > 0));
        check(c, (s->ms + 500) / 1000 <= p->target_duration_s);
        check(c, s->wall_ms > 0 && s->map[0]);
        if (i > 0 && !s->discontinuity)
            check(c, s->wall_ms == s[-1].wall_ms + s[-1].ms);
        if (i > 0 && s->discontinuity)
            check(c, s->wall_ms >= s[-1].wall_ms + s[-1].ms);
        check(c, known_is_same(view->known, c->snapshot, s->map));
        if (s->complete && !s->gap)
            check(c, known_is_same(view->known, c->snapshot, s->uri));
        check_parts(c, view, s);
        total_ms += s->ms;
    }
    if (total_ms > view->longest_ms)
        view->longest_ms = total_ms;
    if (view->removed) {
        check(c, total_ms >= 3000 * p->target_duration_s);
        check(c, p->n_segments >= 5);
    }
}

/* Parts are listed for less than three target durations from the end; those of the last
 * two segments within it are. */
static void check_listed_parts(struct checker *c, const struct playlist *p)
{
    int64_t from_end_ms = 0;
    size_t n_complete = 0;
    for (size_t i = p->n_segments; i-- > 0;) {
        const struct playlist_segment *s = &p->segments[i];
        n_complete += s->complete;
        from_end_ms += s->ms;
        for (size_t j = 0; !s->complete && j < s->n_parts; j++)
            from_end_ms += s->parts[j].ms;
        if (p->ended || (s->complete && from_end_ms >= 3000 * p->target_duration_s))
            check(c, s->n_parts == 0);
        else if (n_complete <= 2)
            check(c, s->n_parts > 0);
    }
}

static uint64_t discontinuity_of(const struct playlist *p, size_t i)
{
    uint64_t sequence = p->discontinuity_sequence;
    for (size_t j = 0; j <= i; j++)
        sequence += p->segments[j].discontinuity;
    return sequence;
}

/* Against the one before. */

static bool equal_part(const struct playlist_part *a, const struct playlist_part *b)
{
    return strcmp(a->uri, b->uri) == 0 && a->ms == b->ms &&
           a->independent == b->independent && a->gap == b->gap;
}

static void check_same_segment(struct checker *c, const struct playlist_segment *now,
                               const struct playlist_segment *before)
{
    check(c, strcmp(now->map, before->map) == 0);
    check(c, now->wall_ms == before->wall_ms);
    check(c, now->discontinuity == before->discontinuity);
    if (before->complete) {
        check(c, now->complete && now->ms == before->ms && now->gap == before->gap);
        check(c, strcmp(now->uri, before->uri) == 0);
        check(c, now->n_parts == before->n_parts || now->n_parts == 0 ||
                     before->n_parts == 0);
    } else if (now->n_parts > 0) {
        check(c, now->n_parts >= before->n_parts);
    }
    for (size_t j = 0; j < before->n_parts && j < now->n_parts; j++)
        check(c, equal_part(&now->parts[j], &before->parts[j]));
}

static const struct playlist_part *first_new_part(const struct playlist *now,
                                                  const struct playlist *before)
{
    const struct playlist_segment *last =
        before->n_segments > 0 ? &before->segments[before->n_segments - 1] : NULL;
    for (size_t i = 0; i < now->n_segments; i++) {
        const struct playlist_segment *s = &now->segments[i];
        if (last && (s->msn < last->msn || (s->msn == last->msn && last->complete)))
            continue;
        bool was_open = last && s->msn == last->msn;
        if (was_open && s->n_parts == 0)
            return NULL; /* so much came at once that its parts are not listed */
        size_t known = was_open ? last->n_parts : 0;
        if (known < s->n_parts)
            return &s->parts[known];
    }
    return NULL;
}

/* A segment that ended for want of media: nobody knew when its next part was hinted. */
static bool ended_unforeseen(const struct playlist_part *fresh)
{
    return fresh->gap && strstr(fresh->uri, ".0.m4s");
}

static void check_hint(struct checker *c, const struct playlist *now,
                       const struct playlist *before)
{
    const struct playlist_part *fresh = first_new_part(now, before);
    if (!fresh || !before->hint[0] || ended_unforeseen(fresh))
        return;
    size_t len = strlen(before->hint);
    if (!before->hint_map[0])
        len = strcspn(before->hint, "/") + 1; /* another epoch was not foreseen */
    if (before->hint_map[0] || strncmp(fresh->uri, before->hint, len) == 0)
        check(c, strcmp(fresh->uri, before->hint) == 0);
}

static void check_sequence(struct checker *c, const struct view *view)
{
    const struct playlist *now = view->now;
    const struct playlist *before = view->before;
    check(c, now->target_duration_s == before->target_duration_s);
    check(c, now->media_sequence >= before->media_sequence);
    check(c, now->discontinuity_sequence >= before->discontinuity_sequence);
    if (!now->ended && !before->ended) {
        check(c, now->part_target_ms == before->part_target_ms);
        check(c, now->skip_until_ms == before->skip_until_ms);
    }
    for (size_t i = 0; i < before->n_segments; i++) {
        const struct playlist_segment *old = &before->segments[i];
        if (old->msn < now->media_sequence)
            continue;
        size_t at = (size_t)(old->msn - now->media_sequence);
        check(c, at < now->n_segments);
        check_same_segment(c, &now->segments[at], old);
        check(c, discontinuity_of(now, at) == discontinuity_of(before, i));
    }
    check_hint(c, now, before);
}

/* The delta and the playlist before give the full one. */
static void check_delta(struct checker *c, struct view *view)
{
    struct bytes line;
    if (!c->snapshot->delta)
        return;
    view->stats.n_deltas++;
    check(c, view->now->skip_until_ms > 0);
    check(c, playlist_read(buf_bytes(c->snapshot->delta), view->delta, &line));
    const struct playlist *d = view->delta;
    const struct playlist *p = view->now;
    check(c, d->n_skipped > 0 && d->n_skipped + d->n_segments == p->n_segments);
    check(c, d->media_sequence == p->media_sequence);
    check(c, d->discontinuity_sequence == p->discontinuity_sequence);
    check(c, strcmp(d->hint, p->hint) == 0 && d->n_reports == p->n_reports);
    check(c, d->n_ranges == p->n_ranges);
    int64_t behind_ms = 0;
    for (size_t i = 0; i < d->n_segments; i++) {
        const struct playlist_segment *s = &p->segments[i + d->n_skipped];
        check(c, memcmp(&d->segments[i], s, sizeof *s) == 0);
        behind_ms += s->complete ? s->ms : 0;
    }
    check(c, behind_ms > p->skip_until_ms);
}

static void check_report(struct checker *c, const struct view *view,
                         const struct snapshot *other)
{
    const struct playlist *p = view->now;
    check(c, p->n_reports == 0 || !p->ended);
    if (!other || p->ended || p->n_reports == 0)
        return;
    const struct playlist_report *report = p->reports;
    const char *name = hls_media_playlist_name(other->rendition);
    while (report < p->reports + p->n_reports && strcmp(report->uri, name) != 0)
        report++;
    check(c, report < p->reports + p->n_reports);
    check(c, hls_snapshot_has(other, report->msn, true, report->part));
}

/* A range is listed only when it starts before the open segment. */
static void check_ranges(struct checker *c, struct view *view)
{
    const struct playlist *p = view->now;
    int64_t open_ms = 0;
    for (size_t i = 0; i < p->n_segments; i++)
        open_ms =
            p->segments[i].wall_ms + (p->segments[i].complete ? p->segments[i].ms : 0);
    for (size_t i = 0; i < p->n_ranges; i++) {
        const char *date = strstr(p->ranges[i], "START-DATE=\"");
        int64_t start_ms;
        check(c, date != NULL);
        struct bytes text = bytes_text(date + strlen("START-DATE=\""));
        check(c,
              iso8601_parse(bytes_first(text, bytes_index(text, 0, '"')), &start_ms));
        check(c, start_ms < open_ms);
    }
    if (p->n_ranges > view->stats.n_ranges)
        view->stats.n_ranges = p->n_ranges;
}

/* What a player may ask for next. */
static void check_requests(struct checker *c, const struct playlist *p)
{
    const struct snapshot *s = c->snapshot;
    struct hls_resource found;
    if (p->ended) {
        check(c, hls_snapshot_has(s, s->open_msn + 9, true, 3));
        check(c, !hls_snapshot_is_too_far(s, s->open_msn + 9, true, 3));
        return;
    }
    check(c, known_find(s, p->hint, &found) == HLS_HINTED);
    if (p->hint_map[0])
        check(c, known_find(s, p->hint_map, &found) == HLS_FOUND);
    check(c, !hls_snapshot_has(s, s->open_msn, true, s->n_open_parts));
    check(c, !hls_snapshot_is_too_far(s, s->open_msn, true, s->n_open_parts));
    check(c, !hls_snapshot_has(s, s->open_msn, false, 0));
    check(c, s->open_msn == 1 || hls_snapshot_has(s, s->open_msn - 1, false, 0));
    check(c, s->n_open_parts == 0 ||
                 hls_snapshot_has(s, s->open_msn, true, s->n_open_parts - 1));
}

static bool is_mixed(const struct playlist_segment *s)
{
    size_t n_gaps = 0;
    for (size_t i = 0; i < s->n_parts; i++)
        n_gaps += s->parts[i].gap;
    return n_gaps > 0 && n_gaps < s->n_parts;
}

static void count(struct view *view)
{
    const struct playlist *p = view->now;
    struct checker_stats *stats = &view->stats;
    stats->n_looks++;
    for (size_t i = 0; i < p->n_segments; i++) {
        const struct playlist_segment *s = &p->segments[i];
        if (s->msn < view->counted_msn)
            continue;
        if (s->msn > view->counted_msn)
            view->counted_parts = 0;
        view->counted_msn = s->msn;
        for (size_t j = view->counted_parts; j < s->n_parts; j++) {
            stats->n_parts++;
            if (s->parts[j].ms > stats->longest_part_ms)
                stats->longest_part_ms = s->parts[j].ms;
        }
        if (s->n_parts > view->counted_parts)
            view->counted_parts = s->n_parts;
        if (!s->complete || s->msn <= view->last_msn)
            continue;
        view->last_msn = s->msn;
        stats->n_segments++;
        stats->n_gap_segments += s->gap;
        stats->n_mixed_segments += is_mixed(s);
        stats->n_discontinuities += s->discontinuity;
        int64_t tail_ms = s->n_parts > 0 ? s->parts[s->n_parts - 1].ms : INT64_MAX;
        if (stats->shortest_tail_ms == 0 || tail_ms < stats->shortest_tail_ms)
            stats->shortest_tail_ms = tail_ms;
        if (s->ms > stats->longest_segment_ms)
            stats->longest_segment_ms = s->ms;
    }
}

static void look_at(struct checker *c, enum track_kind kind,
                    const struct snapshot *snapshot, const struct snapshot *other,
                    int64_t now_ms)
{
    struct view *view = &c->views[kind];
    if (!snapshot || snapshot->version == view->version)
        return;
    c->snapshot = snapshot;
    check(c, snapshot->version == view->version + 1);
    struct playlist *now = view->before;
    view->before = view->now;
    view->now = now;
    struct bytes line;
    check(c, playlist_read(buf_bytes(snapshot->playlist), view->now, &line));
    check(c, view->now->n_skipped == 0);
    check_head(c, view);
    check_segments(c, view);
    check_new_media(c, view);
    check_listed_parts(c, view->now);
    if (view->version > 0)
        check_sequence(c, view);
    if (view->version > 0 && view->now->media_sequence > view->before->media_sequence)
        view->removed = true;
    check_delta(c, view);
    check_report(c, view, other);
    check_ranges(c, view);
    check_requests(c, view->now);
    check(c, known_is_kept(view->known, snapshot, view->longest_ms, now_ms));
    count(view);
    view->version = snapshot->version;
}

/* Where the media ended or began again each rendition has its own end: they lie within
 * a quarter of the longest segment. */
static int64_t loose_ms(const struct playlist *p, size_t i)
{
    size_t from = i > 0 ? i - 1 : 0;
    bool by_gap = false;
    for (size_t j = from; j < p->n_segments && j <= i + 1; j++)
        by_gap = by_gap || p->segments[j].gap ||
                 (p->segments[j].n_parts > 0 && p->segments[j].parts[0].gap);
    return by_gap ? (p->target_duration_s * 1000 + 499) / 4 : 0;
}

/* Segments of one MSN begin together, but for a frame of sound. */
static void check_boundaries(struct checker *c)
{
    const struct playlist *video = c->views[TRACK_VIDEO].now;
    const struct playlist *audio = c->views[TRACK_AUDIO].now;
    for (size_t i = 0; i < video->n_segments; i++) {
        const struct playlist_segment *v = &video->segments[i];
        uint64_t at = v->msn - audio->media_sequence;
        if (v->msn < audio->media_sequence || at >= audio->n_segments)
            continue;
        int64_t off_ms = audio->segments[at].wall_ms - v->wall_ms;
        int64_t loose = loose_ms(video, i);
        check(c, off_ms >= -1 - loose && off_ms <= 130 + loose);
        check(c, v->discontinuity == audio->segments[at].discontinuity);
    }
}

void checker_look(struct checker *c, const struct snapshot *video,
                  const struct snapshot *audio, int64_t now_ms)
{
    look_at(c, TRACK_VIDEO, video, audio, now_ms);
    look_at(c, TRACK_AUDIO, audio, video, now_ms);
    if (video && audio && c->config.same_boundaries)
        check_boundaries(c);
}
