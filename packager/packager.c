#include "packager/packager.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "packager/inbox.h"
#include "packager/publication.h"

enum {
    TIME_MAX_S = 1 << 30,   /* 34 years of one show */
    MARKERS_MAX = 1 << 20,  /* boxes in front of one part; a cue has a kilobyte */
    REORDER_MAX_MS = 10000, /* between decoding and presentation: more is no picture */
    JUMP_MAX_MS = 60000, /* between packets: each missing part is made as a GAP part */
};

struct packager {
    struct packager_config config;
    struct packager_constants constants;
    struct findings findings;
    struct inbox inbox;
    struct rendition renditions[TRACK_KINDS];
    struct epoch epoch;
    struct publication publication;
    bool due;                    /* PACKAGER_PART_DUE waits for its answer */
    bool updated[TRACK_KINDS];   /* to be told */
    bool has_track[TRACK_KINDS]; /* of the newest epoch that was begun */
    uint32_t timescales[TRACK_KINDS];
    int64_t last_dts[TRACK_KINDS];
    int64_t newest_ms; /* media time of any packet of that epoch; -1: none yet */
    int64_t n_refused;
    int64_t now_ms;
};

struct packager *packager_create(const struct packager_config *config)
{
    require(config->first_msn > 0);
    struct packager *p = alloc_zero(sizeof *p);
    p->config = *config;
    p->constants = config->constants;
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        packager_rendition_init(&p->renditions[kind], (enum track_kind)kind,
                                &p->findings, config->first_msn,
                                config->first_discontinuity);
    packager_epoch_init(&p->epoch, &p->config, &p->constants);
    return p;
}

void packager_destroy(struct packager *p)
{
    if (!p)
        return;
    packager_inbox_finish(&p->inbox);
    packager_publication_finish(&p->publication);
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        packager_rendition_finish(&p->renditions[kind]);
    alloc_free(p);
}

/* In. */

static int make_media(struct packager *p, const char *token, struct track *track,
                      struct rendition_media *ret_media, struct err *err)
{
    *ret_media = (struct rendition_media){0};
    if (!track)
        return 0;
    uint32_t sequence = p->renditions[track->kind].n_fragments + 1;
    int result = mux_fmp4_create(track, sequence, &ret_media->fmp4, err);
    if (result < 0)
        return result;
    struct buf *init = mux_fmp4_init(ret_media->fmp4);
    ret_media->track = media_track_ref(track);
    ret_media->epoch = segment_part_epoch_create(token, track, init);
    buf_unref(init);
    return 0;
}

