/* A publisher's events through an ingest into a packager: tracks that come, change, are
 * several and end, in any order. Input: events, each of a type, a codec, a track, a step of
 * the stamp in two bytes, the length of its data in two bytes, and the data. */
#include "server/show/ingest.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    OP_METADATA,
    OP_VIDEO_CONFIG,
    OP_VIDEO,
    OP_AUDIO_CONFIG,
    OP_AUDIO,
    OP_COLOR,
    OP_TRACK_END,
    OPS,

    TRACKS = 6, /* two more than there are places for */
    PARTS_MAX = 2000,
};

struct run {
    struct packager *packager;
    struct show_ingest *ingest;
    uint32_t stamp_ms;
    size_t n_parts;
};

static void pull(struct run *run)
{
    struct packager_event event;
    while (packager_next(run->packager, &event)) {
        if (event.type != PACKAGER_PART_DUE)
            continue;
        run->n_parts++;
        packager_finish_part(run->packager, NULL, 0);
    }
}

static struct rtmp_event media_event(unsigned op, uint8_t codec, uint8_t track_id,
                                     uint32_t stamp_ms, struct buf *data)
{
    static const enum rtmp_event_type types[] = {
        [OP_VIDEO_CONFIG] = RTMP_EVENT_VIDEO_CONFIG,
        [OP_VIDEO] = RTMP_EVENT_VIDEO,
        [OP_AUDIO_CONFIG] = RTMP_EVENT_AUDIO_CONFIG,
        [OP_AUDIO] = RTMP_EVENT_AUDIO,
    };
    return (struct rtmp_event){
        .type = types[op],
        .media = {.codec = codec % (RTMP_CODEC_OTHER + 1),
                  .codec_id = codec,
                  .track_id = track_id,
                  .stamp_ms = stamp_ms,
                  .data = data},
    };
}

static struct rtmp_event other_event(unsigned op, uint8_t track_id, struct bytes data)
{
    struct be_reader r = be_reader_of(data);
    if (op == OP_COLOR)
        return (struct rtmp_event){.type = RTMP_EVENT_VIDEO_COLOR,
                                   .color = {.track_id = track_id,
                                             .primaries = be_read_u8(&r),
                                             .transfer = be_read_u8(&r),
                                             .matrix = be_read_u8(&r),
                                             .has_cll = be_read_u8(&r) & 1,
                                             .max_cll = be_read_u16(&r)}};
    if (op == OP_TRACK_END)
        return (struct rtmp_event){
            .type = RTMP_EVENT_TRACK_END,
            .track_end = {.is_video = be_read_u8(&r) & 1, .track_id = track_id}};
    struct rtmp_event event = {.type = RTMP_EVENT_METADATA};
    uint8_t flags = be_read_u8(&r);
    event.metadata.has_video = flags & 1;
    event.metadata.has_audio = flags & 2;
    event.metadata.n_video_tracks = be_read_u8(&r) % (RTMP_METADATA_TRACKS_MAX + 1);
    event.metadata.n_audio_tracks = be_read_u8(&r) % (RTMP_METADATA_TRACKS_MAX + 1);
    for (uint8_t i = 0; i < event.metadata.n_audio_tracks; i++)
        event.metadata.audio_tracks[i] =
            (struct rtmp_metadata_track){.track_id = i, .language = "de"};
    return event;
}

static void one(struct run *run, struct be_reader *in)
{
    unsigned op = be_read_u8(in) % OPS;
    uint8_t codec = be_read_u8(in);
    uint8_t track_id = be_read_u8(in) % TRACKS;
    run->stamp_ms += (uint32_t)(int16_t)be_read_u16(in);
    struct bytes data = be_read_bytes(in, be_read_u16(in));
    if (in->failed)
        return;
    struct buf *buf = buf_copy(data);
    struct rtmp_event event = op >= OP_VIDEO_CONFIG && op <= OP_AUDIO
                                  ? media_event(op, codec, track_id, run->stamp_ms, buf)
                                  : other_event(op, track_id, data);
    (void)show_ingest_event(run->ingest, &event, run->stamp_ms, NULL);
    pull(run);
    buf_unref(buf);
}

static void check_tracks(const struct run *run)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        const struct track *track =
            show_ingest_track(run->ingest, (enum track_kind)kind);
        require(!track || track->kind == (enum track_kind)kind);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct packager_config config = {.part_ms = 334,
                                           .segment_ms = 1000,
                                           .window_ms = 16000,
                                           .first_msn = 1,
                                           .constants.wall_anchor_ms = 1795000000000};
    struct run run = {.packager = packager_create(&config)};
    run.ingest = show_ingest_create(run.packager, 10000);
    struct be_reader in = be_reader_of(bytes_make(data, size));
    while (in.rest.len > 0 && !in.failed && run.n_parts < PARTS_MAX)
        one(&run, &in);
    check_tracks(&run);
    packager_end(run.packager, run.stamp_ms);
    pull(&run);
    show_ingest_destroy(run.ingest);
    packager_destroy(run.packager);
    return 0;
}
