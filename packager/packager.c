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
    struct rendition *renditions[RENDITIONS_MAX]; /* by id; NULL: there never was one */
    struct epoch epoch;
    struct publication publication;
    bool due;                       /* PACKAGER_PART_DUE waits for its answer */
    bool updated[RENDITIONS_MAX];   /* to be told */
    bool has_track[RENDITIONS_MAX]; /* of the newest epoch that was begun */
    uint32_t timescales[RENDITIONS_MAX];
    int64_t last_dts[RENDITIONS_MAX];
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
    packager_epoch_init(&p->epoch, &p->config, &p->constants);
    return p;
}

void packager_destroy(struct packager *p)
{
    if (!p)
        return;
    packager_inbox_finish(&p->inbox);
    packager_publication_finish(&p->publication);
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        if (p->renditions[id])
            packager_rendition_finish(p->renditions[id]);
        alloc_free(p->renditions[id]);
    }
    alloc_free(p);
}

/* In. */

static int make_media(struct packager *p, const char *token, unsigned id,
                      const struct packager_track *track,
                      struct rendition_media *ret_media, struct err *err)
{
    const struct rendition *rendition = p->renditions[id];
    uint32_t sequence = rendition ? rendition->n_fragments + 1 : 1;
    int result = mux_fmp4_create(track->track, sequence, &ret_media->fmp4, err);
    if (result < 0)
        return result;
    struct buf *init = mux_fmp4_init(ret_media->fmp4);
    ret_media->track = media_track_ref(track->track);
    ret_media->epoch = segment_part_epoch_create(token, id, track->track, init);
    memcpy(ret_media->language, track->language, sizeof ret_media->language);
    memcpy(ret_media->name, track->name, sizeof ret_media->name);
    buf_unref(init);
    return 0;
}