static bool is_token(const char *token)
{
    size_t len = strlen(token);
    return len > 0 && len < SEGMENT_EPOCH_MAX &&
           strspn(token, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

int packager_begin(struct packager *p, const char *token, struct track *video,
                   struct track *audio, int64_t now_ms, struct err *err)
{
    if (!video && !audio)
        return err_set(err, ERR_INVALID, "no track");
    if (!is_token(token))
        return err_set(err, ERR_INVALID, "bad epoch token");
    struct arrival arrival = {.type = ARRIVAL_BEGIN, .now_ms = now_ms};
    int result = make_media(p, token, video, &arrival.media[TRACK_VIDEO], err);
    if (result == 0)
        result = make_media(p, token, audio, &arrival.media[TRACK_AUDIO], err);
    if (result < 0) {
        packager_inbox_discard(&arrival);
        return result;
    }
    packager_inbox_put(&p->inbox, &arrival);
    p->has_track[TRACK_VIDEO] = video != NULL;
    p->has_track[TRACK_AUDIO] = audio != NULL;
    p->last_dts[TRACK_VIDEO] = p->last_dts[TRACK_AUDIO] = -1;
    p->newest_ms = -1;
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        if (arrival.media[kind].track)
            p->timescales[kind] = arrival.media[kind].track->timescale;
    return 0;
}

/* Only while the epoch waits for media is anything possible. */
static int64_t reach_ms(const struct packager *p)
{
    int64_t made_ms = packager_epoch_open_time(&p->epoch) / (MARKER_TIMESCALE / 1000);
    if (p->newest_ms < 0 || p->epoch.state != EPOCH_CUTTING)
        return p->newest_ms;
    return p->newest_ms > made_ms ? p->newest_ms : made_ms;
}

/* Media times that can be told in every timescale, and holes that can be bridged. */
static int check_time(const struct packager *p, const struct packet *packet,
                      struct err *err)
{
    uint32_t timescale = p->timescales[packet->kind];
    int64_t reorder_max = (int64_t)timescale * REORDER_MAX_MS / 1000;
    if (packet->dts < 0 || packet->dts > (int64_t)timescale * TIME_MAX_S)
        return err_set(err, ERR_MEDIA, "decode time off the axis");
    if (packet->dts <= p->last_dts[packet->kind])
        return err_set(err, ERR_MEDIA, "decode time does not grow");
    if (packet->pts < 0 || packet->pts > packet->dts + reorder_max ||
        packet->pts < packet->dts - reorder_max)
        return err_set(err, ERR_MEDIA, "presentation time far from decode time");
    int64_t ms = media_packet_rescale(packet->dts, timescale, 1000);
    if (p->newest_ms >= 0 && ms > reach_ms(p) + JUMP_MAX_MS)
        return err_set(err, ERR_MEDIA, "decode time jumps");
    return 0;
}

static bool has_room(const struct packager *p, const struct packet *packet)
{
    const struct packet_queue *queue = &p->renditions[packet->kind].queue;
    return !packager_inbox_is_full(&p->inbox) &&
           packager_packet_queue_count(queue) < RENDITION_QUEUE_MAX &&
           packager_packet_queue_bytes(queue) + buf_bytes(packet->data).len <=
               RENDITION_QUEUE_BYTES_MAX;
}

static int check_packet(const struct packager *p, const struct packet *packet,
                        struct err *err)
{
    if (!p->has_track[packet->kind])
        return err_set(err, ERR_MEDIA, "packet of a track that was not announced");
    if (buf_bytes(packet->data).len == 0)
        return err_set(err, ERR_MEDIA, "empty packet");
    if (!has_room(p, packet))
        return err_set(err, ERR_MEDIA, "too many packets wait");
    return check_time(p, packet, err);
}

static void note_packet(struct packager *p, const struct packet *packet)
{
    int64_t ms = media_packet_rescale(packet->dts, p->timescales[packet->kind], 1000);
    p->last_dts[packet->kind] = packet->dts;
    if (ms > p->newest_ms)
        p->newest_ms = ms;
}

int packager_push(struct packager *p, struct packet *packet, int64_t now_ms,
                  struct err *err)
{
    int result = check_packet(p, packet, err);
    if (result < 0) {
        packager_findings_note(&p->findings, packet->kind, PACKAGER_REFUSED_PACKET,
                               ++p->n_refused);
        media_packet_finish(packet);
        return result;
    }
    note_packet(p, packet);
    packet->key = packet->key || packet->kind == TRACK_AUDIO;
    packager_inbox_put(
        &p->inbox,
        &(struct arrival){.type = ARRIVAL_PACKET, .now_ms = now_ms, .packet = *packet});
    *packet = (struct packet){0};
    return 0;
}

void packager_end(struct packager *p, int64_t now_ms)
{
    packager_inbox_put(&p->inbox,
                       &(struct arrival){.type = ARRIVAL_END, .now_ms = now_ms});
    p->has_track[TRACK_VIDEO] = p->has_track[TRACK_AUDIO] = false;
}

static bool has_track(const struct packager *p, enum track_kind kind,
                      const struct track *track)
{
    const struct rendition *rendition = &p->renditions[kind];
    if (!track || !p->has_track[kind])
        return !track && !p->has_track[kind];
    return rendition->epoch && media_track_equal(rendition->epoch->track, track);
}

bool packager_continues(const struct packager *p, const struct track *video,
                        const struct track *audio)
{
    return p->epoch.state != EPOCH_NONE && p->epoch.state != EPOCH_DRAINING &&
           has_track(p, TRACK_VIDEO, video) && has_track(p, TRACK_AUDIO, audio);
}

void packager_resume(struct packager *p, int64_t now_ms)
{
    packager_inbox_put(&p->inbox,
                       &(struct arrival){.type = ARRIVAL_RESUME, .now_ms = now_ms});
    if (p->epoch.state == EPOCH_CUTTING)
        return;
    p->last_dts[TRACK_VIDEO] = p->last_dts[TRACK_AUDIO] = -1;
    p->newest_ms = -1;
}

void packager_hear(struct packager *p, int64_t now_ms)
{
    packager_schedule_hear(&p->epoch.schedule, now_ms);
}

void packager_tick(struct packager *p, int64_t now_ms)
{
    if (now_ms >= packager_deadline_ms(p))
        packager_inbox_put(&p->inbox,
                           &(struct arrival){.type = ARRIVAL_TICK, .now_ms = now_ms});
}

int64_t packager_deadline_ms(const struct packager *p)
{
    return p->publication.ended ? INT64_MAX : packager_epoch_deadline_ms(&p->epoch);
}

void packager_set_ranges(struct packager *p, const struct marker_range *ranges,
                         size_t n_ranges)
{
    packager_publication_set_ranges(&p->publication, ranges, n_ranges);
}

/* Arrivals in their order. */

static bool was_anything_made(const struct packager *p)
{
    return p->config.first_msn > 1 ||
           segment_window_count(&p->renditions[TRACK_VIDEO].window) > 0 ||
           segment_window_count(&p->renditions[TRACK_AUDIO].window) > 0;
}

/* A rendition that joins later goes on where the others are. */
static void align(struct packager *p, struct rendition *joining)
{
    const struct rendition *other = &p->renditions[joining->kind == TRACK_VIDEO];
    if (joining->exists || !other->exists)
        return;
    joining->open.msn = other->open.msn;
    segment_window_finish(&joining->window);
    segment_window_init(&joining->window,
                        segment_window_last_discontinuity(&other->window));
}

static void enter_epoch(struct packager *p, struct arrival *arrival)
{
    bool has_video = arrival->media[TRACK_VIDEO].track != NULL;
    enum track_kind leads = has_video ? TRACK_VIDEO : TRACK_AUDIO;
    enum track_kind follows = has_video ? TRACK_AUDIO : TRACK_VIDEO;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct rendition *rendition = &p->renditions[kind];
        if (arrival->media[kind].track)
            align(p, rendition);
        packager_rendition_enter(rendition, &arrival->media[kind], kind == (int)leads);
    }
    struct rendition *follower = &p->renditions[follows];
    p->epoch.leader = &p->renditions[leads];
    packager_epoch_begin(&p->epoch, &p->renditions[leads],
                         follower->exists ? follower : NULL, was_anything_made(p),
                         arrival->now_ms);
}

/* False: the arrival waits until what runs is drained. */
static bool take_arrival(struct packager *p, struct arrival *arrival)
{
    p->now_ms = arrival->now_ms;
    if (arrival->type == ARRIVAL_PACKET) {
        p->publication.ended = false;
        packager_epoch_push(&p->epoch, &arrival->packet, arrival->now_ms);
        return true;
    }
    if (arrival->type == ARRIVAL_TICK) {
        packager_epoch_tick(&p->epoch, arrival->now_ms);
        return true;
    }
    if (arrival->type == ARRIVAL_RESUME) {
        packager_epoch_resume(&p->epoch);
        return true;
    }
    if (arrival->type == ARRIVAL_BEGIN)
        packager_epoch_restart(&p->epoch);
    packager_epoch_drain(&p->epoch);
    if (p->epoch.state != EPOCH_NONE)
        return false;
    if (arrival->type == ARRIVAL_BEGIN) {
        enter_epoch(p, arrival);
        return true;
    }
    p->publication.ended = true;
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        p->renditions[kind].dirty = p->renditions[kind].exists;
    return true;
}

/* Out. */

static void publish(struct packager *p)
{
    bool any = false;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct rendition *rendition = &p->renditions[kind];
        const struct rendition *other = &p->renditions[kind == TRACK_VIDEO];
        if (!rendition->dirty || !p->epoch.show_started)
            continue;
        rendition->dirty = false;
        packager_publication_render(&p->publication, &p->epoch, rendition, other,
                                    p->now_ms);
        p->updated[kind] = true;
        any = true;
    }
    if (any)
        packager_publication_announce(&p->publication, &p->epoch);
}

