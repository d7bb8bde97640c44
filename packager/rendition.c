#include "packager/rendition.h"

#include <string.h>

#include "core/buf.h"
#include "core/require.h"
#include "packager/media/marker.h"

enum {
    DEFAULT_FPS = 30,    /* until two samples were seen */
    HOLE_NEWS_MS = 1000, /* a hole that lasts is told once a second */
};

void packager_rendition_init(struct rendition *r, unsigned id,
                             struct findings *findings, uint64_t first_msn,
                             uint64_t first_discontinuity)
{
    *r = (struct rendition){
        .id = id,
        .kind = media_rendition_id_kind(id),
        .findings = findings,
        .newest = RENDITION_NEVER,
        .horizon = INT64_MAX,
        .hole_until = RENDITION_NEVER,
    };
    r->open.msn = first_msn;
    segment_window_init(&r->window, first_discontinuity);
}

static void clear_open(struct rendition *r)
{
    for (uint32_t i = 0; i < r->open.n_parts; i++)
        segment_part_unref(r->open.parts[i]);
    r->open.n_parts = 0;
}

void packager_rendition_finish(struct rendition *r)
{
    packager_marks_finish(&r->marks);
    clear_open(r);
    segment_window_finish(&r->window);
    packager_packet_queue_finish(&r->queue);
    mux_fmp4_destroy(r->fmp4);
    segment_part_epoch_unref(r->epoch);
}

int64_t packager_rendition_from_ticks(const struct rendition *r, int64_t ticks)
{
    return media_packet_rescale(ticks, r->timescale, MARKER_TIMESCALE);
}

int64_t packager_rendition_to_ticks(const struct rendition *r, int64_t t)
{
    int64_t ticks = media_packet_rescale(t, MARKER_TIMESCALE, r->timescale);
    return packager_rendition_from_ticks(r, ticks) < t ? ticks + 1 : ticks;
}

int64_t packager_rendition_newest(const struct rendition *r)
{
    return packager_rendition_from_ticks(r, r->newest + r->shift);
}

static int64_t to_ms(const struct rendition *r, int64_t ticks)
{
    return media_packet_rescale(ticks, r->timescale, 1000);
}

void packager_rendition_enter(struct rendition *r, const struct rendition_media *media,
                              bool leads)
{
    r->leads = leads;
    r->fmp4 = media->fmp4;
    r->newest = RENDITION_NEVER;
    r->shift = 0;
    r->gap.is_new = false;
    r->wants_key = false;
    if (!media->track)
        return;
    memcpy(r->language, media->language, sizeof r->language);
    memcpy(r->name, media->name, sizeof r->name);
    int64_t end = r->exists ? packager_rendition_from_ticks(r, r->pos) : 0;
    segment_part_epoch_unref(r->epoch);
    r->epoch = media->epoch;
    r->timescale = media->track->timescale;
    r->pos = packager_rendition_to_ticks(r, end);
    r->exists = true;
    media_track_unref(media->track);
}

void packager_rendition_push(struct rendition *r, const struct packet *packet)
{
    if (packet->dts <= r->newest) {
        struct packet refused = *packet;
        media_packet_finish(&refused);
        packager_findings_note(r->findings, r->id, PACKAGER_REFUSED_PACKET,
                               ++r->n_refused);
        return;
    }
    packager_packet_queue_push(&r->queue, packet);
    r->newest = packet->dts;
}

bool packager_rendition_waiting(const struct rendition *r, size_t i, int64_t *ret_start)
{
    const struct packet *packet = packager_packet_queue_peek(&r->queue, i);
    if (!packet)
        return false;
    *ret_start = packet->dts + r->shift;
    return true;
}

void packager_rendition_refuse(struct rendition *r)
{
    packager_packet_queue_drop(&r->queue);
    packager_findings_note(r->findings, r->id, PACKAGER_REFUSED_PACKET, ++r->n_refused);
}

static void open_segment(struct rendition *r, uint64_t msn, int64_t start,
                         int64_t boundary)
{
    r->open = (struct segment){
        .msn = msn,
        .epoch = r->epoch,
        .start = start,
        .boundary = boundary,
        .wall_ms = r->wall_anchor_ms + to_ms(r, start),
        .gap = true,
    };
}