static bool is_token(const char *token)
{
    size_t len = strlen(token);
    return len > 0 && len < SEGMENT_EPOCH_MAX &&
           strspn(token, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

/* Attribute values cannot have quotes or line breaks (rfc8216bis 4.2). */
static bool is_quotable(const char *text, size_t max)
{
    size_t len = strnlen(text, max);
    if (len == max || !bytes_is_utf8(bytes_make(text, len)))
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] == '"' || (unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/* Which rendition each track is; an error when there are too many. */
static int number_tracks(const struct packager_track *tracks, size_t n_tracks,
                         unsigned ret_ids[RENDITIONS_MAX], struct err *err)
{
    unsigned n[TRACK_KINDS] = {0};
    if (n_tracks == 0)
        return err_set(err, ERR_INVALID, "no track");
    for (size_t i = 0; i < n_tracks; i++) {
        enum track_kind kind = tracks[i].track->kind;
        if (n[kind] == RENDITIONS_PER_KIND)
            return err_set(err, ERR_LIMIT, "more than %d tracks of a kind",
                           RENDITIONS_PER_KIND);
        if (!is_quotable(tracks[i].language, sizeof tracks[i].language) ||
            !is_quotable(tracks[i].name, sizeof tracks[i].name))
            return err_set(err, ERR_INVALID, "a track's name is not plain text");
        ret_ids[i] = media_rendition_id_make(kind, n[kind]++);
    }
    return 0;
}

static void note_tracks(struct packager *p, const struct rendition_media *media)
{
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        p->has_track[id] = media[id].track != NULL;
        p->last_dts[id] = -1;
        if (media[id].track)
            p->timescales[id] = media[id].track->timescale;
    }
    p->newest_ms = -1;
}

int packager_begin(struct packager *p, const char *token,
                   const struct packager_track *tracks, size_t n_tracks, int64_t now_ms,
                   struct err *err)
{
    unsigned ids[RENDITIONS_MAX];
    int result = number_tracks(tracks, n_tracks, ids, err);
    if (result < 0)
        return result;
    if (!is_token(token))
        return err_set(err, ERR_INVALID, "bad epoch token");
    struct arrival arrival = {.type = ARRIVAL_BEGIN, .now_ms = now_ms};
    arrival.media = alloc_array(RENDITIONS_MAX, sizeof *arrival.media);
    for (size_t i = 0; i < n_tracks && result == 0; i++)
        result = make_media(p, token, ids[i], &tracks[i], &arrival.media[ids[i]], err);
    if (result < 0) {
        packager_inbox_discard(&arrival);
        return result;
    }
    note_tracks(p, arrival.media);
    packager_inbox_put(&p->inbox, &arrival);
    return 0;
}

static unsigned id_of(const struct packet *packet)
{
    return media_rendition_id_make(packet->kind, packet->index);
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
    unsigned id = id_of(packet);
    uint32_t timescale = p->timescales[id];
    int64_t reorder_max = (int64_t)timescale * REORDER_MAX_MS / 1000;
    if (packet->dts < 0 || packet->dts > (int64_t)timescale * TIME_MAX_S)
        return err_set(err, ERR_MEDIA, "decode time off the axis");
    if (packet->dts <= p->last_dts[id])
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
    static const struct packet_queue none;
    const struct rendition *rendition = p->renditions[id_of(packet)];
    const struct packet_queue *queue = rendition ? &rendition->queue : &none;
    return !packager_inbox_is_full(&p->inbox) &&
           packager_packet_queue_count(queue) < RENDITION_QUEUE_MAX &&
           packager_packet_queue_bytes(queue) + buf_bytes(packet->data).len <=
               RENDITION_QUEUE_BYTES_MAX;
}

static int check_packet(const struct packager *p, const struct packet *packet,
                        struct err *err)
{
    if (packet->index >= RENDITIONS_PER_KIND || !p->has_track[id_of(packet)])
        return err_set(err, ERR_MEDIA, "packet of a track that was not announced");
    if (buf_bytes(packet->data).len == 0)
        return err_set(err, ERR_MEDIA, "empty packet");
    if (!has_room(p, packet))
        return err_set(err, ERR_MEDIA, "too many packets wait");
    return check_time(p, packet, err);
}

static void note_packet(struct packager *p, const struct packet *packet)
{
    unsigned id = id_of(packet);
    int64_t ms = media_packet_rescale(packet->dts, p->timescales[id], 1000);
    p->last_dts[id] = packet->dts;
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
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        p->has_track[id] = false;
}

static bool is_same_track(const struct packager *p, unsigned id,
                          const struct track *track)
{
    const struct rendition *rendition = p->renditions[id];
    return p->has_track[id] && rendition && rendition->epoch &&
           media_track_equal(rendition->epoch->track, track);
}

bool packager_continues(const struct packager *p, const struct packager_track *tracks,
                        size_t n_tracks)
{
    unsigned ids[RENDITIONS_MAX];
    size_t n = 0;
    if (p->epoch.state == EPOCH_NONE || p->epoch.state == EPOCH_DRAINING ||
        number_tracks(tracks, n_tracks, ids, NULL) < 0)
        return false;
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        n += p->has_track[id];
    for (size_t i = 0; i < n_tracks; i++)
        if (!is_same_track(p, ids[i], tracks[i].track))
            return false;
    return n == n_tracks;
}

void packager_resume(struct packager *p, int64_t now_ms)
{
    packager_inbox_put(&p->inbox,
                       &(struct arrival){.type = ARRIVAL_RESUME, .now_ms = now_ms});
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        p->last_dts[id] = -1;
    p->newest_ms = -1;
}

void packager_hear(struct packager *p, int64_t now_ms)
{
    packager_schedule_hear(&p->epoch.schedule, now_ms);
}

void packager_set_connected(struct packager *p, bool connected)
{
    p->epoch.connected = connected;
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
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        if (p->renditions[id] && segment_window_count(&p->renditions[id]->window) > 0)
            return true;
    return p->config.first_msn > 1;
}

/* One that joins later goes on where the others are. */
static struct rendition *make_rendition(struct packager *p, unsigned id)
{
    const struct rendition *other = p->epoch.leader;
    struct rendition *joining = alloc_zero(sizeof *joining);
    uint64_t msn = other ? other->open.msn : p->config.first_msn;
    uint64_t discontinuity = other ? segment_window_last_discontinuity(&other->window)
                                   : p->config.first_discontinuity;
    packager_rendition_init(joining, id, &p->findings, msn, discontinuity);
    return joining;
}

static void enter_epoch(struct packager *p, struct arrival *arrival)
{
    struct rendition *leader = NULL;
    struct rendition *followers[RENDITIONS_MAX];
    size_t n_followers = 0;
    bool was_made = was_anything_made(p);
    bool has_video = arrival->media[TRACK_VIDEO].track;
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        if (!p->renditions[id] && arrival->media[id].track)
            p->renditions[id] = make_rendition(p, id);
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        struct rendition *rendition = p->renditions[id];
        if (!rendition)
            continue;
        bool leads = id == (has_video ? TRACK_VIDEO : TRACK_AUDIO);
        packager_rendition_enter(rendition, &arrival->media[id], leads);
        if (leads)
            leader = rendition;
        else
            followers[n_followers++] = rendition;
    }
    packager_epoch_begin(&p->epoch, leader, followers, n_followers, was_made,
                         arrival->now_ms);
    alloc_free(arrival->media);
    arrival->media = NULL;
}

/* False: the arrival waits until what runs is drained. */
static bool take_arrival(struct packager *p, struct arrival *arrival)
{
    p->now_ms = arrival->now_ms;
    if (arrival->type == ARRIVAL_PACKET) {
        p->publication.ended = false;
        packager_epoch_push(&p->epoch, p->renditions[id_of(&arrival->packet)],
                            &arrival->packet, arrival->now_ms);
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
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        if (p->renditions[id])
            p->renditions[id]->dirty = true;
    return true;
}

/* Out. */

static void publish(struct packager *p)
{
    bool any = false;
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        struct rendition *rendition = p->renditions[id];
        if (!rendition || !rendition->dirty || !p->epoch.show_started)
            continue;
        rendition->dirty = false;
        packager_publication_render(&p->publication, &p->epoch, rendition, p->now_ms);
        p->updated[id] = true;
        any = true;
    }
    if (any)
        packager_publication_announce(&p->publication, &p->epoch);
}

static bool tell_update(struct packager *p, struct packager_event *ret_event)
{
    for (unsigned id = 0; id < RENDITIONS_MAX; id++) {
        if (!p->updated[id])
            continue;
        p->updated[id] = false;
        *ret_event = (struct packager_event){.type = PACKAGER_UPDATED, .rendition = id};
        return true;
    }
    return false;
}

static void tell_part(struct packager *p, struct packager_event *ret_event)
{
    const struct rendition *leader = p->epoch.leader;
    *ret_event = (struct packager_event){
        .type = PACKAGER_PART_DUE,
        .rendition = leader->id,
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
        .rendition = leader->id,
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
    packager_epoch_finish_part(&p->epoch, boxes);
    builder_finish(&prefix);
}

/* What is known now. */

struct snapshot *packager_snapshot(const struct packager *p, unsigned rendition)
{
    require(rendition < RENDITIONS_MAX);
    return hls_snapshot_ref(packager_publication_get(&p->publication, rendition));
}

struct buf *packager_multivariant(const struct packager *p)
{
    return buf_ref(p->publication.multivariant);
}

struct packager_constants packager_get_constants(const struct packager *p)
{
    return p->constants;
}

/* Of the leader, which is ahead: an MSN of which a part was made is used. */
uint64_t packager_next_msn(const struct packager *p)
{
    const struct rendition *leader = p->epoch.leader;
    if (!leader)
        return p->config.first_msn;
    return leader->open.msn + (leader->open.n_parts > 0 ? 1 : 0);
}

uint64_t packager_next_discontinuity(const struct packager *p)
{
    const struct rendition *leader = p->epoch.leader;
    if (!leader)
        return p->config.first_discontinuity;
    bool open = leader->open.n_parts > 0 && leader->open.discontinuity;
    return segment_window_last_discontinuity(&leader->window) + (open ? 1 : 0);
}

int64_t packager_open_time(const struct packager *p)
{
    return packager_epoch_open_time(&p->epoch);
}

int64_t packager_newest_time(const struct packager *p)
{
    return packager_epoch_newest_time(&p->epoch);
}
