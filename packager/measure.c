#include "packager/measure.h"

#include "core/alloc.h"
#include "packager/media/marker.h"

enum {
    TICKS_PER_MS = MARKER_TIMESCALE / 1000,
    MEASURE_MS = 1000,    /* at least, when a constant is to be measured */
    START_EXTRA_MS = 500, /* the first playlist waits so long past a segment */
};

static struct cadence sound_cadence(const struct rendition *rendition)
{
    const struct track *track = rendition->epoch->track;
    return (struct cadence){track->sample_rate, track->frame_samples};
}

static void measure_cadence(struct epoch *epoch)
{
    struct rendition *leader = epoch->leader;
    if (leader->kind == TRACK_AUDIO) {
        epoch->cadence = sound_cadence(leader);
        return;
    }
    size_t n = packager_packet_queue_count(&leader->queue);
    int64_t *starts = alloc_array(n + 1, sizeof *starts);
    for (size_t i = 0; i < n; i++)
        (void)packager_rendition_waiting(leader, i, &starts[i]);
    if (!segment_cadence_measure(starts, n, leader->timescale, &epoch->cadence))
        epoch->cadence = (struct cadence){30, 1};
    alloc_free(starts);
}

/* Of the sound that has the longest frames. NULL: none follows. */
static const struct cadence *follower_cadence(const struct epoch *epoch,
                                              struct cadence *ret_sound)
{
    const struct cadence *found = NULL;
    for (size_t i = 0; i < epoch->n_followers; i++) {
        const struct rendition *r = epoch->followers[i];
        if (!r->fmp4 || r->kind != TRACK_AUDIO)
            continue;
        struct cadence sound = sound_cadence(r);
        if (found && found->num * sound.den <= sound.num * found->den)
            continue;
        *ret_sound = sound;
        found = ret_sound;
    }
    return found;
}

/* The first key frame at or after the wanted length, when they come as the first two did;
 * 0: they have not been seen. */
static int64_t expected_segment_ms(const struct epoch *epoch)
{
    if (epoch->leader->kind == TRACK_AUDIO || epoch->second_key == EPOCH_NO_KEY)
        return 0;
    int64_t interval_ms = (epoch->second_key - epoch->start) / TICKS_PER_MS;
    int64_t half_frame_ms = (int64_t)(500 * epoch->cadence.den / epoch->cadence.num);
    int64_t wanted_ms = (int64_t)epoch->config->segment_ms - half_frame_ms;
    return interval_ms > 0 ? (wanted_ms + interval_ms - 1) / interval_ms * interval_ms
                           : 0;
}

static void measure_constants(struct epoch *epoch)
{
    struct packager_constants *constants = epoch->constants;
    struct cadence sound;
    if (constants->part_target_ms == 0)
        constants->part_target_ms = segment_cadence_part_target(
            epoch->config->part_ms, epoch->cadence, follower_cadence(epoch, &sound),
            expected_segment_ms(epoch));
    if (constants->target_duration_s > 0)
        return;
    int64_t key_interval_ms = 0;
    if (epoch->leader->kind == TRACK_AUDIO)
        key_interval_ms = epoch->config->segment_ms;
    else if (epoch->second_key != EPOCH_NO_KEY)
        key_interval_ms = (epoch->second_key - epoch->start) / TICKS_PER_MS;
    constants->target_duration_s =
        segment_cadence_target_duration(epoch->config->segment_ms, key_interval_ms);
}

void packager_measure(struct epoch *epoch)
{
    measure_cadence(epoch);
    measure_constants(epoch);
}

/* By how much a follower's segment may end later than the leader's. */
static uint32_t follower_frame_ms(const struct epoch *epoch)
{
    struct cadence sound;
    const struct cadence *longest = follower_cadence(epoch, &sound);
    return longest ? (uint32_t)(1000 / (longest->num / longest->den)) + 1 : 0;
}

struct rendition_start packager_measure_start_of(const struct epoch *epoch,
                                                 const struct rendition *rendition,
                                                 int64_t start)
{
    struct cadence sound;
    uint32_t limit_ms = epoch->constants->part_target_ms;
    uint32_t part_ms = limit_ms;
    if (rendition == epoch->leader)
        part_ms = segment_cadence_leader_part(part_ms, follower_cadence(epoch, &sound));
    return (struct rendition_start){
        .start = start,
        .boundary = epoch->start,
        .discontinuity = epoch->discontinuity,
        .wall_anchor_ms = epoch->constants->wall_anchor_ms,
        .cutter = {.part_target_ms = part_ms,
                   .part_limit_ms = limit_ms,
                   .segment_ms = epoch->config->segment_ms,
                   .target_duration_s = epoch->constants->target_duration_s,
                   .margin_ms = follower_frame_ms(epoch)},
    };
}

bool packager_measure_is_done(const struct epoch *epoch)
{
    const struct packager_config *config = epoch->config;
    const struct rendition *leader = epoch->leader;
    int64_t newest =
        packager_rendition_from_ticks(leader, leader->newest + leader->shift);
    int64_t elapsed_ms = (newest - epoch->start) / TICKS_PER_MS;
    if (packager_packet_queue_count(&leader->queue) + 1 >= PACKAGER_START_PACKETS)
        return true;
    if (elapsed_ms < MEASURE_MS)
        return false;
    return leader->kind == TRACK_AUDIO || epoch->second_key != EPOCH_NO_KEY ||
           elapsed_ms >= config->segment_ms + START_EXTRA_MS;
}

void packager_measure_second_key(struct epoch *epoch, const struct packet *packet)
{
    if (epoch->second_key == EPOCH_NO_KEY && packet->kind == TRACK_VIDEO && packet->key)
        epoch->second_key = packager_rendition_from_ticks(
            epoch->leader, packet->dts + epoch->leader->shift);
}

void packager_measure_meanwhile(struct epoch *epoch, const struct packet *packet)
{
    if (epoch->leader->kind == TRACK_AUDIO) {
        epoch->cadence = sound_cadence(epoch->leader);
        return;
    }
    epoch->starts[epoch->n_starts++] = packet->dts;
    if (epoch->n_starts == EPOCH_STARTS_MAX &&
        !segment_cadence_measure(epoch->starts, epoch->n_starts,
                                 epoch->leader->timescale, &epoch->cadence))
        epoch->n_starts = 0;
}