void packager_rendition_start(struct rendition *r, const struct rendition_start *start)
{
    struct cutter_config config = start->cutter;
    config.timescale = r->timescale;
    config.follows = !r->leads;
    segment_cutter_init(&r->cutter, &config, start->frame);
    segment_cutter_open_segment(&r->cutter, start->start);
    r->target_duration_s = config.target_duration_s;
    r->wall_anchor_ms = start->wall_anchor_ms;
    r->pos = start->start;
    r->hole_ticks = 0;
    open_segment(r, r->open.msn, start->start, start->boundary);
    r->open.discontinuity = start->discontinuity;
    segment_cutter_set_boundary(&r->cutter, packager_rendition_boundary(r));
    r->started = true;
}

int64_t packager_rendition_boundary(const struct rendition *r)
{
    return r->n_boundaries > 0 ? packager_rendition_to_ticks(r, r->boundaries[0].at)
                               : CUTTER_NO_BOUNDARY;
}

void packager_rendition_add_boundary(struct rendition *r,
                                     struct rendition_boundary boundary)
{
    require(r->n_boundaries < RENDITION_BOUNDARIES_MAX);
    r->boundaries[r->n_boundaries++] = boundary;
    segment_cutter_set_boundary(&r->cutter, packager_rendition_boundary(r));
}

void packager_rendition_add_part_bound(struct rendition *r, int64_t bound)
{
    if (r->n_part_bounds < RENDITION_BOUNDS_MAX)
        r->part_bounds[r->n_part_bounds++] = bound;
}

/* A bound is behind the open part, or came too soon after its start to be kept. */
static bool is_bound_past(const struct rendition *r, int64_t bound, int64_t t)
{
    int64_t start = segment_cutter_part_start(&r->cutter);
    if (start == CUTTER_NO_BOUNDARY)
        return bound <= t;
    return bound <= start ||
           (bound <= t && !segment_cutter_may_end_part(&r->cutter, t));
}

/* The bound that a piece which starts at t is judged by. */
static void set_part_bound(struct rendition *r, int64_t t)
{
    size_t n_past = 0;
    while (n_past < r->n_part_bounds &&
           is_bound_past(r, packager_rendition_to_ticks(r, r->part_bounds[n_past]), t))
        n_past++;
    r->n_part_bounds -= n_past;
    memmove(r->part_bounds, r->part_bounds + n_past,
            r->n_part_bounds * sizeof r->part_bounds[0]);
    int64_t bound = r->n_part_bounds > 0
                        ? packager_rendition_to_ticks(r, r->part_bounds[0])
                        : CUTTER_NO_BOUNDARY;
    segment_cutter_set_part_bound(&r->cutter, bound);
}

static int64_t take_boundary(struct rendition *r)
{
    int64_t boundary = r->boundaries[0].at;
    r->n_boundaries--;
    memmove(r->boundaries, r->boundaries + 1,
            r->n_boundaries * sizeof r->boundaries[0]);
    segment_cutter_set_boundary(&r->cutter, packager_rendition_boundary(r));
    return boundary;
}

static bool is_away_near(const struct rendition *r, int64_t t)
{
    int64_t slack = segment_cutter_slack(&r->cutter);
    for (size_t i = 0; i < r->n_boundaries; i++)
        if (r->boundaries[i].away &&
            packager_rendition_to_ticks(r, r->boundaries[i].at) - slack <= t)
            return true;
    return false;
}

/* Where the segment ends, for this piece. What is missing has segments of its own, so each
 * rendition's segment ends with its own media in front of it. */
static int64_t boundary_for(const struct rendition *r, const struct cutter_piece *piece)
{
    int64_t at = packager_rendition_boundary(r);
    if (piece->start >= at && r->open.n_parts == 0 && !r->part_open)
        return piece->end; /* each segment has something */
    if (r->n_boundaries == 0 || !segment_cutter_has_media(&r->cutter))
        return at;
    int64_t slack = segment_cutter_slack(&r->cutter);
    if (piece->gap && piece->start >= at - slack &&
        (piece->away || is_away_near(r, piece->start)))
        return piece->start;
    bool fits =
        piece->end - at <= slack && piece->end <= segment_cutter_hard_end(&r->cutter);
    bool goes_on = !piece->gap && r->boundaries[0].away && fits;
    return piece->start >= at && goes_on ? piece->end : at;
}

static bool has_only_gap(const struct rendition *r)
{
    return r->open.n_parts > 0 && !r->part_open &&
           !segment_cutter_has_media(&r->cutter);
}

