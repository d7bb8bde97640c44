#include "packager/epoch.h"

#include "core/buf.h"
#include "core/require.h"
#include "packager/lockstep.h"
#include "packager/measure.h"
#include "packager/media/marker.h"

enum {
    TICKS_PER_MS = MARKER_TIMESCALE / 1000,
};

static void set_state(struct epoch *epoch, enum epoch_state state)
{
    epoch->state = state;
}

void packager_epoch_init(struct epoch *epoch, const struct packager_config *config,
                         struct packager_constants *constants)
{
    *epoch = (struct epoch){.config = config, .constants = constants};
}

void packager_epoch_begin(struct epoch *epoch, struct rendition *leader,
                          struct rendition *const *followers, size_t n_followers,
                          bool discontinuity, int64_t now_ms)
{
    require(n_followers < RENDITIONS_MAX);
    epoch->leader = leader;
    epoch->n_followers = n_followers;
    for (size_t i = 0; i < n_followers; i++)
        epoch->followers[i] = followers[i];
    epoch->discontinuity = discontinuity;
    epoch->second_key = EPOCH_NO_KEY;
    epoch->cadence = (struct cadence){0};
    epoch->n_starts = 0;
    epoch->given_up = RENDITION_NEVER;
    epoch->wants_key = epoch->is_shifted = false;
    epoch->delay = 0;
    epoch->is_resumed = epoch->is_returning = false;
    epoch->late_since_ms = SCHEDULE_NEVER;
    packager_schedule_renew(&epoch->schedule);
    packager_schedule_hear(&epoch->schedule, now_ms);
    set_state(epoch, EPOCH_WAITING);
}

/* The start of the show. */

/* start: ticks of the leader. */
static void start_leader(struct epoch *epoch, int64_t start)
{
    struct rendition *leader = epoch->leader;
    struct rendition_start first = packager_measure_start_of(epoch, leader, start);
    if (epoch->cadence.num > 0)
        first.frame = segment_cadence_frame(epoch->cadence, leader->timescale);
    packager_rendition_start(leader, &first);
    epoch->boundary = epoch->start;
    epoch->show_started = true;
    set_state(epoch, EPOCH_CUTTING);
}

static void start_cutting(struct epoch *epoch)
{
    if (!epoch->show_started)
        packager_measure(epoch);
    int64_t start;
    if (packager_rendition_waiting(epoch->leader, 0, &start))
        start_leader(epoch, start);
}

/* Packets in. */

/* Sound that came before the first picture is kept as long as it may belong to it. */
static void forget_early_sound(struct rendition *follower)
{
    int64_t reach = (int64_t)follower->timescale * EPOCH_LAG_MS / 1000;
    const struct packet *first;
    while ((first = packager_packet_queue_peek(&follower->queue, 0)) &&
           first->dts < follower->newest - reach)
        packager_packet_queue_drop(&follower->queue);
}

/* 90 kHz: the end of what was made, in all renditions. */
static int64_t made_until(const struct epoch *epoch)
{
    int64_t until = packager_rendition_from_ticks(epoch->leader, epoch->leader->pos);
    for (size_t i = 0; i < epoch->n_followers; i++) {
        const struct rendition *r = epoch->followers[i];
        int64_t other = packager_rendition_from_ticks(r, r->pos);
        until = other > until ? other : until;
    }
    return until;
}

/* The first key frame that does not lie before what was made already. */
static void try_start(struct epoch *epoch)
{
    struct rendition *leader = epoch->leader;
    const struct packet *packet = packager_packet_queue_peek(&leader->queue, 0);
    if (!packet->key) {
        packager_packet_queue_drop(&leader->queue);
        return;
    }
    leader->shift = packet->pts - packet->dts;
    epoch->is_shifted = true;
    epoch->start = packager_rendition_from_ticks(leader, packet->dts + leader->shift);
    set_state(epoch, EPOCH_MEASURING);
}

static void add_delay(const struct epoch *epoch, const struct rendition *rendition,
                      struct packet *packet)
{
    int64_t ticks = packager_rendition_to_ticks(rendition, epoch->delay);
    packet->dts += ticks;
    packet->pts += ticks;
}

