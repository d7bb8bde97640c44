/* The packager with whatever a publisher could make it do: packets of any times in any
 * order, epochs with any tracks, silences, others that go on, ends at any moment. The input is a list of operations of
 * three bytes. What it publishes must hold together by itself: parts cover their
 * segments, segments follow each other, labels add up. */
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"
#include "packager/packager.h"
#include "tests/unit/packager/shelf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPERATION_SIZE = 3, OPERATIONS_MAX = 600 };

struct run {
    struct packager *packager;
    struct track *tracks[TRACK_KINDS];
    int64_t dts[RENDITIONS_MAX];
    unsigned n_epochs;
    int64_t now_ms;
};

static void check_segment(const struct segment *segment,
                          const struct snapshot *snapshot)
{
    int64_t end = segment->start;
    int64_t label_ms = 0;
    for (uint32_t i = 0; i < segment->n_parts; i++) {
        const struct part *part = segment->parts[i];
        require(part->start == end && part->duration >= 0);
        require(part->label_ms >= 0);
        require(!part->data || part->label_ms <= (int64_t)snapshot->part_target_ms);
        end += part->duration;
        label_ms += part->label_ms;
    }
    require(segment->n_parts > 0 && end == segment->start + segment->duration);
    require(label_ms == segment->label_ms);
}

static void check_snapshot(const struct snapshot *snapshot)
{
    require(snapshot && snapshot->playlist);
    for (size_t i = 0; i < snapshot->n_segments; i++) {
        const struct segment *segment = snapshot->segments[i];
        check_segment(segment, snapshot);
        if (i == 0)
            continue;
        const struct segment *before = snapshot->segments[i - 1];
        require(segment->msn == before->msn + 1);
        require(segment->wall_ms >= before->wall_ms + before->label_ms);
        if (segment->discontinuity)
            continue;
        /* What is shorter than a label can tell may be left out. */
        require(segment->start >= before->start + before->duration);
        require(segment->wall_ms == before->wall_ms + before->label_ms);
    }
    require(snapshot->ended == (snapshot->next_epoch == NULL));
}

static void pull(struct run *run)
{
    struct packager_event event;
    while (packager_next(run->packager, &event)) {
        if (event.type == PACKAGER_PART_DUE) {
            packager_finish_part(run->packager, NULL, 0);
        } else if (event.type == PACKAGER_UPDATED) {
            struct snapshot *snapshot =
                packager_snapshot(run->packager, event.rendition);
            check_snapshot(snapshot);
            hls_snapshot_unref(snapshot);
        }
    }
}

static void begin(struct run *run, uint8_t tracks)
{
    char token[] = {'e', (char)('a' + run->n_epochs / 26 % 26),
                    (char)('a' + run->n_epochs % 26), 0};
    run->n_epochs++;
    struct packager_track list[RENDITIONS_MAX] = {{0}};
    size_t n = 0;
    for (unsigned i = 0; i <= (tracks >> 2 & 3U); i++)
        for (int kind = 0; kind < TRACK_KINDS; kind++)
            if (tracks >> kind & 1)
                list[n++].track = run->tracks[kind];
    if (tracks & 128 && packager_continues(run->packager, list, n))
        packager_resume(run->packager, run->now_ms);
    else
        (void)packager_begin(run->packager, token, list, n, run->now_ms, NULL);
}

/* Nothing comes for up to 12 s. */
static void wait(struct run *run, uint8_t value)
{
    int64_t until_ms = run->now_ms + value * 50;
    pull(run);
    while (packager_deadline_ms(run->packager) <= until_ms) {
        int64_t deadline_ms = packager_deadline_ms(run->packager);
        run->now_ms = deadline_ms > run->now_ms ? deadline_ms : run->now_ms;
        packager_tick(run->packager, run->now_ms);
        pull(run);
        require(packager_deadline_ms(run->packager) > run->now_ms);
    }
    run->now_ms = until_ms;
}

/* Steps of a quarter of a frame, of frames, of a fifth of a second, of two seconds. */
static int64_t step_of(enum track_kind kind, uint8_t value)
{
    static const int64_t video[] = {750, 3000, 18000, 180000};
    static const int64_t audio[] = {256, 1024, 8820, 88200};
    const int64_t *steps = kind == TRACK_VIDEO ? video : audio;
    return steps[value >> 6] * ((value & 15) + 1) - ((value & 16) ? 90 : 0);
}

static void push(struct run *run, enum track_kind kind, uint8_t index,
                 const uint8_t operation[2])
{
    static const uint8_t payload[] = {0, 0, 0, 2, 0x65, 0x88};
    int64_t *dts = &run->dts[media_rendition_id_make(kind, index)];
    *dts += operation[0] == 255 ? -90000 : step_of(kind, operation[0]);
    struct packet packet = {
        .kind = kind,
        .index = index,
        .dts = *dts,
        .pts = *dts + (kind == TRACK_VIDEO ? (operation[1] >> 2) * 900 - 9000 : 0),
        .key = (operation[1] & 3) == 0,
        .data = buf_static(bytes_make(payload, sizeof payload)),
    };
    (void)packager_push(run->packager, &packet, run->now_ms, NULL);
}

static void operate(struct run *run, const uint8_t operation[OPERATION_SIZE])
{
    run->now_ms += operation[0] >> 3;
    switch (operation[0] & 7) {
    case 0:
        begin(run, operation[1]);
        break;
    case 1:
        if (operation[1] < 32)
            packager_end(run->packager, run->now_ms);
        else
            wait(run, operation[2]);
        break;
    case 2:
        push(run, TRACK_AUDIO, 0, operation + 1);
        break;
    case 3:
        push(run, TRACK_AUDIO, operation[2] & 3, operation + 1);
        break;
    case 4:
        push(run, TRACK_VIDEO, operation[2] >> 6, operation + 1);
        break;
    default:
        push(run, TRACK_VIDEO, 0, operation + 1);
        break;
    }
    if (!(operation[0] & 8))
        pull(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < OPERATION_SIZE)
        return 0;
    struct run run = {0};
    for (unsigned id = 0; id < RENDITIONS_MAX; id++)
        run.dts[id] = id % TRACK_KINDS == TRACK_VIDEO ? 900000 : 441000;
    run.tracks[TRACK_VIDEO] = shelf_track(TRACK_VIDEO);
    run.tracks[TRACK_AUDIO] = shelf_track(TRACK_AUDIO);
    run.packager = packager_create(&(struct packager_config){
        .part_ms = 200 + data[0] % 4 * 267U,
        .segment_ms = 1000 + data[1] % 10 * 1000U,
        .window_ms = 4000 + data[2] % 16 * 4000U,
        .first_msn = 1 + data[0] / 128,
    });
    begin(&run, 3);
    size_t n = size / OPERATION_SIZE;
    for (size_t i = 1; i < n && i < OPERATIONS_MAX; i++)
        operate(&run, data + i * OPERATION_SIZE);
    pull(&run);
    packager_destroy(run.packager);
    media_track_unref(run.tracks[TRACK_VIDEO]);
    media_track_unref(run.tracks[TRACK_AUDIO]);
    return 0;
}