void packager_rendition_drop_before(struct rendition *r, int64_t t)
{
    int64_t start;
    while (has_only_gap(r) && packager_rendition_waiting(r, 0, &start) &&
           packager_rendition_from_ticks(r, start) < t)
        packager_packet_queue_drop(&r->queue);
}

/* Parts and segments. */

static void add_part(struct rendition *r, struct part fields)
{
    require(r->open.n_parts < SEGMENT_PARTS_MAX);
    fields.label_ms = to_ms(r, fields.start + fields.duration) - to_ms(r, fields.start);
    packager_tally_add_part(&r->tally, &fields);
    r->open.parts[r->open.n_parts++] = segment_part_create(fields);
    r->open.duration += fields.duration;
    r->open.label_ms += fields.label_ms;
    if (fields.data)
        r->open.gap = false;
    r->dirty = true;
}

/* Every segment has a part, and its parts cover it: what is lacking is a GAP part. */
static void complete_segment(struct rendition *r)
{
    int64_t covered = r->open.start + r->open.duration;
    if (r->open.n_parts == 0 || covered < r->pos)
        add_part(r, (struct part){.start = covered, .duration = r->pos - covered});
    packager_tally_add_segment(&r->tally, &r->open, r->target_duration_s);
    segment_window_add(&r->window, segment_part_segment_create(&r->open));
    clear_open(r);
    r->dirty = true;
}

/* Less than the labels can tell: no part can be made of it. */
static bool is_nothing(const struct rendition *r, int64_t until)
{
    return until > r->pos && to_ms(r, until) == to_ms(r, r->pos);
}

static void next_segment(struct rendition *r, int64_t start)
{
    complete_segment(r);
    if (is_nothing(r, start))
        r->pos = start;
    int64_t boundary =
        r->leads ? packager_rendition_from_ticks(r, start) : take_boundary(r);
    open_segment(r, r->open.msn + 1, start, boundary);
    segment_cutter_open_segment(&r->cutter, start);
}

static void check_length(struct rendition *r, const struct part *part)
{
    bool excepted = part->independent || !part->data || r->before_gap || r->flush ||
                    r->part_end != CUTTER_PART;
    if (excepted || part->label_ms >= to_ms(r, segment_cutter_part_legal(&r->cutter)))
        return;
    packager_findings_note(r->findings, r->id, PACKAGER_FRAMES_MISSING, ++r->n_short);
}

void packager_rendition_finish_part(struct rendition *r, struct bytes prefix)
{
    require(r->part_open);
    struct part part = {.start = r->part_start, .duration = r->pos - r->part_start};
    if (mux_fmp4_cut(r->fmp4, prefix, &part.data, NULL) == 0) {
        r->n_fragments++;
        part.independent = r->part_key;
    }
    add_part(r, part);
    check_length(r, r->open.parts[r->open.n_parts - 1]);
    r->part_open = false;
    r->after_gap = false;
    segment_cutter_close_part(&r->cutter);
}

/* Pieces. */

struct next_piece {
    struct cutter_piece piece;
    bool exact; /* the end is known, so it can be placed */
};

static int64_t typical_duration(const struct rendition *r)
{
    int64_t typical = segment_cutter_typical(&r->cutter);
    int64_t part_max = segment_cutter_part_max(&r->cutter);
    if (typical == 0)
        typical = r->kind == TRACK_AUDIO ? r->epoch->track->frame_samples
                                         : r->timescale / DEFAULT_FPS;
    return typical < part_max ? typical : part_max;
}

/* What a sample lasts at least, most probably: parts are closed by it when the next
 * packet is not there yet. Sound has whole frames, pictures jitter. */
static int64_t least_duration(const struct rendition *r)
{
    int64_t typical = typical_duration(r);
    return r->kind == TRACK_AUDIO ? typical : typical * 3 / 4;
}

/* Where the next GAP part ends at most: its label must not pass PART-TARGET either, but
 * may use it up, so that no sliver of a tick is left behind it. */
static int64_t gap_end(const struct rendition *r, int64_t limit)
{
    int64_t part_max = segment_cutter_part_max(&r->cutter);
    int64_t label_ms = to_ms(r, limit) - to_ms(r, r->pos);
    return label_ms <= to_ms(r, part_max) ? limit : r->pos + part_max;
}