/* The owner's clock may have been set meanwhile: players see nothing of it. */
static void bring_near(struct epoch *epoch, const struct rendition *rendition,
                       const struct packet *packet)
{
    int64_t time = packager_rendition_from_ticks(rendition, packet->dts);
    int64_t ahead = time - made_until(epoch);
    if (ahead > (int64_t)EPOCH_AHEAD_MAX_MS * TICKS_PER_MS)
        epoch->delay = -ahead;
    epoch->is_resumed = false;
}

/* The key frame is the first of what follows: it and all behind it get a place. */
static void ensure_place(struct epoch *epoch, struct packet *packet)
{
    struct rendition *leader = epoch->leader;
    int64_t shift = epoch->is_shifted ? leader->shift : packet->pts - packet->dts;
    int64_t start = packager_rendition_from_ticks(leader, packet->dts + shift);
    int64_t end = packager_rendition_from_ticks(leader, packager_rendition_end(leader));
    int64_t until = made_until(epoch);
    int64_t missing = (end > until ? end : until) - start;
    if (missing <= 0)
        return;
    struct epoch more = {.delay =
                             missing + 1}; /* a tick of it may be lost by rounding */
    add_delay(&more, leader, packet);
    epoch->delay += more.delay;
}

static void go_on_with(struct epoch *epoch, const struct packet *key)
{
    if (!epoch->is_shifted)
        epoch->leader->shift = key->pts - key->dts;
    epoch->is_shifted = true;
    epoch->wants_key = epoch->is_returning = false;
    epoch->late_since_ms = SCHEDULE_NEVER;
}

static void want_keys(struct epoch *epoch)
{
    epoch->wants_key = true;
    for (size_t i = 0; i < epoch->n_followers; i++)
        epoch->followers[i]->wants_key = epoch->followers[i]->started;
}

/* Late packets are refused when their turn comes; those that stay late are given up. */
static void note_late(struct epoch *epoch, const struct packet *packet, int64_t now_ms)
{
    const struct rendition *leader = epoch->leader;
    if (epoch->state != EPOCH_CUTTING || packet->dts + leader->shift >= leader->pos)
        epoch->late_since_ms = SCHEDULE_NEVER;
    else if (epoch->late_since_ms == SCHEDULE_NEVER)
        epoch->late_since_ms = now_ms;
    else if (now_ms - epoch->late_since_ms >= EPOCH_LATE_MS)
        want_keys(epoch);
}

/* True: the packet was given back, because only a key frame makes sense now. */
static bool is_passed_over(struct epoch *epoch, struct packet *packet, int64_t now_ms)
{
    note_late(epoch, packet, now_ms);
    bool first = epoch->wants_key || epoch->state == EPOCH_WAITING;
    if (packet->key && first)
        ensure_place(epoch, packet);
    if (!epoch->wants_key)
        return false;
    if (packet->key) {
        go_on_with(epoch, packet);
        return false;
    }
    media_packet_finish(packet);
    return true;
}

/* What is of no use does not count as heard. */
static void hear(struct epoch *epoch, int64_t now_ms)
{
    if (epoch->wants_key || epoch->state == EPOCH_WAITING)
        return;
    packager_schedule_hear(&epoch->schedule, now_ms);
    epoch->given_up = RENDITION_NEVER;
}

/* The others of a kind say nothing that the first does not. */
static void note_arrival(struct epoch *epoch, const struct rendition *rendition,
                         const struct packet *packet, int64_t now_ms)
{
    if (media_rendition_id_index(rendition->id) > 0)
        return;
    int64_t ms = media_packet_rescale(packet->dts, rendition->timescale, 1000);
    packager_schedule_note(&epoch->schedule, packet->kind, ms, now_ms);
}

void packager_epoch_push(struct epoch *epoch, struct rendition *rendition,
                         const struct packet *packet, int64_t now_ms)
{
    bool leads = rendition == epoch->leader;
    struct packet placed = *packet;
    if (epoch->is_resumed)
        bring_near(epoch, rendition, packet);
    add_delay(epoch, rendition, &placed);
    if (leads && is_passed_over(epoch, &placed, now_ms))
        return;
    if (rendition->wants_key && !placed.key) {
        media_packet_finish(&placed);
        return;
    }
    rendition->wants_key = false;
    note_arrival(epoch, rendition, &placed, now_ms);
    packager_rendition_push(rendition, &placed);
    if (epoch->state == EPOCH_WAITING && leads)
        try_start(epoch);
    else if (epoch->state == EPOCH_MEASURING && leads)
        packager_measure_second_key(epoch, &placed);
    else if (epoch->state == EPOCH_WAITING)
        forget_early_sound(rendition);
    else if (epoch->state == EPOCH_CUTTING && leads && epoch->cadence.num == 0)
        packager_measure_meanwhile(epoch, &placed);
    hear(epoch, now_ms);
    if (epoch->state == EPOCH_MEASURING &&
        (epoch->show_started || packager_measure_is_done(epoch)))
        start_cutting(epoch);
}