static bool tell_update(struct packager *p, struct packager_event *ret_event)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        if (!p->updated[kind])
            continue;
        p->updated[kind] = false;
        *ret_event = (struct packager_event){.type = PACKAGER_UPDATED,
                                             .rendition = (enum track_kind)kind};
        return true;
    }
    return false;
}

static void tell_part(struct packager *p, struct packager_event *ret_event)
{
    const struct rendition *leader = p->epoch.leader;
    *ret_event = (struct packager_event){
        .type = PACKAGER_PART_DUE,
        .rendition = leader->kind,
        .part = {.start = packager_rendition_from_ticks(leader, leader->part_start),
                 .end = packager_rendition_from_ticks(leader, leader->pos),
                 .independent = leader->part_key,
                 .opens_segment = leader->open.n_parts == 0,
                 .after_gap = leader->after_gap,
                 .carries_markers = true},
    };
    p->due = true;
}

static bool tell_gap(struct packager *p, struct packager_event *ret_event)
{
    struct rendition *leader = p->epoch.leader;
    if (!leader || !leader->gap.is_new)
        return false;
    leader->gap.is_new = false;
    *ret_event = (struct packager_event){
        .type = PACKAGER_GAP,
        .rendition = leader->kind,
        .part = {.start = packager_rendition_from_ticks(leader, leader->gap.start),
                 .end = packager_rendition_from_ticks(leader, leader->gap.end),
                 .opens_segment = leader->gap.opens_segment},
    };
    return true;
}