/* Sound that begins again just behind a boundary: what is missing ends there too. */
static bool may_begin_late(const struct rendition *r, int64_t target)
{
    return has_only_gap(r) && target <= segment_cutter_hard_end(&r->cutter) &&
           target - packager_rendition_boundary(r) <=
               segment_cutter_slack(&r->cutter) &&
           gap_end(r, target) == target;
}

/* goes_on: the target is not the end of the hole, so only whole parts are placed, and
 * what is left is only judged. */
static bool find_gap(const struct rendition *r, int64_t target, bool goes_on,
                     struct next_piece *ret)
{
    int64_t boundary = packager_rendition_boundary(r);
    int64_t limit = boundary > r->pos && boundary < target ? boundary : target;
    if (!goes_on && limit < target && may_begin_late(r, target))
        limit = target;
    int64_t start = limit < target && is_nothing(r, limit) ? limit : r->pos;
    int64_t end = start == limit ? target : gap_end(r, limit);
    bool whole = end < target || !goes_on;
    *ret = (struct next_piece){
        .piece = {.start = start, .end = end, .gap = true},
        .exact = whole && end < r->horizon,
    };
    return r->pos < r->horizon;
}

static bool find_sample(const struct rendition *r, const struct packet *packet,
                        struct next_piece *ret)
{
    int64_t start = packet->dts + r->shift;
    int64_t boundary = packager_rendition_boundary(r);
    if (is_nothing(r, start) && (boundary <= r->pos || boundary > start))
        start = r->pos;
    int64_t following;
    int64_t duration = typical_duration(r);
    bool exact = true;
    if (packager_rendition_waiting(r, 1, &following)) {
        int64_t longest = segment_cutter_part_max(&r->cutter);
        if (!r->leads && start < boundary &&
            segment_cutter_hard_end(&r->cutter) - start < longest)
            longest = segment_cutter_hard_end(&r->cutter) - start;
        if (following - start <= longest || following - start < duration)
            duration = following - start;
    } else if (!r->flush && r->hole_until <= start + duration) {
        duration = least_duration(r);
        exact = false;
    }
    *ret = (struct next_piece){
        .piece = {.start = start, .end = start + duration, .key = packet->key},
        .exact = exact,
    };
    return start < r->horizon;
}

static bool find_piece(struct rendition *r, struct next_piece *ret)
{
    const struct packet *packet = packager_packet_queue_peek(&r->queue, 0);
    while (packet && packet->dts + r->shift < r->pos) {
        packager_rendition_refuse(r);
        packet = packager_packet_queue_peek(&r->queue, 0);
    }
    if (packet && packet->dts + r->shift > r->pos &&
        !is_nothing(r, packet->dts + r->shift)) {
        bool found = find_gap(r, packet->dts + r->shift, false, ret);
        ret->piece.away = r->leads && packet->key;
        return found;
    }
    if (packet)
        return find_sample(r, packet, ret);
    if (r->flush ? r->hole_until <= r->pos : r->hole_until < r->pos)
        return false;
    bool found = find_gap(r, r->hole_until, !r->flush, ret);
    ret->piece.away = r->away && !r->flush;
    return found;
}

int64_t packager_rendition_end(const struct rendition *r)
{
    int64_t end = r->pos;
    int64_t start;
    size_t n = packager_packet_queue_count(&r->queue);
    if (n > 0 && packager_rendition_waiting(r, n - 1, &start) && start >= end)
        end = start + typical_duration(r);
    return end;
}

void packager_rendition_forget(struct rendition *r)
{
    packager_packet_queue_finish(&r->queue);
    r->newest = RENDITION_NEVER;
    r->shift = 0;
}

static void note_gap(struct rendition *r, const struct cutter_piece *piece)
{
    r->after_gap = true;
    r->gap = (struct rendition_gap){
        .is_new = true,
        .start = piece->start,
        .end = piece->end,
        .opens_segment = r->open.n_parts == 0,
    };
}

static void tell_hole(struct rendition *r)
{
    if (r->fmp4)
        packager_findings_note(r->findings, r->id, PACKAGER_HOLE,
                               to_ms(r, r->hole_ticks));
}