/* Nothing comes. */

void packager_epoch_restart(struct epoch *epoch)
{
    if (epoch->state != EPOCH_WAITING && epoch->state != EPOCH_MEASURING)
        return;
    packager_rendition_forget(epoch->leader);
    for (size_t i = 0; i < epoch->n_followers; i++)
        packager_rendition_forget(epoch->followers[i]);
    epoch->second_key = EPOCH_NO_KEY;
    epoch->is_shifted = false;
    set_state(epoch, EPOCH_WAITING);
}

void packager_epoch_resume(struct epoch *epoch)
{
    packager_schedule_renew(&epoch->schedule);
    packager_epoch_restart(epoch);
    epoch->delay = 0;
    if (epoch->state != EPOCH_CUTTING)
        return;
    epoch->is_resumed = epoch->is_returning = true;
    want_keys(epoch);
}

static int64_t part_ms_of(const struct epoch *epoch)
{
    return epoch->constants->part_target_ms;
}

static int64_t silence_of(const struct epoch *epoch)
{
    return epoch->connected ? EPOCH_CONNECTED_PATIENCE_MS
                            : part_ms_of(epoch) * SCHEDULE_SILENT_PARTS;
}

/* In ms: how far the edge must be before the next missing part is given up. */
static int64_t wanted_edge_ms(const struct epoch *epoch)
{
    const struct rendition *leader = epoch->leader;
    int64_t end = made_until(epoch);
    if (epoch->state == EPOCH_CUTTING)
        end = packager_rendition_from_ticks(leader, packager_rendition_end(leader));
    return end / TICKS_PER_MS + 1 + part_ms_of(epoch) + 1;
}

/* No picture to begin with, while the playlists are there already: the epoch begins with
 * missing media. */
static void start_without_media(struct epoch *epoch)
{
    epoch->start = made_until(epoch);
    epoch->wants_key = epoch->is_returning = true;
    start_leader(epoch, packager_rendition_to_ticks(epoch->leader, epoch->start));
}

void packager_epoch_tick(struct epoch *epoch, int64_t now_ms)
{
    const struct schedule *schedule = &epoch->schedule;
    if (epoch->state == EPOCH_MEASURING &&
        packager_schedule_is_silent(schedule, EPOCH_START_PATIENCE_MS, now_ms)) {
        packager_epoch_restart(epoch);
        return;
    }
    bool runs = epoch->state == EPOCH_CUTTING || epoch->state == EPOCH_WAITING;
    if (!epoch->show_started || !runs ||
        !packager_schedule_is_silent(schedule, silence_of(epoch), now_ms))
        return;
    int64_t edge_ms = packager_schedule_edge_ms(schedule, part_ms_of(epoch), now_ms);
    if (edge_ms == SCHEDULE_NEVER || edge_ms < wanted_edge_ms(epoch))
        return;
    if (epoch->state == EPOCH_WAITING)
        start_without_media(epoch);
    epoch->given_up = edge_ms * TICKS_PER_MS;
}

int64_t packager_epoch_deadline_ms(const struct epoch *epoch)
{
    if (epoch->state == EPOCH_MEASURING && !epoch->show_started)
        return epoch->schedule.heard_ms + EPOCH_START_PATIENCE_MS;
    bool runs = epoch->state == EPOCH_CUTTING || epoch->state == EPOCH_WAITING;
    if (!epoch->show_started || !runs)
        return INT64_MAX;
    return packager_schedule_due_ms(&epoch->schedule, part_ms_of(epoch),
                                    wanted_edge_ms(epoch), silence_of(epoch));
}

/* The end. */

