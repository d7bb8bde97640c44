#include "packager/lockstep.h"

#include "core/buf.h"
#include "packager/epoch.h"
#include "packager/measure.h"
#include "packager/media/marker.h"

enum {
    TICKS_PER_MS = MARKER_TIMESCALE / 1000,
};

static int64_t given_up_by(const struct rendition *other, int64_t until)
{
    if (!other->fmp4 || other->newest == RENDITION_NEVER)
        return until;
    int64_t behind =
        packager_rendition_newest(other) - (int64_t)EPOCH_LAG_MS * TICKS_PER_MS;
    return behind > until ? behind : until;
}

/* Missing media are given up once another rendition is far ahead, or on schedule. The
 * leader minds all others, these mind the leader. */
static void set_hole(const struct epoch *epoch, struct rendition *rendition)
{
    int64_t until = epoch->given_up;
    if (rendition != epoch->leader)
        until = given_up_by(epoch->leader, until);
    for (size_t i = 0; rendition == epoch->leader && i < epoch->n_followers; i++)
        until = given_up_by(epoch->followers[i], until);
    if (until != RENDITION_NEVER)
        rendition->hole_until = packager_rendition_to_ticks(rendition, until);
    else
        rendition->hole_until = RENDITION_NEVER;
    rendition->away = epoch->given_up != RENDITION_NEVER;
}

/* The front packet can be a follower's first. */
static bool is_first(struct rendition *r, int64_t nominal)
{
    const struct packet *packet = packager_packet_queue_peek(&r->queue, 0);
    if (!packet || !packet->key)
        return false;
    r->shift = packet->pts - packet->dts;
    return packet->dts + r->shift >= nominal;
}

/* Where a follower's segments begin: with its first packet, or with the leader when
 * there is none in time. */
static void try_start_follower(struct epoch *epoch, struct rendition *r)
{
    int64_t nominal = packager_rendition_to_ticks(r, epoch->start);
    if (nominal < r->pos)
        nominal = r->pos;
    int64_t first;
    while (!is_first(r, nominal) && packager_rendition_waiting(r, 0, &first))
        packager_packet_queue_drop(&r->queue);
    struct rendition_start start = packager_measure_start_of(epoch, r, nominal);
    if (r->fmp4 && r->kind == TRACK_AUDIO)
        start.frame = r->epoch->track->frame_samples;
    int64_t part_max = (int64_t)start.cutter.part_target_ms * r->timescale / 1000;
    bool waits = packager_rendition_waiting(r, 0, &first);
    if (waits && first - nominal <= part_max && first < packager_rendition_boundary(r))
        start.start = first;
    else if (!waits && r->hole_until <= nominal && !r->flush)
        return;
    packager_rendition_start(r, &start);
}

/* The leader stands between two parts: the followers' end there too. */
static void note_part_end(struct epoch *epoch)
{
    const struct rendition *leader = epoch->leader;
    if (epoch->n_followers == 0 || !leader->started || leader->part_open)
        return;
    int64_t end = packager_rendition_from_ticks(leader, leader->pos);
    if (end == epoch->part_end)
        return;
    epoch->part_end = end;
    for (size_t i = 0; i < epoch->n_followers; i++)
        if (epoch->followers[i]->fmp4)
            packager_rendition_add_part_bound(epoch->followers[i], end);
}

static bool is_crowded(const struct epoch *epoch)
{
    for (size_t i = 0; i < epoch->n_followers; i++)
        if (epoch->followers[i]->open.n_parts >= CUTTER_PARTS_CROWDED)
            return true;
    return false;
}

static enum rendition_step step_leader(struct epoch *epoch)
{
    struct rendition *leader = epoch->leader;
    set_hole(epoch, leader);
    if (epoch->n_followers > 0)
        segment_cutter_set_crowded(&leader->cutter, is_crowded(epoch));
    note_part_end(epoch);
    enum rendition_step step = packager_rendition_step(leader);
    if (leader->open.boundary == epoch->boundary)
        return step;
    epoch->boundary = leader->open.boundary;
    for (size_t i = 0; i < epoch->n_followers; i++)
        packager_rendition_add_boundary(
            epoch->followers[i],
            (struct rendition_boundary){epoch->boundary, leader->opens_away});
    return step;
}

int64_t packager_lockstep_leader_pos(const struct epoch *epoch,
                                     const struct rendition *follower)
{
    const struct rendition *leader = epoch->leader;
    return packager_rendition_to_ticks(
        follower, packager_rendition_from_ticks(leader, leader->pos));
}

static bool has_many_boundaries(const struct rendition *follower)
{
    return follower->n_boundaries >= RENDITION_BOUNDARIES_MAX / 2;
}

static bool must_leader_wait(const struct epoch *epoch)
{
    for (size_t i = 0; i < epoch->n_followers; i++)
        if (has_many_boundaries(epoch->followers[i]))
            return true;
    return false;
}

/* When the follower's missing media are given up without waiting for them. At the end
 * it may be a little shorter than the leader. */
static bool must_keep_up(const struct epoch *epoch, const struct rendition *follower)
{
    if (!follower->fmp4 || has_many_boundaries(follower))
        return true;
    int64_t part_max = segment_cutter_part_max(&follower->cutter);
    bool empty = follower->open.n_parts == 0 && !follower->part_open;
    return follower->flush &&
           (follower->n_boundaries > 0 || empty ||
            packager_lockstep_leader_pos(epoch, follower) - follower->pos > part_max);
}

/* Whether a segment starts where the leader stands has been judged already: it has its
 * turn first, and knows what comes there. */
static bool is_judged(const struct rendition *leader)
{
    int64_t first;
    return packager_rendition_waiting(leader, 0, &first) ||
           leader->hole_until >= leader->pos;
}

/* Who comes back does so in all renditions with the leader's key frame. */
static void drop_early(const struct epoch *epoch, struct rendition *follower)
{
    const struct rendition *leader = epoch->leader;
    if (epoch->is_returning)
        packager_rendition_drop_before(
            follower, packager_rendition_from_ticks(leader, leader->pos));
    else if (leader->opens_return)
        packager_rendition_drop_before(follower, epoch->boundary);
}

static enum rendition_step step_follower(struct epoch *epoch,
                                         struct rendition *follower)
{
    struct rendition *leader = epoch->leader;
    int64_t decided = packager_lockstep_leader_pos(epoch, follower);
    follower->horizon = decided + (is_judged(leader) || follower->flush ? 1 : 0);
    if (must_keep_up(epoch, follower))
        follower->hole_until = decided;
    else
        set_hole(epoch, follower);
    if (!follower->started)
        try_start_follower(epoch, follower);
    drop_early(epoch, follower);
    enum rendition_step step = packager_rendition_step(follower);
    if (step != RENDITION_PART_DUE)
        return step;
    struct buf *boxes = packager_marks_take(
        &follower->marks, packager_rendition_from_ticks(follower, follower->pos));
    packager_rendition_finish_part(follower, buf_bytes(boxes));
    buf_unref(boxes);
    return RENDITION_WORKED;
}

enum rendition_step packager_lockstep_step(struct epoch *epoch)
{
    enum rendition_step step = RENDITION_IDLE;
    if (!must_leader_wait(epoch))
        step = step_leader(epoch);
    for (size_t i = 0; i < epoch->n_followers && step == RENDITION_IDLE; i++)
        step = step_follower(epoch, epoch->followers[i]);
    return step;
}