bool packager_next(struct packager *p, struct packager_event *ret_event)
{
    require(!p->due);
    for (;;) {
        if (packager_findings_next(&p->findings, ret_event) ||
            tell_update(p, ret_event))
            return true;
        enum rendition_step step = packager_epoch_step(&p->epoch);
        if (step == RENDITION_PART_DUE) {
            tell_part(p, ret_event);
            return true;
        }
        if (tell_gap(p, ret_event))
            return true;
        struct arrival *arrival = packager_inbox_peek(&p->inbox);
        if (step == RENDITION_WORKED)
            continue;
        if (!arrival) {
            publish(p);
            return tell_update(p, ret_event) ||
                   packager_findings_next(&p->findings, ret_event);
        }
        if (take_arrival(p, arrival))
            packager_inbox_drop(&p->inbox);
    }
}

void packager_finish_part(struct packager *p, const struct marker *markers,
                          size_t n_markers)
{
    require(p->due);
    p->due = false;
    struct builder prefix;
    builder_init(&prefix, MARKERS_MAX);
    for (size_t i = 0; i < n_markers; i++)
        builder_put(&prefix, buf_bytes(markers[i].box));
    struct bytes boxes = bytes_make(NULL, 0);
    if (n_markers > 0 && !builder_failed(&prefix))
        boxes = builder_bytes(&prefix);
    packager_rendition_finish_part(p->epoch.leader, boxes);
    builder_finish(&prefix);
}

/* What is known now. */

struct snapshot *packager_snapshot(const struct packager *p, enum track_kind kind)
{
    return hls_snapshot_ref(packager_publication_get(&p->publication, kind));
}

struct buf *packager_multivariant(const struct packager *p)
{
    return buf_ref(p->publication.multivariant);
}

struct packager_constants packager_get_constants(const struct packager *p)
{
    return p->constants;
}

/* The rendition that is ahead: an MSN of which a part was made is used. */
static const struct rendition *foremost(const struct packager *p)
{
    return p->epoch.leader ? p->epoch.leader : &p->renditions[TRACK_VIDEO];
}

uint64_t packager_next_msn(const struct packager *p)
{
    const struct rendition *rendition = foremost(p);
    return rendition->open.msn + (rendition->open.n_parts > 0 ? 1 : 0);
}

uint64_t packager_next_discontinuity(const struct packager *p)
{
    const struct rendition *rendition = foremost(p);
    bool open = rendition->open.n_parts > 0 && rendition->open.discontinuity;
    return segment_window_last_discontinuity(&rendition->window) + (open ? 1 : 0);
}

int64_t packager_open_time(const struct packager *p)
{
    return packager_epoch_open_time(&p->epoch);
}

int64_t packager_newest_time(const struct packager *p)
{
    return packager_epoch_newest_time(&p->epoch);
}