/* Both end at about the same time: what the follower has beyond is dropped. */
static void drop_beyond(struct rendition *follower, int64_t end)
{
    int64_t start;
    size_t n = packager_packet_queue_count(&follower->queue);
    while (n > 0 && packager_rendition_waiting(follower, n - 1, &start) &&
           start >= end) {
        packager_packet_queue_drop_last(&follower->queue);
        n--;
    }
}

/* A segment that was opened for what did not come has no trace, unless the follower has
 * media in it: then the leader lacks as much. */
static uint64_t end_msn(const struct epoch *epoch)
{
    struct rendition *leader = epoch->leader;
    for (size_t i = 0; i < epoch->n_followers && packager_rendition_is_empty(leader);
         i++) {
        const struct rendition *r = epoch->followers[i];
        if (r->started && r->open.msn == leader->open.msn &&
            !packager_rendition_is_empty(r))
            leader->pos = packager_rendition_to_ticks(
                leader, packager_rendition_from_ticks(r, r->pos));
    }
    return leader->open.msn + (packager_rendition_is_empty(leader) ? 0 : 1);
}

static void leave(struct epoch *epoch)
{
    uint64_t end = epoch->leader->started ? end_msn(epoch) : 0;
    packager_rendition_leave(epoch->leader, end);
    for (size_t i = 0; i < epoch->n_followers; i++)
        packager_rendition_leave(epoch->followers[i], end);
    set_state(epoch, EPOCH_NONE);
}

static enum rendition_step step_drain(struct epoch *epoch)
{
    enum rendition_step step = RENDITION_IDLE;
    for (size_t i = 0; i < epoch->n_followers; i++) {
        struct rendition *follower = epoch->followers[i];
        if (follower->flush)
            continue;
        follower->flush = true;
        drop_beyond(follower, packager_lockstep_leader_pos(epoch, follower));
        step = RENDITION_WORKED;
    }
    if (step == RENDITION_IDLE)
        leave(epoch);
    return step;
}

enum rendition_step packager_epoch_step(struct epoch *epoch)
{
    if (epoch->state != EPOCH_CUTTING && epoch->state != EPOCH_DRAINING)
        return RENDITION_IDLE;
    enum rendition_step step = packager_lockstep_step(epoch);
    if (step == RENDITION_IDLE && epoch->state == EPOCH_DRAINING)
        step = step_drain(epoch);
    return step;
}

void packager_epoch_drain(struct epoch *epoch)
{
    if (epoch->state == EPOCH_MEASURING)
        start_cutting(epoch);
    epoch->given_up = RENDITION_NEVER;
    if (epoch->state == EPOCH_CUTTING) {
        epoch->leader->flush = true;
        set_state(epoch, EPOCH_DRAINING);
    } else if (epoch->state == EPOCH_WAITING) {
        leave(epoch);
    }
}

void packager_epoch_finish_part(struct epoch *epoch, struct bytes boxes)
{
    struct rendition *leader = epoch->leader;
    int64_t start = packager_rendition_from_ticks(leader, leader->part_start);
    struct buf *copy = NULL;
    for (size_t i = 0; i < epoch->n_followers && boxes.len > 0; i++) {
        struct rendition *r = epoch->followers[i];
        if (r->kind != leader->kind || !r->fmp4)
            continue;
        if (!copy)
            copy = buf_copy(boxes);
        packager_marks_add(&r->marks, start, copy);
    }
    buf_unref(copy);
    packager_rendition_finish_part(leader, boxes);
}

int64_t packager_epoch_open_time(const struct epoch *epoch)
{
    const struct rendition *leader = epoch->leader;
    if (!leader || !leader->exists)
        return 0;
    if (epoch->state == EPOCH_MEASURING)
        return epoch->start;
    return packager_rendition_from_ticks(leader, leader->part_open ? leader->part_start
                                                                   : leader->pos);
}

int64_t packager_epoch_newest_time(const struct epoch *epoch)
{
    int64_t newest = packager_epoch_open_time(epoch);
    const struct rendition *leader = epoch->leader;
    if (leader && leader->newest != RENDITION_NEVER &&
        packager_rendition_newest(leader) > newest)
        newest = packager_rendition_newest(leader);
    for (size_t i = 0; i < epoch->n_followers; i++) {
        const struct rendition *r = epoch->followers[i];
        if (r->newest != RENDITION_NEVER && packager_rendition_newest(r) > newest)
            newest = packager_rendition_newest(r);
    }
    return newest;
}