static void place_gap(struct rendition *r, const struct cutter_piece *piece,
                      enum cutter_cut cut)
{
    int64_t before_ms = to_ms(r, r->hole_ticks);
    segment_cutter_place(&r->cutter, piece, cut);
    note_gap(r, piece);
    r->pos = piece->end;
    r->hole_ticks += piece->end - piece->start;
    if (to_ms(r, r->hole_ticks) / HOLE_NEWS_MS > before_ms / HOLE_NEWS_MS)
        tell_hole(r);
    if (r->open.n_parts + 1 < SEGMENT_PARTS_MAX)
        add_part(r, (struct part){.start = piece->start,
                                  .duration = piece->end - piece->start});
}

static void open_part(struct rendition *r, int64_t start)
{
    r->part_open = true;
    r->part_key = false;
    r->part_start = start;
}

/* A sample that the muxer refuses leaves a hole, which is found with the next one. */
static void place_sample(struct rendition *r, const struct cutter_piece *piece,
                         enum cutter_cut cut)
{
    struct packet packet = *packager_packet_queue_peek(&r->queue, 0); /* borrowed */
    int64_t early = packet.dts + r->shift - piece->start;
    packet.dts -= early;
    packet.pts -= early;
    bool fits = r->part_open || r->open.n_parts + 1 < SEGMENT_PARTS_MAX;
    if (!fits || !r->fmp4 ||
        mux_fmp4_write(r->fmp4, &packet, piece->end - piece->start, NULL) != 0) {
        packager_rendition_refuse(r);
        return;
    }
    if (r->hole_ticks > 0)
        tell_hole(r);
    r->hole_ticks = 0;
    if (!r->part_open)
        open_part(r, piece->start);
    r->part_key = r->part_key || piece->key;
    r->pos = piece->end;
    segment_cutter_place(&r->cutter, piece, cut);
    packager_packet_queue_drop(&r->queue);
}

static bool is_segment_cut(enum cutter_cut cut)
{
    return cut == CUTTER_SEGMENT || cut == CUTTER_SEGMENT_FORCED;
}

enum rendition_step packager_rendition_step(struct rendition *r)
{
    struct next_piece next;
    if (!r->started)
        return RENDITION_IDLE;
    if (!find_piece(r, &next)) {
        r->part_end = CUTTER_SEGMENT;
        return r->flush && r->part_open ? RENDITION_PART_DUE : RENDITION_IDLE;
    }
    if (!r->leads) {
        set_part_bound(r, next.piece.start);
        segment_cutter_set_boundary(&r->cutter, boundary_for(r, &next.piece));
    }
    enum cutter_cut cut = segment_cutter_judge(&r->cutter, &next.piece);
    if (next.piece.gap && !next.exact && r->part_open)
        return RENDITION_IDLE; /* the part may go on: its media may be late */
    if (cut != CUTTER_JOIN && r->part_open) {
        r->part_end = cut;
        r->before_gap = next.piece.gap;
        return RENDITION_PART_DUE;
    }
    if (cut == CUTTER_SEGMENT_FORCED) {
        int64_t since_key = segment_cutter_since_key(&r->cutter, next.piece.start);
        packager_findings_note(r->findings, r->id, PACKAGER_GOP_TOO_LONG,
                               to_ms(r, since_key));
    }
    if (is_segment_cut(cut)) {
        r->opens_away = next.piece.away && segment_cutter_has_media(&r->cutter);
        r->opens_return = !next.piece.gap && has_only_gap(r);
        next_segment(r, next.piece.start);
        return RENDITION_WORKED;
    }
    if (!next.exact)
        return RENDITION_IDLE;
    if (next.piece.gap)
        place_gap(r, &next.piece, cut);
    else
        place_sample(r, &next.piece, cut);
    return RENDITION_WORKED;
}

bool packager_rendition_is_empty(const struct rendition *r)
{
    return r->open.n_parts == 0 && !r->part_open && r->pos == r->open.start;
}

void packager_rendition_leave(struct rendition *r, uint64_t end_msn)
{
    if (r->started) {
        require(!r->part_open);
        while (r->open.msn + 1 < end_msn)
            next_segment(r, r->pos);
        if (r->open.msn < end_msn)
            complete_segment(r);
        clear_open(r);
        r->open = (struct segment){.msn = end_msn, .start = r->pos};
    }
    r->started = false;
    r->n_boundaries = 0;
    r->flush = false;
    r->n_part_bounds = 0;
    packager_marks_finish(&r->marks);
    r->horizon = INT64_MAX;
    r->hole_until = RENDITION_NEVER;
    packager_packet_queue_finish(&r->queue);
    mux_fmp4_destroy(r->fmp4);
    r->fmp4 = NULL;
}
